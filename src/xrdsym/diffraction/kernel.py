"""Compiled: every reflection of a structure in a shell of reciprocal space, merged into peaks.

The peaks are those of pymatgen's `XRDCalculator` (M. De Graef and M. E. McHenry, Structure of Materials,
chapters 11 and 12): structure factors from the atomic form factors and occupancies, the Lorentz-polarisation
factor, reflections of one bin of `TWO_THETA_BIN` merged, and peaks up to `CUTOFF` of the strongest left out.

All functions release the interpreter lock, so structures are simulated side by side in threads.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from xrdsym.diffraction.form_factors import SUMS, form_factors
from xrdsym.diffraction.sample import weigh

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from xrdsym.diffraction.sample import Sample

TWO_THETA_BIN = 1e-5
"""Width in degrees of the bins in which reflections are merged; they are centred on its multiples."""
CUTOFF = 1e-5
"""Share of the strongest peak that a peak has to exceed."""
SITE_BLOCK = 256
"""Sites of one element whose phases are tabulated at once: bounds memory and stays in the cache."""
EDGE = 1e-9  # wider index ranges than rounding needs; the exact test on |g| follows


class Sites(NamedTuple):
    """What fills a cell, the entries of one element together.

    Attributes:
        frac_coords: Fractional coordinates of each entry, float64 (n, 3).
        shares: Its occupancy, float64 (n,).
        starts: First entry of each element, and n at the end, int64 (elements + 1,).
        parameters: Form factor parameters of each element: Z, the four aᵢ and the four bᵢ, float64 (elements, 9).
    """

    frac_coords: NDArray[np.float64]
    shares: NDArray[np.float64]
    starts: NDArray[np.int64]
    parameters: NDArray[np.float64]


@njit(cache=True, nogil=True, error_model="numpy")
def cell_frame(lattice: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """The cell in a frame in which its matrix is triangular, its shortest vector first.

    With rows r, the vector g of the reflection (h, k, l) follows by forward substitution: g₀ = h / r₀₀,
    g₁ = (k − r₁₀ g₀) / r₁₁, g₂ = (l − r₂₀ g₀ − r₂₁ g₁) / r₂₂, whatever the shape of the cell.

    Args:
        lattice: Lattice vectors as rows, float64 (3, 3), Å.

    Returns:
        The order of the axes (3,) and the lower triangle float64 (3, 3), Å, its diagonal not negative.
    """
    order = np.argsort((lattice * lattice).sum(axis=1))
    a, b, c = lattice[order[0]], lattice[order[1]], lattice[order[2]]
    rows = np.zeros((3, 3))
    rows[0, 0] = math.sqrt((a * a).sum())
    first = a / rows[0, 0]
    rows[1, 0] = (b * first).sum()
    second = b - rows[1, 0] * first
    rows[1, 1] = math.sqrt((second * second).sum())
    second = second / rows[1, 1]
    rows[2, 0] = (c * first).sum()
    rows[2, 1] = (c * second).sum()
    third = c - rows[2, 0] * first - rows[2, 1] * second
    rows[2, 2] = math.sqrt((third * third).sum())
    return order, rows


@njit(cache=True, nogil=True, error_model="numpy")
def _columns(rows: NDArray[np.float64], g_max: float) -> NDArray[np.int64]:
    """The half space of reflections as columns along l: int64 (columns, 5) of h, k, first l, end of l, offset.

    Friedel's law makes the other half equal; the origin is left out.
    """
    h_max = math.floor(g_max * rows[0, 0] + EDGE)
    reach = 2 * math.floor(g_max * rows[1, 1] + EDGE) + 3
    columns = np.empty(((h_max + 1) * reach, 5), dtype=np.int64)
    count = 0
    offset = 0
    for h in range(h_max + 1):
        x = h / rows[0, 0]
        k_centre = rows[1, 0] * x
        k_reach = rows[1, 1] * math.sqrt(max(g_max * g_max - x * x, 0.0)) + EDGE
        k_first = 0 if h == 0 else math.ceil(k_centre - k_reach)
        for k in range(k_first, math.floor(k_centre + k_reach) + 1):
            y = (k - rows[1, 0] * x) / rows[1, 1]
            l_centre = rows[2, 0] * x + rows[2, 1] * y
            l_reach = rows[2, 2] * math.sqrt(max(g_max * g_max - x * x - y * y, 0.0)) + EDGE
            l_first = 1 if h == 0 and k == 0 else math.ceil(l_centre - l_reach)
            l_end = math.floor(l_centre + l_reach) + 1
            if l_end > l_first:
                columns[count] = (h, k, l_first, l_end, offset)
                offset += l_end - l_first
                count += 1
    return columns[:count].copy()


@njit(cache=True, nogil=True, error_model="numpy")
def _squared_lengths(rows: NDArray[np.float64], columns: NDArray[np.int64]) -> NDArray[np.float64]:
    """|g|² of every reflection, Å⁻², in the order of the columns."""
    last = columns[len(columns) - 1]
    squared = np.empty(last[4] + last[3] - last[2])
    for column in range(len(columns)):
        h, k, l_first, l_end, offset = columns[column]
        x = h / rows[0, 0]
        y = (k - rows[1, 0] * x) / rows[1, 1]
        l_centre = rows[2, 0] * x + rows[2, 1] * y
        for i in range(l_end - l_first):
            z = (l_first + i - l_centre) / rows[2, 2]
            squared[offset + i] = x * x + y * y + z * z
    return squared


@njit(cache=True, nogil=True, error_model="numpy")
def _phases(
    positions: NDArray[np.float64], shares: NDArray[np.float64], largest: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Real and imaginary part of share · exp(2πi m x) for m = 0 … largest, each float64 (largest + 1, sites)."""
    real = np.empty((largest + 1, len(positions)))
    imaginary = np.empty((largest + 1, len(positions)))
    for site in range(len(positions)):
        angle = 2.0 * math.pi * (positions[site] - math.floor(positions[site]))
        step_real, step_imaginary = math.cos(angle), math.sin(angle)
        real[0, site] = shares[site]
        imaginary[0, site] = 0.0
        for m in range(largest):
            # a rotation by one step loses one unit in the last place: 1e-14 after a hundred
            real[m + 1, site] = real[m, site] * step_real - imaginary[m, site] * step_imaginary
            imaginary[m + 1, site] = real[m, site] * step_imaginary + imaginary[m, site] * step_real
    return real, imaginary


