"""Structures → peaks: 2θ and intensity of every peak of each structure, or the reason why it has none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xrdsym.common.errors import XrdsymError
from xrdsym.common.files import write_json
from xrdsym.common.progress import progress_bar
from xrdsym.common.skips import SkipCounts
from xrdsym.crystal.structure_table import count_structures, read_batches
from xrdsym.diffraction.peaks import SimulationError, simulate_batch
from xrdsym.diffraction.peaks_table import write_peaks
from xrdsym.diffraction.scattering import wavelength

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xrdsym.config.paths import Paths
    from xrdsym.config.schema import Params
    from xrdsym.diffraction.peaks import Peaks


def run(paths: Paths, params: Params) -> None:
    """Write the peaks table and its counts.

    Raises:
        XrdsymError: No structure has a peak.
    """
    length = wavelength(params.peaks.radiation)
    two_theta_range = (0.0, params.peaks.two_theta_max)
    skipped = SkipCounts()
    count = 0

    def rows() -> Iterator[tuple[str, Peaks | SimulationError]]:
        nonlocal count
        total = count_structures(paths.structures)
        with progress_bar(total=total, description="peaks", unit="structure") as bar:
            for structures in read_batches(paths.structures):
                results = simulate_batch(structures, length, two_theta_range)
                for structure, result in zip(structures, results, strict=True):
                    if isinstance(result, SimulationError):
                        skipped.add(structure.material_id, result.reason, str(result))
                    else:
                        count += 1
                    yield structure.material_id, result
                bar.update(len(structures))
        if not count:
            skipped.report()
            msg = f"no structure of {paths.structures} has a peak ({skipped.text()}). Check them, or change `peaks`."
            raise XrdsymError(msg)

    write_peaks(paths.peaks, rows())
    write_json(paths.summary("peaks"), {"count": count, "wavelength": length, "skipped": skipped.summary()})
    skipped.report()
    print(f"peaks: {count} structures, wavelength {length} Å, up to {params.peaks.two_theta_max}°")
