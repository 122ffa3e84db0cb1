"""Write corundum.csv, a made-up scan of corundum: what a diffractometer could have counted for corundum.cif.

Run it with `python examples/make_scan.py`. The same file comes out each time.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from pymatgen.core import Structure

import xrdsym

FOLDER = Path(__file__).parent
WIDTH = 0.12
"""Full width at half maximum of every peak, in degrees 2θ."""


def main() -> None:
    """Simulate the peaks, broaden them, add a background and count."""
    peaks, heights = xrdsym.simulate(Structure.from_file(FOLDER / "corundum.cif"), radiation="CuKa")
    two_theta = np.round(np.arange(5, 90.005, 0.02), 2)
    distance = two_theta[:, None] - peaks[None, :]
    lorentzians = 1 / (1 + (2 * distance / WIDTH) ** 2)
    expected = 4000 * (lorentzians @ heights) / heights.max() + 60 + 240 * np.exp(-two_theta / 18)
    counts = np.random.default_rng(0).poisson(expected)
    rows = "\n".join(f"{angle:.2f},{count}" for angle, count in zip(two_theta, counts, strict=True))
    (FOLDER / "corundum.csv").write_text(f"# a made-up scan of corundum, by make_scan.py\n{rows}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
