"""Benchmark of the simulation against pymatgen's `XRDCalculator`: speed and differences."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from xrdsym.common.errors import UsageError, XrdsymError
from xrdsym.common.progress import progress_bar
from xrdsym.crystal.structure_table import count_structures, read_structures, to_pymatgen
from xrdsym.diffraction.kernel import CUTOFF
from xrdsym.diffraction.peaks import TWO_THETA_RANGE, SimulationError, SkipReason, simulate_peaks
from xrdsym.diffraction.scattering import wavelength

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from numpy.typing import NDArray
    from pymatgen.analysis.diffraction.xrd import XRDCalculator
    from tqdm import tqdm

    from xrdsym.crystal.structure_table import CrystalStructure

    Pattern = tuple[NDArray[np.float64], NDArray[np.float64]]

RADIATION = "CuKa"
SUMMED_WITHIN = 3e-5
"""Degrees: closer peaks are summed, because rounding can put equal reflections on either side of a bin's edge."""
CUTOFF_MARGIN = 1e-6
"""Relative to the strongest peak: peaks this close to the cut-off are left out, as rounding decides on them."""

TURN = 50
"""Structures that one program simulates before the other one does."""


@dataclass(frozen=True)
class Difference:
    """The difference of two patterns.

    Attributes:
        position: Largest distance between matched peaks, degrees.
        intensity: Largest difference between matched peaks or intensity of an unmatched one, relative to the strongest.
        unmatched: Number of unmatched peaks of both patterns.
    """

    position: float
    intensity: float
    unmatched: int


def benchmark_simulate(structures_path: Path, count: int) -> dict[str, Any]:
    """Simulate structures of a table with both programs in turns.

    The times do not include compilation, reading the table and creating pymatgen's objects. The caller must limit
    numpy to one thread.

    Args:
        structures_path: A structure table.
        count: Number of structures, evenly spaced over the table.

    Returns:
        `count`, `ratio`, `per_second`, `reference_per_second`, `max_position_difference` (degrees),
        `max_intensity_difference` (relative to the strongest peak) and `unmatched` (peaks). Structures that neither
        program can simulate, or whose cell is too large, are not counted.

    Raises:
        UsageError: `count` is not positive.
        XrdsymError: The table cannot be read, or none of its structures can be simulated.
    """
    from pymatgen.analysis.diffraction.xrd import XRDCalculator

    calculator = XRDCalculator(RADIATION)
    structures = evenly_spaced(structures_path, count)
    _own_patterns(structures[:1])  # compiles
    own_seconds = reference_seconds = 0.0
    differences: list[Difference] = []
    nothing = np.empty(0), np.empty(0)
    bar: tqdm[Any]
    with progress_bar(total=len(structures), description="simulate", unit="structure") as bar:
        # the programs take turns, so that a change in the load of the machine affects both
        for first in range(0, len(structures), TURN):
            turn = structures[first : first + TURN]
            own_patterns, seconds = _own_patterns(turn)
            own_seconds += seconds
            # pymatgen would exhaust the memory on a cell that this project rejects as too large
            compared = [(one, own) for one, own in zip(turn, own_patterns, strict=True) if not _too_large(own)]
            reference_patterns, seconds = _reference_patterns([one for one, _ in compared], calculator)
            reference_seconds += seconds
            for (_, result), reference in zip(compared, reference_patterns, strict=True):
                own = None if isinstance(result, SimulationError) else result
                if own is not None or reference is not None:
                    differences.append(difference(own or nothing, reference or nothing))
            bar.update(len(turn))
    if not differences:
        msg = f"{structures_path}: none of the {len(structures)} structures can be simulated; check the table"
        raise XrdsymError(msg)
    return {
        "count": len(differences),
        "ratio": reference_seconds / own_seconds,
        "per_second": len(differences) / own_seconds,
        "reference_per_second": len(differences) / reference_seconds,
        "max_position_difference": max(one.position for one in differences),
        "max_intensity_difference": max(one.intensity for one in differences),
        "unmatched": sum(one.unmatched for one in differences),
    }


def evenly_spaced(structures_path: Path, count: int) -> list[CrystalStructure]:
    """Read `count` structures evenly spaced over a table, including the first and the last; all if it has fewer.

    Raises:
        UsageError: `count` is not positive.
        XrdsymError: The table cannot be read or is empty.
    """
    if count < 1:
        msg = f"count {count}: expected at least one structure"
        raise UsageError(msg)
    total = count_structures(structures_path)
    if total == 0:
        msg = f"{structures_path} has no structures"
        raise XrdsymError(msg)
    wanted = set(np.linspace(0, total - 1, min(count, total)).round().astype(int).tolist())
    return [one for row, one in enumerate(read_structures(structures_path)) if row in wanted]


