"""Compiled: candidates for the squared reciprocal axes of a pattern, from its first peaks and repeated differences."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from xrdsym.indexing.candidates import CandidateAxes
from xrdsym.indexing.repeated_differences import RepeatedDifferences, strongest_distinct

if TYPE_CHECKING:
    from numpy.typing import NDArray

MULTIPLES = np.array([1.0, 3.0, 4.0, 5.0, 8.0])
"""Small differences of two squares: the multiples of an axis that recur."""
DIFFERENCE_DIVISORS = np.array([1.0, 3.0, 4.0])
"""A repeated difference divided by one of these is a candidate."""
PEAK_DIVISORS = np.array([1.0, 4.0])
"""The position of a peak divided by one of these is a candidate."""
STRONGEST_DIFFERENCES = 6
"""Number of repeated differences that give candidates."""
FIRST_PEAKS = 5
"""Number of peaks that give candidates."""


@njit(cache=True, nogil=True, error_model="numpy")
def axis_excess(axis: float, error: float, q: NDArray[np.float64], tolerance: NDArray[np.float64]) -> float:
    """How far the number of pairs of peaks that differ by an axis, times 1, 3, 4, 5 or 8, exceeds chance.

    Args:
        axis: Squared reciprocal axis, Å⁻².
        error: Its standard error, Å⁻².
        q: Positions of the peaks in ascending order, float64 (n,), Å⁻².
        tolerance: Their tolerances, float64 (n,), Å⁻².

    Returns:
        The number minus its expectation by chance, divided by the square root of that expectation.
    """
    n = len(q)
    pairs = 0
    expected = 0.5
    for multiple in MULTIPLES:
        upper = 0
        for lower in range(n):
            target = q[lower] + multiple * axis
            if target > q[n - 1]:
                break
            while upper < n - 1 and q[upper] < target:
                upper += 1
            window = multiple * error + 1.5 * math.hypot(tolerance[lower], tolerance[upper])
            expected += 2 * window * 1.5 * n / q[n - 1] * math.sqrt(target / q[n - 1])
            if abs(q[upper] - target) <= window or (upper > 0 and abs(q[upper - 1] - target) <= window):
                pairs += 1
    return (pairs - expected) / math.sqrt(expected)


@njit(cache=True, nogil=True, error_model="numpy")
def candidate_axes(
    q: NDArray[np.float64], tolerance: NDArray[np.float64], differences: RepeatedDifferences, limit: int
) -> tuple[CandidateAxes, NDArray[np.float64]]:
    """The candidates whose multiples recur most.

    Args:
        q: Positions of the peaks in ascending order, float64 (n,), Å⁻².
        tolerance: Their tolerances, float64 (n,), Å⁻².
        differences: The repeated differences of the peaks.
        limit: Largest number of candidates.

    Returns:
        The candidates in descending order of excess over chance, and that excess, float64 (m,).
    """
    strongest, first = min(STRONGEST_DIFFERENCES, len(differences.values)), min(FIRST_PEAKS, len(q))
    size = strongest * len(DIFFERENCE_DIVISORS) + first * len(PEAK_DIVISORS)
    axes, errors, excess = np.empty(size), np.empty(size), np.empty(size)
    m = 0
    for i in range(strongest):
        for divisor in DIFFERENCE_DIVISORS:
            axes[m] = differences.values[i] / divisor
            errors[m] = differences.tolerance[i] / divisor / math.sqrt(differences.counts[i] + 1)
            m += 1
    for i in range(first):
        for divisor in PEAK_DIVISORS:
            axes[m] = q[i] / divisor
            errors[m] = tolerance[i] / divisor
            m += 1
    for i in range(size):
        excess[i] = axis_excess(axes[i], errors[i], q, tolerance)
    kept = strongest_distinct(axes, errors, excess, 3.0, limit)
    return CandidateAxes(axes[kept], errors[kept]), excess[kept]
