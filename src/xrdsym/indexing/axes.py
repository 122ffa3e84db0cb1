"""Compiled: what the squared reciprocal axes of a pattern may be, guessed from its lines and their differences."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from xrdsym.indexing.repeated_differences import Differences, strongest_apart
from xrdsym.indexing.scoring import Axes

if TYPE_CHECKING:
    from numpy.typing import NDArray

RECURRENCES = np.array([1.0, 3.0, 4.0, 5.0, 8.0])
"""Differences of the squares of small numbers."""
DIVISORS = np.array([1.0, 3.0, 4.0])
LINE_DIVISORS = np.array([1.0, 4.0])
SHARPEST = 6
"""Differences taken as guesses, of the strongest of the spectrum."""
FIRST = 5
"""PeakList taken as guesses."""


@njit(cache=True, nogil=True, error_model="numpy")
def recurrence(axis: float, error: float, q: NDArray[np.float64], tolerance: NDArray[np.float64]) -> float:
    """How far the number of pairs of lines that differ by this axis, times 1, 3, 4, 5 or 8, exceeds chance."""
    n = len(q)
    pairs = 0
    chance = 0.5
    for multiple in RECURRENCES:
        upper = 0
        for lower in range(n):
            target = q[lower] + multiple * axis
            if target > q[n - 1]:
                break
            while upper < n - 1 and q[upper] < target:
                upper += 1
            gate = multiple * error + 1.5 * math.hypot(tolerance[lower], tolerance[upper])
            chance += 2 * gate * 1.5 * n / q[n - 1] * math.sqrt(target / q[n - 1])
            if abs(q[upper] - target) <= gate or (upper > 0 and abs(q[upper - 1] - target) <= gate):
                pairs += 1
    return (pairs - chance) / math.sqrt(chance)


@njit(cache=True, nogil=True, error_model="numpy")
def axis_guesses(
    q: NDArray[np.float64], tolerance: NDArray[np.float64], differences: Differences, wanted: int
) -> tuple[Axes, NDArray[np.float64]]:
    """The squared axes that recur most with their errors, and their excess over chance; the strongest first.

    Args:
        q: PeakList, float64 (n,).
        tolerance: Their tolerances, float64 (n,).
        differences: The repeated differences.
        wanted: How many guesses to return at most.
    """
    sharp, first = min(SHARPEST, len(differences.values)), min(FIRST, len(q))
    room = sharp * len(DIVISORS) + first * len(LINE_DIVISORS)
    axes, errors, excess = np.empty(room), np.empty(room), np.empty(room)
    m = 0
    for i in range(sharp):
        for divisor in DIVISORS:
            axes[m] = differences.values[i] / divisor
            errors[m] = differences.widths[i] / divisor / math.sqrt(differences.counts[i] + 1)
            m += 1
    for i in range(first):
        for divisor in LINE_DIVISORS:
            axes[m] = q[i] / divisor
            errors[m] = tolerance[i] / divisor
            m += 1
    for i in range(room):
        excess[i] = recurrence(axes[i], errors[i], q, tolerance)
    kept = strongest_apart(axes, errors, excess, 3.0, wanted)
    return Axes(axes[kept], errors[kept]), excess[kept]
