"""Compiled: the structure factor of every reflection, from form factors and occupancies."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from xrdsym.diffraction.form_factors import SUMS, form_factors

if TYPE_CHECKING:
    from numpy.typing import NDArray

SITE_BLOCK = 256
"""Sites of one element whose phases are tabulated at once; this bounds memory and keeps the table in the cache."""


class Sites(NamedTuple):
    """The content of a cell, sorted by element.

    Attributes:
        frac_coords: Fractional coordinates of each entry, float64 (n, 3).
        shares: Occupancy of each entry, float64 (n,).
        starts: First entry of each element, and n at the end, int64 (elements + 1,).
        parameters: Form factor parameters of each element: Z, the four aᵢ and the four bᵢ, float64 (elements, 9).
    """

    frac_coords: NDArray[np.float64]
    shares: NDArray[np.float64]
    starts: NDArray[np.int64]
    parameters: NDArray[np.float64]


@njit(cache=True, nogil=True, error_model="numpy")
def structure_factors(
    columns: NDArray[np.int64], squared: NDArray[np.float64], order: NDArray[np.intp], sites: Sites
) -> NDArray[np.float64]:
    """Real and imaginary part of the structure factor of every reflection.

    Args:
        columns: The reflections as `reflections.half_space_columns` returns them, int64 (columns, 5).
        squared: |g|² of each reflection, float64 (reflections,), Å⁻².
        order: The order of the axes as `reflections.cell_frame` returns it, intp (3,).
        sites: The content of the cell.

    Returns:
        float64 (2, reflections), electrons.
    """
    coords = np.ascontiguousarray(sites.frac_coords[:, order])
    amplitudes = np.zeros((2, len(squared)))
    for element in range(len(sites.parameters)):
        factors = form_factors(squared, sites.parameters[element])
        for first in range(sites.starts[element], sites.starts[element + 1], SITE_BLOCK):
            end = min(first + SITE_BLOCK, sites.starts[element + 1])
            _add_sites(columns, coords[first:end], sites.shares[first:end], factors, amplitudes)
    return amplitudes


@njit(cache=True, nogil=True, error_model="numpy", fastmath=SUMS)
def _add_sites(
    columns: NDArray[np.int64],
    positions: NDArray[np.float64],
    shares: NDArray[np.float64],
    factors: NDArray[np.float64],
    amplitudes: NDArray[np.float64],
) -> None:
    """Add sites of one element to the structure factors `amplitudes`, float64 (2, reflections), in place.

    The same four sums give the reflections l and −l of a column.
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
            # each step loses one unit in the last place: 1e-14 after a hundred
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
