"""The repeated-difference spectrum: differences of Q that recur are squares of reciprocal axes.

Where an axis is perpendicular to the two others, Q(hkl) = A h² + (what k and l add), so A (h² − h'²) recurs for
every (k, l): three families in an orthorhombic pattern, one in a monoclinic one, none in a triclinic one.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

FIRST_LINES = 40
STRONGEST = 10
WINDOW = 1.5
"""Differences are one when they agree within so many tolerances."""
BACKGROUND = 30.0
"""Half-width, in tolerances, of the stretch that tells how dense differences are by chance."""
FAMILIES = 3
FAMILY_RATIOS = np.array(
    sorted({a / b for a in (1, 3, 4, 5, 8, 9, 12, 15, 16) for b in (1, 3, 4, 5, 8, 9, 12, 15, 16)})
)
"""Ratios of differences of two squares: differences that stand in one belong to one axis."""
NOTHING = -9.0
"""Stands where there are fewer recurring differences."""


def difference_names() -> list[str]:
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


class Differences(NamedTuple):
    """The differences that recur most beyond chance, the strongest first, each apart from the others.

    Attributes:
        values: Float64 (m,) with m at most 10, Å⁻².
        excess: How far the number of others within 1.5 tolerances exceeds what the density nearby gives by chance,
            over the square root of that, float64 (m,).
        counts: The number itself, float64 (m,).
        widths: The tolerance of each difference, float64 (m,).
    """

    values: NDArray[np.float64]
    excess: NDArray[np.float64]
    counts: NDArray[np.float64]
    widths: NDArray[np.float64]


@njit(cache=True, nogil=True, error_model="numpy")
def repeated_differences(q: NDArray[np.float64], tolerance: NDArray[np.float64]) -> Differences:
    """The repeated differences of the first 40 lines.

    Args:
        q: Positions of the lines in ascending order, float64 (n,).
        tolerance: Their tolerances, float64 (n,).
    """
    values, widths = _all_differences(q[:FIRST_LINES], tolerance[:FIRST_LINES])
    pairs = len(values)
    excess = np.empty(pairs)
    counts = np.empty(pairs)
    for i in range(pairs):
        near, around = _neighbours(i, values, widths[i])
        # no differences below 0 and none beyond the largest: the stretch is as long as what lies inside
        stretch = min(values[i] + BACKGROUND * widths[i], values[-1]) - max(values[i] - BACKGROUND * widths[i], 0.0)
        chance = (around - near + 1.0) * 2 * WINDOW * widths[i] / max(stretch, 2 * WINDOW * widths[i])
        counts[i] = near
        excess[i] = (near - chance) / math.sqrt(chance)
    kept = strongest_apart(values, widths, excess, 2 * WINDOW, STRONGEST)
    return Differences(values[kept], excess[kept], counts[kept], widths[kept])


@njit(cache=True, nogil=True, error_model="numpy")
def strongest_apart(
    values: NDArray[np.float64],
    widths: NDArray[np.float64],
    strengths: NDArray[np.float64],
    reach: float,
    wanted: int,
) -> NDArray[np.int64]:
    """Where the strongest values stand, the strongest first, leaving out those near a stronger one.

    Args:
        values: Float64 (n,).
        widths: Near is within so much times `reach`, the larger of both, float64 (n,).
        strengths: Float64 (n,).
        reach: See `widths`.
        wanted: How many to keep at most.
    """
    kept = np.empty(min(wanted, len(values)), np.int64)
    m = 0
    # a stable order: with equal strengths the answer must not hang on the machine
    for i in np.argsort(-strengths, kind="mergesort"):
        if m == len(kept):
            break
        chosen = kept[:m]
        if not np.any(np.abs(values[i] - values[chosen]) <= reach * np.maximum(widths[i], widths[chosen])):
            kept[m] = i
            m += 1
    return kept[:m]


@njit(cache=True, nogil=True, error_model="numpy")
def _all_differences(
    q: NDArray[np.float64], tolerance: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    n = len(q)
    values = np.empty(n * (n - 1) // 2)
    widths = np.empty(len(values))
    at = 0
    for i in range(1, n):
        for j in range(i):
            values[at] = q[i] - q[j]
            widths[at] = math.hypot(tolerance[i], tolerance[j])
            at += 1
    order = np.argsort(values, kind="mergesort")
    return values[order], widths[order]


@njit(cache=True, nogil=True, error_model="numpy")
def _neighbours(i: int, values: NDArray[np.float64], width: float) -> tuple[int, int]:
    """How many sorted values lie within the window around one of them, and how many within the background."""
    near = 0
    around = 0
    for step in (-1, 1):
        j = i + step
        while 0 <= j < len(values) and abs(values[j] - values[i]) <= BACKGROUND * width:
            around += 1
            near += abs(values[j] - values[i]) <= WINDOW * width
            j += step
    return near, around


def difference_features(differences: Differences, first: float) -> NDArray[np.float64]:
    """The features of repeated differences, float64, in the order of `difference_names`.

    Args:
        differences: The repeated differences.
        first: Q of the first line.
    """
    values, excess, counts, widths = differences
    ranked = np.full((3, STRONGEST), NOTHING)
    if len(values):
        ranked[:, : len(values)] = excess, np.log(values / first), counts
    means = [excess.mean(), counts.mean(), excess[:5].mean()] if len(values) else [NOTHING] * 3
    return np.concatenate([ranked.ravel(), means, _families(values, excess, widths)])


def _families(
    values: NDArray[np.float64], excess: NDArray[np.float64], widths: NDArray[np.float64]
) -> NDArray[np.float64]:
    """How far each of the three strongest families exceeds chance, and how far the later ones lie from the first."""
    sums = np.full(FAMILIES, NOTHING)
    ratios = np.full(FAMILIES - 1, NOTHING)
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
        error = widths / values + widths[head] / values[head]
        misfit = np.abs(values[:, None] / values[head] / FAMILY_RATIOS - 1).min(axis=1)
        members = free & (misfit <= error)
        members[head] = True
        sums[family] = math.sqrt(float((np.maximum(excess[members], 0.0) ** 2).sum()))
        free &= ~members
    return np.concatenate([sums, ratios])
