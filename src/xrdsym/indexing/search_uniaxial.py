"""Compiled: the best cubic, tetragonal, hexagonal and rhombohedral cells for the first peaks.

Every form of more than one parameter, here and in `search_biaxial`, is searched in the same way: take candidates for
all parameters but one, find the first peaks that these do not explain, give these peaks small indices that involve the
last parameter, and solve for it. The principle is that of T. Ito, Nature 164, 755 (1949), and P. M. de Wolff, Acta
Cryst. 10, 590 (1957), for zones. No search is exhaustive.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from xrdsym.indexing.candidates import (
    EMPTY_CANDIDATE,
    NO_CELL,
    TOLERANCE,
    BestCell,
    CandidateAxes,
    Q,
    SearchPeaks,
    with_parameter,
)
from xrdsym.indexing.quadratic_forms import CUBIC, CUBIC_SUMS, HEXAGONAL, RHOMBOHEDRAL, TETRAGONAL
from xrdsym.indexing.scoring import better_cell, first_unexplained

if TYPE_CHECKING:
    from numpy.typing import NDArray

TETRAGONAL_PLANE_SUMS = np.array([1.0, 2.0, 4.0, 5.0])
"""Small values of n, the coefficient of g₀."""
HEXAGONAL_PLANE_SUMS = np.array([1.0, 3.0, 4.0, 7.0])
"""The same on hexagonal axes."""
AXIAL_SQUARES = np.array([1.0, 4.0, 9.0, 16.0])
"""Small values of l², the coefficient of g₁."""
FIRST_PEAKS = 4
"""Number of peaks that are given small indices."""
STRONGEST_AXES = 4
"""Number of candidate axes that are tried."""
CUBIC_TRIALS = 24
"""Number of values N that are tried for each of the first peaks of a cubic cell."""


@njit(cache=True, nogil=True, error_model="numpy")
def best_cubic(peaks: SearchPeaks, misfits: NDArray[np.float64]) -> BestCell:
    """The best cubic cell.

    Args:
        peaks: The peaks to explain.
        misfits: Scratch array, overwritten, float64 (n,).
    """
    table = peaks.table
    best: BestCell = NO_CELL
    for i in range(min(FIRST_PEAKS, table.shape[1])):
        for n in CUBIC_SUMS[1 : CUBIC_TRIALS + 1]:
            candidate = with_parameter(EMPTY_CANDIDATE, 0, table[Q, i] / n, table[TOLERANCE, i] / n)
            best = better_cell(CUBIC, candidate, peaks, best, misfits)
    return best


@njit(cache=True, nogil=True, error_model="numpy")
def best_uniaxial(form: int, peaks: SearchPeaks, axes: CandidateAxes, misfits: NDArray[np.float64]) -> BestCell:
    """The best tetragonal, hexagonal or rhombohedral cell.

    Args:
        form: Position in `FORMS` of one of these three.
        peaks: The peaks to explain.
        axes: Candidate squared axes.
        misfits: Scratch array, overwritten, float64 (n,).
    """
    plane = TETRAGONAL_PLANE_SUMS if form == TETRAGONAL else HEXAGONAL_PLANE_SUMS
    from_plane = _solve(form, 0, plane, AXIAL_SQUARES, peaks, axes, NO_CELL, misfits)
    best: BestCell = _solve(form, 1, AXIAL_SQUARES, plane, peaks, axes, from_plane, misfits)
    return best


@njit(cache=True, nogil=True, error_model="numpy")
def _solve(  # noqa: PLR0913, PLR0917 - compiled, a tuple of them costs more
    form: int,
    known: int,
    known_coefficients: NDArray[np.float64],
    unknown_coefficients: NDArray[np.float64],
    peaks: SearchPeaks,
    axes: CandidateAxes,
    best: BestCell,
    misfits: NDArray[np.float64],
) -> BestCell:
    """Take candidates for parameter number `known` and solve for the other one."""
    table = peaks.table
    values, errors = _known_values(known_coefficients, peaks, axes)
    unknown = 1 - known
    # the hexagonal form predicts every peak of the rhombohedral one, whatever l is
    plain = HEXAGONAL if form == RHOMBOHEDRAL else form
    for at in range(len(values)):
        value, error = values[at], errors[at]
        start = with_parameter(EMPTY_CANDIDATE, known, value, error)
        # far beyond the pattern, so that the unknown parameter explains no peak
        partial = with_parameter(start, unknown, 1e6 * table[Q, -1], 0.0)
        for i in first_unexplained(plain, partial, peaks):
            if i < 0:
                continue
            q, tolerance = table[Q, i], table[TOLERANCE, i]
            for trial in range(5 * len(unknown_coefficients)):
                # first with a known coefficient of zero
                block, at_unknown = divmod(trial, len(unknown_coefficients))
                inner = 0.0 if block == 0 else known_coefficients[block - 1]
                outer = unknown_coefficients[at_unknown]
                rest = q - inner * value
                if rest > 3 * tolerance:
                    candidate = with_parameter(start, unknown, rest / outer, (tolerance + inner * error) / outer)
                    best = better_cell(form, candidate, peaks, best, misfits)
    return best


@njit(cache=True, nogil=True, error_model="numpy")
def _known_values(
    coefficients: NDArray[np.float64], peaks: SearchPeaks, axes: CandidateAxes
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Distinct candidates for a parameter and their errors: the first peaks divided by coefficients, then axes."""
    table = peaks.table
    first = min(FIRST_PEAKS, table.shape[1])
    size = first * len(coefficients) + min(STRONGEST_AXES, len(axes.values))
    values, errors = np.empty(size), np.empty(size)
    m = 0
    for at in range(size):
        i, coefficient = at // len(coefficients), coefficients[at % len(coefficients)]
        axis = at - first * len(coefficients)
        value = table[Q, i] / coefficient if axis < 0 else axes.values[axis]
        error = table[TOLERANCE, i] / coefficient if axis < 0 else axes.errors[axis]
        if not np.any(np.abs(value - values[:m]) <= np.maximum(error, errors[:m])):
            values[m], errors[m] = value, error
            m += 1
    return values[:m], errors[:m]
