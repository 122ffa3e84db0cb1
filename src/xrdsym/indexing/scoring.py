"""Compiled: how well a cell explains the first peaks, its parameters refined peak by peak.

Low angles determine the parameters of a candidate too poorly to predict peaks at high angles. Peaks are therefore
taken in ascending order, and each explained peak refines the parameters by recursive least squares. A peak is
explained when it lies within a window that its own tolerance and the errors of the parameters give. It then adds minus
the logarithm of the probability that a peak of this cell lies so near by chance. Large cells, which explain any
pattern, gain little.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from numba import njit

from xrdsym.indexing.candidates import MAX_SCORE, TOLERANCE, BestCell, Candidate, Q, SearchPeaks
from xrdsym.indexing.predicted_peaks import expected_peaks, nearest_peak
from xrdsym.indexing.refinement import diagonal, dot, refined, times

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from xrdsym.indexing.quadratic_forms import Vector4

SEARCH_PEAKS = 20
"""Number of peaks that cells are searched with."""
MIN_PREDICTED = 0.6
MAX_PREDICTED = 4.0
"""A cell is rejected when it predicts fewer or more peaks than these multiples of the observed number (the latter
plus 20)."""
PENALTY = 4.0
"""Subtracted from the score for each unexplained peak."""
MAX_GAIN = 7.0
"""Largest gain from one peak: a probability of chance agreement below 1 in 1,000 proves no more."""
EARLY_PEAKS = 8
MAX_UNEXPLAINED_EARLY = 3
"""Peaks that a cell may leave unexplained among the first 8."""
MAX_UNEXPLAINED = 5
"""Peaks that a cell may leave unexplained among all of them."""
TOLERANCE_FACTOR = 1.05
"""Half-width of the window in tolerances of the peak, a little more than the rounding to a bin."""
ERROR_FACTOR = 2.5
"""Half-width of the window in standard errors of the predicted position, added to the former."""


@njit(cache=True, nogil=True, error_model="numpy")
def better_cell(
    form: int, candidate: Candidate, peaks: SearchPeaks, best: BestCell, misfits: NDArray[np.float64]
) -> BestCell:
    """The refined candidate if its score exceeds that of the best cell so far, else the best cell.

    Args:
        form: Position in `FORMS`.
        candidate: The cell to try.
        peaks: The peaks to explain.
        best: The best cell so far.
        misfits: Scratch array, overwritten, float64 (n,).
    """
    score, g = cell_score(form, candidate, peaks, best.score, misfits)
    return BestCell(score, g, candidate.errors) if score > best.score else best


@njit(cache=True, nogil=True, error_model="numpy")
def cell_score(
    form: int, candidate: Candidate, peaks: SearchPeaks, to_beat: float, misfits: NDArray[np.float64]
) -> tuple[float, Vector4]:
    """The score of a cell and its refined parameters.

    Args:
        form: Position in `FORMS`.
        candidate: The cell.
        peaks: The peaks to explain.
        to_beat: A cell that can no longer exceed this score is rejected with a score of minus infinity.
        misfits: Overwritten with observed minus predicted position of each peak, in tolerances, infinite where the
            peak is unexplained, float64 (n,).

    Returns:
        The score, and the parameters, Å⁻².
    """
    table, max_unexplained = peaks
    g = candidate.g
    n = table.shape[1]
    last = table[Q, n - 1]
    predicted = expected_peaks(form, g, last)
    if not _plausible(predicted, n, max_unexplained):
        return -math.inf, g
    covariance = diagonal(candidate.errors)
    ln_predicted = math.log(predicted)
    score = 0.0
    unexplained = 0
    for i in range(n):
        q, tolerance = table[Q, i], table[TOLERANCE, i]
        # an upper bound of what the remaining peaks can add; errors of the parameters only widen the windows
        left = n - i
        if score + min(MAX_GAIN * left, table[MAX_SCORE, i] - left * ln_predicted) <= to_beat:
            return -math.inf, g
        misfit, coefficients = nearest_peak(form, g, q)
        gain = times(covariance, coefficients)
        variance = dot(coefficients, gain)
        window = TOLERANCE_FACTOR * tolerance + ERROR_FACTOR * math.sqrt(max(variance, 0.0))
        if abs(misfit) <= window:
            # the number of peaks up to Q grows as Q^1.5, so their density is 1.5 times this
            density = predicted / last * math.sqrt(q / last)
            score += min(MAX_GAIN, max(0.0, -math.log(3 * window * density)))
            # a third of the tolerance squared is the variance of a position that is uniform within a bin
            g, covariance = refined(g, covariance, gain, misfit, variance + tolerance * tolerance / 3)
            misfits[i] = misfit / tolerance
        else:
            score -= PENALTY
            unexplained += 1
            misfits[i] = math.inf
            if _rejected(unexplained, i, n, max_unexplained):
                return score - PENALTY * (n - i - 1), g
    if score <= to_beat or not math.isfinite(expected_peaks(form, g, last)):
        return -math.inf, g
    return score, g


@njit(cache=True, nogil=True, error_model="numpy")
def _plausible(predicted: float, n: int, max_unexplained: int) -> bool:
    if not math.isfinite(predicted):
        return False
    return max_unexplained >= n or MIN_PREDICTED * n <= predicted <= MAX_PREDICTED * n + 20


@njit(cache=True, nogil=True, error_model="numpy")
def _rejected(unexplained: int, i: int, n: int, max_unexplained: int) -> bool:
    if max_unexplained >= n:
        return False
    return unexplained > max_unexplained or (unexplained > MAX_UNEXPLAINED_EARLY and i < EARLY_PEAKS)


@njit(cache=True, nogil=True, error_model="numpy")
def first_unexplained(form: int, candidate: Candidate, peaks: SearchPeaks) -> tuple[int, int]:
    """The positions in the list of the first two peaks that a candidate does not explain, -1 for each that is absent.

    Args:
        form: Position in `FORMS`.
        candidate: The cell; it is not refined.
        peaks: The peaks to explain.
    """
    table = peaks.table
    e0, e1, e2, e3 = candidate.errors
    first = -1
    for i in range(table.shape[1]):
        misfit, (x0, x1, x2, x3) = nearest_peak(form, candidate.g, table[Q, i])
        # summed from left to right: another order would round differently
        window = TOLERANCE_FACTOR * table[TOLERANCE, i] + x0 * e0 + x1 * e1 + x2 * e2 + x3 * e3
        if abs(misfit) > window:
            if first >= 0:
                return first, i
            first = i
    return first, -1
