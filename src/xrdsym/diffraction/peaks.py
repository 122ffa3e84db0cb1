"""Simulate the peaks of structures; a structure without peaks gives an error with a reason."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xrdsym.common.errors import MaterialError, UsageError
from xrdsym.common.parallel import core_count
from xrdsym.crystal.structure_table import CrystalStructure, from_pymatgen
from xrdsym.diffraction import scattering
from xrdsym.diffraction.kernel import powder_peaks, sample_peaks
from xrdsym.diffraction.reflections import cell_frame
from xrdsym.diffraction.structure_factors import Sites

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pymatgen.core import Structure

    from xrdsym.diffraction.sample import Sample

TWO_THETA_RANGE = (0.0, 90.0)
"""Default of the smallest and largest 2θ, degrees."""
WHOLE_RANGE = (0.0, 180.0)
"""All that any wavelength reaches, degrees."""

# Limits on one structure: the slowest one within them takes some seconds and half a GiB.
MAX_INDEX = 10_000  # of a reflection
MAX_REFLECTIONS = 4_000_000
MAX_PHASES = 4e10  # reflections times sites
FLAT = 1e-9  # volume of a cell over the product of its edges


class SkipReason(StrEnum):
    """Why a structure has no peaks."""

    EMPTY = "empty"
    NOT_FINITE = "not_finite"
    ZERO_VOLUME = "zero_volume"
    TOO_LARGE = "too_large"
    NO_SCATTERING_FACTORS = "no_scattering_factors"
    NO_REFLECTION_IN_RANGE = "no_reflection_in_range"


class SimulationError(MaterialError):
    """A structure cannot be simulated; the reason is one of `SkipReason`."""


@dataclass(frozen=True, eq=False)
class Peaks:
    """The peaks of one structure.

    Attributes:
        two_theta: float64 (peaks,), degrees, ascending.
        intensity: float64 (peaks,), relative to the strongest peak, which is 1. The values are rounded to float32,
            the precision of the peaks table, so that simulated and stored peaks are equal.
    """

    two_theta: NDArray[np.float64]
    intensity: NDArray[np.float64]


def simulate_peaks(
    structure: CrystalStructure,
    wavelength: float,
    two_theta_range: tuple[float, float] = TWO_THETA_RANGE,
    sample: Sample | None = None,
) -> Peaks:
    """Simulate the powder peaks of a structure; they equal those of pymatgen's `XRDCalculator`.

    Args:
        structure: Any cell; positions outside the cell are allowed.
        wavelength: Å.
        two_theta_range: Smallest and largest 2θ, degrees, both included.
        sample: Vibration of the atoms and preferred orientation; None for an ideal powder at rest.

    Raises:
        SimulationError: The structure has no peaks; the message names it and the reason is one of `SkipReason`.
        UsageError: The range or the wavelength is invalid.
    """
    g_range = _g_range(wavelength, two_theta_range)
    _check_numbers(structure)
    _check_cell(structure, g_range[1])
    lattice = np.ascontiguousarray(structure.lattice, dtype=np.float64)
    if sample is None:
        two_theta, intensity = powder_peaks(lattice, _sites(structure), float(wavelength), g_range)
    else:
        two_theta, intensity = sample_peaks(lattice, _sites(structure), float(wavelength), g_range, sample)
    if len(two_theta) == 0:
        raise SimulationError(
            SkipReason.NO_REFLECTION_IN_RANGE,
            f"{structure.material_id}: no reflection from {two_theta_range[0]:g} to {two_theta_range[1]:g} degrees "
            f"at {wavelength:g} Å; widen the 2θ range or use a shorter wavelength",
        )
    return Peaks(two_theta, intensity.astype(np.float32).astype(np.float64))


def simulate(
    structure: CrystalStructure | Structure,
    radiation: str | float = "CuKa",
    two_theta_range: tuple[float, float] | None = TWO_THETA_RANGE,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Simulate the powder peaks of a structure.

    Args:
        structure: A row of the structure table or a pymatgen `Structure`.
        radiation: A name such as `CuKa`, or a wavelength in Å.
        two_theta_range: Smallest and largest 2θ, degrees; None for all that the wavelength reaches, as in pymatgen.

    Returns:
        two_theta: float64 (peaks,), degrees, ascending.
        intensity: float64 (peaks,), relative to the strongest peak, which is 1 (pymatgen's is 100).

    Raises:
        SimulationError: The structure has no peaks.
        UsageError: The radiation is unknown or the range is invalid.
    """
    if not isinstance(structure, CrystalStructure):
        structure = from_pymatgen(structure, structure.composition.reduced_formula)
    wavelength = scattering.wavelength(radiation)
    peaks = simulate_peaks(structure, wavelength, WHOLE_RANGE if two_theta_range is None else two_theta_range)
    return peaks.two_theta, peaks.intensity