@njit(cache=True, nogil=True, error_model="numpy")
def _largest_indices(columns: NDArray[np.int64]) -> tuple[int, int, int]:
    """The largest |h|, |k| and |l|."""
    h, k, l_ = 0, 0, 0
    for column in range(len(columns)):
        h = max(h, columns[column, 0])
        k = max(k, abs(columns[column, 1]))
        l_ = max(l_, abs(columns[column, 2]), abs(columns[column, 3] - 1))
    return h, k, l_


@njit(cache=True, nogil=True, error_model="numpy", fastmath=SUMS)
def _add_sites(
    columns: NDArray[np.int64],
    positions: NDArray[np.float64],
    shares: NDArray[np.float64],
    factors: NDArray[np.float64],
    amplitudes: NDArray[np.float64],
) -> None:
    """Add sites of one element to the structure factors `amplitudes`, float64 (2, reflections).

    One set of four sums serves the reflections l and −l of a column.
    """
    sites = len(positions)
    largest = _largest_indices(columns)
    ones = np.ones(sites)
    h_real, h_imaginary = _phases(positions[:, 0], shares, largest[0])
    k_real, k_imaginary = _phases(positions[:, 1], ones, largest[1])
    l_real, l_imaginary = _phases(positions[:, 2], ones, largest[2])
    real = np.empty(sites)
    imaginary = np.empty(sites)
    for column in range(len(columns)):
        h, k, l_first, l_end, offset = columns[column]
        sign = 1.0 if k >= 0 else -1.0
        k = abs(k)
        for j in range(sites):
            turned = sign * k_imaginary[k, j]
            real[j] = h_real[h, j] * k_real[k, j] - h_imaginary[h, j] * turned
            imaginary[j] = h_real[h, j] * turned + h_imaginary[h, j] * k_real[k, j]
        l_last = l_end - 1
        start = 0 if l_first <= 0 <= l_last else min(abs(l_first), abs(l_last))
        for m in range(start, max(abs(l_first), abs(l_last)) + 1):
            rc, is_, rs, ic = 0.0, 0.0, 0.0, 0.0
            for j in range(sites):
                rc += real[j] * l_real[m, j]
                is_ += imaginary[j] * l_imaginary[m, j]
                rs += real[j] * l_imaginary[m, j]
                ic += imaginary[j] * l_real[m, j]
            if l_first <= m <= l_last:
                i = offset + m - l_first
                amplitudes[0, i] += factors[i] * (rc - is_)
                amplitudes[1, i] += factors[i] * (rs + ic)
            if m > 0 and l_first <= -m <= l_last:
                i = offset - m - l_first
                amplitudes[0, i] += factors[i] * (rc + is_)
                amplitudes[1, i] += factors[i] * (ic - rs)


