"""Compiled: the peaks of a structure, merged from its reflections.

The peaks are those of pymatgen's `XRDCalculator` (M. De Graef and M. E. McHenry, Structure of Materials, chapters 11
and 12): structure factors from atomic form factors and occupancies, the Lorentz-polarisation factor, reflections in
one bin of `TWO_THETA_BIN` merged, and peaks up to `CUTOFF` of the strongest left out.

All functions release the interpreter lock, so structures can be simulated in parallel threads.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from xrdsym.diffraction.reflections import cell_frame, half_space_columns, squared_lengths
from xrdsym.diffraction.sample import apply_sample
from xrdsym.diffraction.structure_factors import structure_factors

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from xrdsym.diffraction.sample import Sample
    from xrdsym.diffraction.structure_factors import Sites

TWO_THETA_BIN = 1e-5
"""Width in degrees of the bins in which reflections are merged; they are centred on its multiples."""
CUTOFF = 1e-5
"""Peaks up to this share of the strongest peak are left out."""


@njit(cache=True, nogil=True, error_model="numpy")
def powder_peaks(
    lattice: NDArray[np.float64], sites: Sites, wavelength: float, g_range: tuple[float, float]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The peaks of an ideal powder.

    Args:
        lattice: Lattice vectors as rows, float64 (3, 3), Å; any shape and handedness, but with a volume.
        sites: The content of the cell.
        wavelength: Å.
        g_range: Smallest and largest |g| = 2 sin θ / λ, Å⁻¹.

    Returns:
        two_theta: float64 (peaks,), degrees, ascending.
        intensity: float64 (peaks,), relative to the strongest peak.
        Both are empty if no reflection lies in the range, or if all intensities are zero.
    """
    order, rows = cell_frame(lattice)
    columns = half_space_columns(rows, g_range[1])
    if len(columns) == 0:
        return np.empty(0), np.empty(0)
    squared = squared_lengths(rows, columns)
    amplitudes = structure_factors(columns, squared, order, sites)
    two_theta, height = _peaks_in_range(squared, amplitudes, wavelength, g_range)
    return two_theta, height


@njit(cache=True, nogil=True, error_model="numpy")
def sample_peaks(
    lattice: NDArray[np.float64], sites: Sites, wavelength: float, g_range: tuple[float, float], sample: Sample
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The peaks of a sample with vibrating atoms and preferred orientation.

    Both change reflections, not peaks, so they are applied before reflections are merged.

    Args:
        lattice: As for `powder_peaks`; the indices of `sample.direction` refer to its reciprocal lattice.
        sites: As for `powder_peaks`.
        wavelength: Å.
        g_range: As for `powder_peaks`.
        sample: Vibration of the atoms and preferred orientation.

    Returns:
        As for `powder_peaks`.
    """
    order, rows = cell_frame(lattice)
    columns = half_space_columns(rows, g_range[1])
    if len(columns) == 0:
        return np.empty(0), np.empty(0)
    squared = squared_lengths(rows, columns)
    amplitudes = structure_factors(columns, squared, order, sites)
    apply_sample(amplitudes, rows, columns, order, sample)
    two_theta, height = _peaks_in_range(squared, amplitudes, wavelength, g_range)
    return two_theta, height


@njit(cache=True, nogil=True, error_model="numpy")
def _peaks_in_range(
    squared: NDArray[np.float64], amplitudes: NDArray[np.float64], wavelength: float, g_range: tuple[float, float]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Peaks from structure factors; `squared` is overwritten."""
    count = 0
    intensity = np.empty(len(squared))
    for i in range(len(squared)):
        g = math.sqrt(squared[i])
        sine2 = 0.25 * wavelength * wavelength * squared[i]
        if g_range[0] <= g <= g_range[1] and sine2 < 1.0:
            lorentz = (1.0 + (1.0 - 2.0 * sine2) ** 2) / (sine2 * math.sqrt(1.0 - sine2))
            intensity[count] = lorentz * (amplitudes[0, i] ** 2 + amplitudes[1, i] ** 2)
            squared[count] = squared[i]
            count += 1
    two_theta, height = _merge(squared[:count], intensity[:count], wavelength)
    return two_theta, height


@njit(cache=True, nogil=True, error_model="numpy")
def _merge(
    squared: NDArray[np.float64], intensity: NDArray[np.float64], wavelength: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Peaks from reflections: each bin is one peak at its smallest 2θ; weak peaks are left out."""
    packed = np.empty(len(squared), dtype=np.int64)
    two_theta = np.empty(len(squared))
    for i in range(len(squared)):
        two_theta[i] = math.degrees(2.0 * math.asin(0.5 * wavelength * math.sqrt(squared[i])))
        packed[i] = (np.int64(np.rint(two_theta[i] / TWO_THETA_BIN)) << 32) | i
    packed.sort()
    positions = np.empty(len(squared))
    heights = np.empty(len(squared))
    peak = -1
    previous = np.int64(-1)
    for entry in packed:
        reflection = entry & 0xFFFFFFFF
        if entry >> 32 == previous:
            heights[peak] += intensity[reflection]
            positions[peak] = min(positions[peak], two_theta[reflection])
        else:
            previous = entry >> 32
            peak += 1
            heights[peak] = intensity[reflection]
            positions[peak] = two_theta[reflection]
    heights = heights[: peak + 1]
    if len(heights) == 0 or not heights.max() > 0.0:
        return np.empty(0), np.empty(0)
    heights = heights / heights.max()
    kept = heights > CUTOFF
    return positions[: peak + 1][kept], heights[kept]
