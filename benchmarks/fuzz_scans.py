"""Targets of fuzzing: scans, measured patterns in `.npz` files, wavelengths."""

from __future__ import annotations

import hashlib
import io
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from fuzz_target import Broken, Target

from xrdsym.common.errors import MaterialError


def _rows(separator: str = " ", count: int = 80) -> str:
    angles = 10 + 0.5 * np.arange(count)
    counts = np.round(50 + 900 * np.exp(-((angles - 30) ** 2)))
    return "\n".join(f"{angle:.2f}{separator}{height:g}" for angle, height in zip(angles, counts, strict=True))


def _scan_seeds() -> list[bytes]:
    texts = (
        f"# wavelength 1.5406\n{_rows()}\n",
        f"Angle,Intensity\n{_rows(',')}\n",
        _rows(";").replace(".", ","),
        f"# Wavelength: 1.0332e-10 m\n# q_nm^-1 I\n{_rows()}\n",
        f"# CuKa\n# d (Å) I sigma\n{_rows()}".replace("\n", " 3\n"),
        ",two_theta,intensity\n" + "\n".join(f"{i},{row}" for i, row in enumerate(_rows(",").split("\n"))),
        "_FILEVERSION=2\n_WL_UNIT='A'\n_WL1=1.540600\n_ANODE='Cu'\n_COUNTS\n" + _rows("\t"),
        "\n".join(f'"{row}"' for row in _rows('","').split("\n")),
        "2-THETA INTENSITY D-SPACING H K L\n" + "\n".join(f"{row} 3.1 1 0 2" for row in _rows().split("\n")),
        "10.0000 9000\n10.1000 9500\n10.200010228\n10.3000 9700\n" + _rows(),
    )
    return [text.encode() for text in texts]


def _read_scan(path: Path) -> None:
    """Read a scan, by its own words or, for every second input, as the call says; then put it on a model's grid."""
    from xrdsym.diffraction.profile_grid import ProfileGrid
    from xrdsym.measured.axis import Axis
    from xrdsym.measured.preprocessing import scan_on_grid
    from xrdsym.measured.scan_files import read_scan

    choice = int.from_bytes(hashlib.sha256(path.read_bytes()).digest()[:4])
    axis = (None, *Axis)[choice // 2 % (len(Axis) + 1)]
    try:
        scan = read_scan(path, 1.5406, axis) if choice % 2 else read_scan(path)
    except MaterialError as error:
        if str(path) not in str(error):
            msg = f"the file is not named: {error}"
            raise Broken(msg) from error
        raise
    if not ((np.diff(scan.two_theta) > 0).all() and np.isfinite(scan.intensity).all() and scan.intensity.min() >= 0):
        msg = "the scan is not ascending, finite and positive"
        raise Broken(msg)
    wavelength = 1.5 if scan.wavelength is None else scan.wavelength
    if not np.isfinite(scan_on_grid(scan, ProfileGrid(5.0, 90.0, 0.1), wavelength, 1.54184)).all():
        msg = "the profile is not finite"
        raise Broken(msg)


ANGLES = np.arange(10, 40, 0.5)
PATTERNS: dict[str, Any] = {
    "two_theta": ANGLES,
    "intensity": np.ones((2, len(ANGLES))),
    "crystal_system": np.array(["cubic"] * 2),
    "space_group": np.array([225, 1]),
    "wavelength": np.array(1.54),
}


def _npz_seeds() -> list[bytes]:
    plain, packed = io.BytesIO(), io.BytesIO()
    np.savez(plain, **PATTERNS)
    np.savez_compressed(packed, **PATTERNS)
    return [plain.getvalue(), packed.getvalue()]


def _read_npz(path: Path) -> None:
    from xrdsym.measured.scan import Scan
    from xrdsym.scoring.measured_npz import read_patterns

    arrays, wavelength = read_patterns(path, "crystal_system", None)
    for row in arrays["intensity"]:
        Scan(arrays["two_theta"], row, wavelength, path.name, wavelength_known=True)


def _array_seeds() -> list[bytes]:
    """Each array of `PATTERNS` as a file of its own, behind its place among them."""
    seeds = []
    for place, values in enumerate(PATTERNS.values()):
        stream = io.BytesIO()
        np.save(stream, values)
        seeds.append(bytes([place]) + stream.getvalue())
    return seeds


def _read_array(path: Path) -> None:
    """Read patterns of which one array is damaged; the checksums of the file are right."""
    content = path.read_bytes()
    damaged = [*PATTERNS][content[0] % len(PATTERNS)] if content else "two_theta"
    with tempfile.TemporaryDirectory(prefix="xrdsym-fuzz-") as folder:
        whole = Path(folder) / "whole.npz"
        np.savez(whole, **{name: values for name, values in PATTERNS.items() if name != damaged})
        with zipfile.ZipFile(whole, "a") as file:
            file.writestr(f"{damaged}.npy", content[1:])
        _read_npz(whole)


def _read_wavelength(path: Path) -> None:
    """Read what a person gives as a wavelength or a radiation."""
    from xrdsym.measured.wavelength import WAVELENGTH_RANGE, measured_wavelength

    value = measured_wavelength(path.read_text(encoding="utf-8", errors="surrogateescape"))
    if not WAVELENGTH_RANGE[0] <= value <= WAVELENGTH_RANGE[1]:
        msg = f"a wavelength of {value} Å"
        raise Broken(msg)


def _wavelength_seeds() -> list[bytes]:
    texts = ("1.5406", "CuKa", "Cu Kα1", "0.15406 nm", "1.0332e-10 m", "154.06pm", "1.54 x 10^-10 m", "mo", "1,5406 Å")
    return [text.encode() for text in texts]


SCAN_TARGETS = {
    "scan": Target(_scan_seeds, ".xy", _read_scan),
    "npz": Target(_npz_seeds, ".npz", _read_npz),
    "npz-array": Target(_array_seeds, ".bin", _read_array),
    "wavelength": Target(_wavelength_seeds, ".txt", _read_wavelength),
}