@njit(cache=True, nogil=True, error_model="numpy")
def _merge(
    squared: NDArray[np.float64], intensity: NDArray[np.float64], wavelength: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Peaks from reflections: bins summed, each at its smallest 2θ, the weak ones left out."""
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


@njit(cache=True, nogil=True, error_model="numpy")
def _amplitudes(
    columns: NDArray[np.int64], squared: NDArray[np.float64], order: NDArray[np.intp], sites: Sites
) -> NDArray[np.float64]:
    """Real and imaginary part of the structure factor of every reflection, float64 (2, reflections)."""
    coords = np.ascontiguousarray(sites.frac_coords[:, order])
    amplitudes = np.zeros((2, len(squared)))
    for element in range(len(sites.parameters)):
        factors = form_factors(squared, sites.parameters[element])
        for first in range(sites.starts[element], sites.starts[element + 1], SITE_BLOCK):
            end = min(first + SITE_BLOCK, sites.starts[element + 1])
            _add_sites(columns, coords[first:end], sites.shares[first:end], factors, amplitudes)
    return amplitudes


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
def powder_peaks(
    lattice: NDArray[np.float64], sites: Sites, wavelength: float, g_range: tuple[float, float]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The peaks of a powder.

    Args:
        lattice: Lattice vectors as rows, float64 (3, 3), Å; any shape and handedness, not flat.
        sites: What fills the cell.
        wavelength: Å.
        g_range: Smallest and largest |g| = 2 sin θ / λ, Å⁻¹.

    Returns:
        two_theta: float64 (peaks,), degrees, ascending.
        intensity: float64 (peaks,), relative to the strongest.
        Both are empty where no reflection lies in the range or none has any intensity.
    """
    order, rows = cell_frame(lattice)
    columns = _columns(rows, g_range[1])
    if len(columns) == 0:
        return np.empty(0), np.empty(0)
    squared = _squared_lengths(rows, columns)
    amplitudes = _amplitudes(columns, squared, order, sites)
    two_theta, height = _peaks_in_range(squared, amplitudes, wavelength, g_range)
    return two_theta, height


@njit(cache=True, nogil=True, error_model="numpy")
def sample_peaks(
    lattice: NDArray[np.float64], sites: Sites, wavelength: float, g_range: tuple[float, float], sample: Sample
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The peaks of a sample whose atoms move and whose crystals prefer a direction; see `powder_peaks`.

    W. A. Dollase, J. Appl. Cryst. 19, 267 (1986) has the weights; the indices of a reflection stay in here.

    Args:
        lattice: As for `powder_peaks`; the indices of `sample.direction` are those of its reciprocal lattice.
        sites: As for `powder_peaks`.
        wavelength: Å.
        g_range: As for `powder_peaks`.
        sample: What weighs the reflections.

    Returns:
        As `powder_peaks`.
    """
    order, rows = cell_frame(lattice)
    columns = _columns(rows, g_range[1])
    if len(columns) == 0:
        return np.empty(0), np.empty(0)
    squared = _squared_lengths(rows, columns)
    amplitudes = _amplitudes(columns, squared, order, sites)
    weigh(amplitudes, rows, columns, order, sample)
    two_theta, height = _peaks_in_range(squared, amplitudes, wavelength, g_range)
    return two_theta, height