def simulate_batch(
    structures: Sequence[CrystalStructure],
    wavelength: float,
    two_theta_range: tuple[float, float] = TWO_THETA_RANGE,
) -> list[Peaks | SimulationError]:
    """Simulate the powder peaks of many structures on all cores.

    Args:
        structures: Structures that fit into memory together with their peaks; some thousands at a time.
        wavelength: Å.
        two_theta_range: Smallest and largest 2θ, degrees.

    Returns:
        For each structure its peaks, or the error that `simulate_peaks` raised.

    Raises:
        UsageError: The range or the wavelength is invalid.
    """
    threads = core_count()

    def share(first: int) -> list[Peaks | SimulationError]:
        return [_peaks_or_error(one, wavelength, two_theta_range) for one in structures[first::threads]]

    results: list[Peaks | SimulationError | None] = [None] * len(structures)
    with ThreadPoolExecutor(threads) as pool:
        for first, part in enumerate(pool.map(share, range(threads))):
            results[first::threads] = part
    return [result for result in results if result is not None]


def _peaks_or_error(
    structure: CrystalStructure, wavelength: float, two_theta_range: tuple[float, float]
) -> Peaks | SimulationError:
    try:
        return simulate_peaks(structure, wavelength, two_theta_range)
    except SimulationError as error:
        return error


def _g_range(wavelength: float, two_theta_range: tuple[float, float]) -> tuple[float, float]:
    """Smallest and largest |g| = 2 sin θ / λ, Å⁻¹."""
    try:
        low, high = map(float, two_theta_range)
    except (TypeError, ValueError) as error:
        msg = f"2θ range {two_theta_range!r:.60}: expected the smallest and the largest 2θ in degrees, such as (0, 90)"
        raise UsageError(msg) from error
    if not 0 <= low < high <= 180:
        msg = f"2θ range {low} to {high} degrees: expected 0 <= smallest < largest <= 180"
        raise UsageError(msg)
    if not (math.isfinite(wavelength) and wavelength > 0):
        msg = f"wavelength {wavelength}: expected a positive number of Å, for example 1.54184"
        raise UsageError(msg)
    return 2 * math.sin(math.radians(low / 2)) / wavelength, 2 * math.sin(math.radians(high / 2)) / wavelength


def _sites(structure: CrystalStructure) -> Sites:
    order = np.argsort(structure.numbers, kind="stable")
    numbers = structure.numbers[order]
    elements = sorted(set(numbers.tolist()))
    starts = [*np.searchsorted(numbers, np.array(elements, dtype=numbers.dtype)), len(numbers)]
    shares = np.ones(len(numbers)) if structure.occupancies is None else structure.occupancies[order]
    return Sites(
        np.ascontiguousarray(structure.frac_coords[order], dtype=np.float64),
        np.ascontiguousarray(shares, dtype=np.float64),
        np.array(starts, dtype=np.int64),
        scattering.form_factor_table(elements),
    )


def _check_numbers(structure: CrystalStructure) -> None:
    name = structure.material_id
    if len(structure.numbers) == 0:
        raise SimulationError(SkipReason.EMPTY, f"{name}: no atoms; check its file")
    values = [structure.lattice, structure.frac_coords]
    if structure.occupancies is not None:
        values.append(structure.occupancies)
    if not all(np.isfinite(value).all() for value in values):
        raise SimulationError(
            SkipReason.NOT_FINITE,
            f"{name}: the lattice, a coordinate or an occupancy is NaN or infinite; correct or remove the entry",
        )
    unknown = scattering.without_parameters(structure.numbers.tolist())
    if unknown:
        raise SimulationError(
            SkipReason.NO_SCATTERING_FACTORS,
            f"{name}: no X-ray scattering factors for atomic number {', '.join(map(str, unknown))}; expected at most "
            "98 (Cf); replace the element or leave the structure out",
        )


def _check_cell(structure: CrystalStructure, g_max: float) -> None:
    """Check that a cell has a volume, and that its simulation takes neither too long nor too much memory."""
    name = structure.material_id
    edges = [math.hypot(*vector) for vector in structure.lattice.tolist()]
    if max(edges) * g_max > MAX_INDEX:
        raise SimulationError(
            SkipReason.TOO_LARGE,
            f"{name}: a cell edge of {max(edges):.4g} Å is longer than {MAX_INDEX / g_max:.4g} Å, the limit at this "
            "wavelength and 2θ range; check the unit of the lattice or leave it out",
        )
    if min(edges) == 0:
        raise SimulationError(SkipReason.ZERO_VOLUME, f"{name}: a lattice vector is zero; correct the cell")
    rows = cell_frame(np.ascontiguousarray(structure.lattice, dtype=np.float64))[1]
    a, b, c = float(rows[0, 0]), float(rows[1, 1]), float(rows[2, 2])
    if not a * b * c > FLAT * math.prod(edges):
        raise SimulationError(
            SkipReason.ZERO_VOLUME, f"{name}: the lattice vectors lie in a plane, so the cell has no volume; correct it"
        )
    reflections = (a * g_max + 1) * (2 * b * g_max + 1) * (2 * c * g_max + 1)
    if reflections > MAX_REFLECTIONS or reflections * len(structure.numbers) > MAX_PHASES:
        raise SimulationError(
            SkipReason.TOO_LARGE,
            f"{name}: a cell of {a * b * c:.4g} Å³ with {len(structure.numbers)} atoms has up to {reflections:.3g} "
            "reflections, too many to simulate; reduce the cell, narrow the 2θ range, or leave it out",
        )