def difference(own: Pattern, reference: Pattern) -> Difference:
    """Compare two patterns peak by peak.

    In both patterns, peaks near the cut-off are left out and peaks closer than `SUMMED_WITHIN` are summed at their mean
    position, weighted by intensity. Two peaks match if each is the nearest one to the other.

    Args:
        own: 2θ, float64 (n,), degrees, ascending, and intensity, float64 (n,), relative to the strongest peak.
        reference: The pattern of the other program in the same form.
    """
    own_x, own_y = _comparable(own)
    reference_x, reference_y = _comparable(reference)
    own_rows, reference_rows = _matches(own_x, reference_x)
    unmatched = np.concatenate([np.delete(own_y, own_rows), np.delete(reference_y, reference_rows)])
    matched = np.abs(own_y[own_rows] - reference_y[reference_rows])
    return Difference(
        position=float(np.abs(own_x[own_rows] - reference_x[reference_rows]).max(initial=0.0)),
        intensity=float(np.concatenate([matched, unmatched]).max(initial=0.0)),
        unmatched=len(unmatched),
    )


def _comparable(pattern: Pattern) -> Pattern:
    """A pattern without peaks near the cut-off, and with close peaks summed."""
    two_theta, intensity = pattern
    clear = np.abs(intensity - CUTOFF) > CUTOFF_MARGIN
    two_theta, intensity = two_theta[clear], intensity[clear]
    if len(two_theta) == 0:
        return two_theta, intensity
    firsts = np.flatnonzero(np.diff(two_theta, prepend=-np.inf) >= SUMMED_WITHIN)
    summed = np.add.reduceat(intensity, firsts)
    return np.add.reduceat(two_theta * intensity, firsts) / summed, summed


def _matches(own: NDArray[np.float64], reference: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Indices of the pairs that are nearest to each other and closer than half of `SUMMED_WITHIN`."""
    if len(own) == 0 or len(reference) == 0:
        return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp)
    there, back = _nearest(own, reference), _nearest(reference, own)
    mutual = back[there] == np.arange(len(own))
    own_rows = np.flatnonzero(mutual & (np.abs(own - reference[there]) < SUMMED_WITHIN / 2))
    return own_rows, there[own_rows]


def _nearest(values: NDArray[np.float64], among: NDArray[np.float64]) -> NDArray[np.intp]:
    """The index of the element of `among`, ascending and not empty, that is nearest to each value."""
    after = np.searchsorted(among, values).clip(0, len(among) - 1)
    before = np.maximum(after - 1, 0)
    return np.asarray(np.where(values - among[before] <= among[after] - values, before, after))


def _too_large(result: Pattern | SimulationError) -> bool:
    return isinstance(result, SimulationError) and result.reason == SkipReason.TOO_LARGE


def _own_patterns(structures: list[CrystalStructure]) -> tuple[list[Pattern | SimulationError], float]:
    """This project's patterns or the errors instead, and the time they took in seconds."""
    angstroms = wavelength(RADIATION)
    patterns: list[Pattern | SimulationError] = []
    start = perf_counter()
    for structure in structures:
        try:
            peaks = simulate_peaks(structure, angstroms, TWO_THETA_RANGE)
        except SimulationError as error:
            patterns.append(error)
        else:
            patterns.append((peaks.two_theta, peaks.intensity))
    return patterns, perf_counter() - start


def _reference_patterns(
    structures: list[CrystalStructure], calculator: XRDCalculator
) -> tuple[list[Pattern | None], float]:
    """Pymatgen's patterns, None for errors, and the time they took in seconds."""
    patterns: list[Pattern | None] = []
    seconds = 0.0
    for structure in structures:
        try:
            with warnings.catch_warnings(action="ignore"):
                cell = to_pymatgen(structure)
                start = perf_counter()
                pattern = calculator.get_pattern(cell, two_theta_range=TWO_THETA_RANGE)
                seconds += perf_counter() - start
        except (ValueError, ArithmeticError, IndexError, np.linalg.LinAlgError):
            patterns.append(None)
        else:
            patterns.append((np.asarray(pattern.x), np.asarray(pattern.y) / 100))
    return patterns, seconds
