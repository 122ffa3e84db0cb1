"""The repeated differences of a pattern: differences of Q that recur are squares of reciprocal axes.

Where an axis is perpendicular to the two others, Q(hkl) = A h² + (a term of k and l), so A (h² − h'²) recurs for
every (k, l). An orthorhombic pattern has three such families of differences, a monoclinic one has one, and a
triclinic one has none.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

FIRST_PEAKS = 40
"""Number of peaks whose differences are taken."""
STRONGEST = 10
"""Number of differences that are kept."""
WINDOW = 1.5
"""Two differences are equal when they agree within this many tolerances."""
BACKGROUND = 30.0
"""Half-width, in tolerances, of the interval that gives the density of differences by chance."""
FAMILIES = 3
FAMILY_RATIOS = np.array(
    sorted({a / b for a in (1, 3, 4, 5, 8, 9, 12, 15, 16) for b in (1, 3, 4, 5, 8, 9, 12, 15, 16)})
)
"""Ratios of differences of two squares. Differences in one of these ratios belong to the same axis."""
MISSING = -9.0
"""Value of a feature where a pattern has fewer repeated differences."""


def repeated_difference_names() -> list[str]:
    """The names of the features, in order."""
    ranked = range(1, STRONGEST + 1)
    return [
        *(f"difference_excess_{i}" for i in ranked),
        *(f"difference_position_{i}" for i in ranked),
        *(f"difference_count_{i}" for i in ranked),
        "difference_excess_mean",
        "difference_count_mean",
        "difference_excess_mean_5",
        *(f"family_excess_{i}" for i in range(1, FAMILIES + 1)),
        *(f"family_ratio_{i}" for i in range(2, FAMILIES + 1)),
    ]


class RepeatedDifferences(NamedTuple):
    """The differences that recur most beyond chance, in descending order of excess and distinct from each other.

    Attributes:
        values: Float64 (m,) with m at most 10, Å⁻².
        excess: The count minus its expectation by chance, divided by the square root of that expectation,
            float64 (m,). The density of differences nearby gives the expectation.
        counts: The number of other differences within 1.5 tolerances, float64 (m,).
        tolerance: The tolerance of each difference, float64 (m,), Å⁻².
    """

    values: NDArray[np.float64]
    excess: NDArray[np.float64]
    counts: NDArray[np.float64]
    tolerance: NDArray[np.float64]


@njit(cache=True, nogil=True, error_model="numpy")
def repeated_differences(q: NDArray[np.float64], tolerance: NDArray[np.float64]) -> RepeatedDifferences:
    """The repeated differences of the first 40 peaks.

    Args:
        q: Positions of the peaks in ascending order, float64 (n,), Å⁻².
        tolerance: Their tolerances, float64 (n,), Å⁻².
    """
    values, tolerances = _all_differences(q[:FIRST_PEAKS], tolerance[:FIRST_PEAKS])
    pairs = len(values)
    excess = np.empty(pairs)
    counts = np.empty(pairs)
    for i in range(pairs):
        width = tolerances[i]
        near, around = _neighbours(i, values, width)
        # no difference is negative or above the largest one: only that part of the interval counts
        interval = min(values[i] + BACKGROUND * width, values[-1]) - max(values[i] - BACKGROUND * width, 0.0)
        expected = (around - near + 1.0) * 2 * WINDOW * width / max(interval, 2 * WINDOW * width)
        counts[i] = near
        excess[i] = (near - expected) / math.sqrt(expected)
    kept = strongest_distinct(values, tolerances, excess, 2 * WINDOW, STRONGEST)
    return RepeatedDifferences(values[kept], excess[kept], counts[kept], tolerances[kept])


@njit(cache=True, nogil=True, error_model="numpy")
def strongest_distinct(
    values: NDArray[np.float64],
    tolerance: NDArray[np.float64],
    strength: NDArray[np.float64],
    reach: float,
    limit: int,
) -> NDArray[np.int64]:
    """The positions of the strongest values, without those that are near a stronger one (non-maximum suppression).

    Args:
        values: Float64 (n,).
        tolerance: Their tolerances, float64 (n,).
        strength: Float64 (n,).
        reach: Two values are near when they agree within this multiple of the larger tolerance.
        limit: Largest number of values to keep.

    Returns:
        int64 (m,), in descending order of strength.
    """
    kept = np.empty(min(limit, len(values)), np.int64)
    m = 0
    # a stable sort: the order of equal strengths must not depend on the machine
    for i in np.argsort(-strength, kind="mergesort"):
        if m == len(kept):
            break
        chosen = kept[:m]
        if not np.any(np.abs(values[i] - values[chosen]) <= reach * np.maximum(tolerance[i], tolerance[chosen])):
            kept[m] = i
            m += 1
    return kept[:m]


@njit(cache=True, nogil=True, error_model="numpy")
def _all_differences(
    q: NDArray[np.float64], tolerance: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The differences of all pairs, ascending, and their tolerances, both float64 (n (n - 1) / 2,)."""
    n = len(q)
    values = np.empty(n * (n - 1) // 2)
    tolerances = np.empty(len(values))
    at = 0
    for i in range(1, n):
        for j in range(i):
            values[at] = q[i] - q[j]
            tolerances[at] = math.hypot(tolerance[i], tolerance[j])
            at += 1
    order = np.argsort(values, kind="mergesort")
    return values[order], tolerances[order]


@njit(cache=True, nogil=True, error_model="numpy")
def _neighbours(i: int, values: NDArray[np.float64], width: float) -> tuple[int, int]:
    """How many other sorted values lie within `WINDOW` and within `BACKGROUND` widths of number i."""
    near = 0
    around = 0
    for step in (-1, 1):
        j = i + step
        while 0 <= j < len(values) and abs(values[j] - values[i]) <= BACKGROUND * width:
            around += 1
            near += abs(values[j] - values[i]) <= WINDOW * width
            j += step
    return near, around


def repeated_difference_features(differences: RepeatedDifferences, first_q: float) -> NDArray[np.float64]:
    """The features of repeated differences.

    Args:
        differences: The repeated differences.
        first_q: Q of the first peak, Å⁻².

    Returns:
        float64 (38,), in the order of `repeated_difference_names`.
    """
    values, excess, counts, tolerance = differences
    ranked = np.full((3, STRONGEST), MISSING)
    if len(values):
        ranked[:, : len(values)] = excess, np.log(values / first_q), counts
    means = [excess.mean(), counts.mean(), excess[:5].mean()] if len(values) else [MISSING] * 3
    return np.concatenate([ranked.ravel(), means, _families(values, excess, tolerance)])


def _families(
    values: NDArray[np.float64], excess: NDArray[np.float64], tolerance: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The root of summed squared excess of the three strongest families, and ln(value / first) of the later two."""
    sums = np.full(FAMILIES, MISSING)
    ratios = np.full(FAMILIES - 1, MISSING)
    free = np.ones(len(values), dtype=bool)
    leader = 0
    for family in range(FAMILIES):
        if not free.any():
            break
        head = int(np.argmax(free))
        if family == 0:
            leader = head
        else:
            ratios[family - 1] = math.log(values[head] / values[leader])
        error = tolerance / values + tolerance[head] / values[head]
        misfit = np.abs(values[:, None] / values[head] / FAMILY_RATIOS - 1).min(axis=1)
        members = free & (misfit <= error)
        members[head] = True
        sums[family] = math.sqrt(float((np.maximum(excess[members], 0.0) ** 2).sum()))
        free &= ~members
    return np.concatenate([sums, ratios])
