"""Compiled: how well a cell explains the first lines, its parameters refined line by line.

A cell guessed from low angles is known too badly to predict higher ones, so the lines are taken in order and each
that is explained sharpens the parameters (recursive least squares). A line is explained when it lies within its own
tolerance and what the parameters' errors add. What that is worth is minus the logarithm of the probability of a line
of this cell lying so near by chance, so that large cells, which explain anything, gain little.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from xrdsym.indexing.quadratic_forms import expected_lines, nearest

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from xrdsym.indexing.quadratic_forms import Four

    Ten = tuple[float, float, float, float, float, float, float, float, float, float]

SEARCH_LINES = 20
FEW_LINES = 0.6
MANY_LINES = 4.0
"""Cells that predict fewer or more lines than these multiples of those seen (and 20 more) are not looked at."""
MISS = 4.0
"""What a line costs that the cell does not explain."""
GAIN = 7.0
"""Most that one line can bring: chance agreement below 1 in 1,000 proves no more."""
EARLY = 8
EARLY_PATIENCE = 3
"""PeakList that a cell may leave unexplained among the first 8 while better ones are searched for."""
PATIENCE = 5
"""The same among all of them."""
SLACK = 1.05
"""Tolerances that a line may be off on its own account: a little more than rounding to a bin."""
SPREAD = 2.5
"""Standard deviations of the predicted position that a line may be off."""


# Rows of the table of a target: one array in place of three, because each costs a count of references in every call.
Q, TOLERANCE, WORTH = range(3)


class Axes(NamedTuple):
    """Guessed squared axes, float64 (m,), and their standard errors, float64 (m,)."""

    values: NDArray[np.float64]
    errors: NDArray[np.float64]


class Guess(NamedTuple):
    """Parameters of a metric and their standard errors, zeros beyond those that the metric has."""

    g: Four
    errors: Four


class Target(NamedTuple):
    """PeakList to explain.

    Attributes:
        table: Float64 (3, n): their positions, ascending, their tolerances, and what the lines from each on could be
            worth together to a cell of a single line.
        patience: Peaks that may stay unexplained before a cell is given up. When that is all of them, it is looked at
            however many lines it predicts.
    """

    table: NDArray[np.float64]
    patience: int


class Best(NamedTuple):
    """The best cell so far: its score, refined parameters and errors as guessed."""

    score: float
    g: Four
    errors: Four


NO_CELL = Best(-math.inf, (0.0, 0.0, 0.0, 0.0), (0.0, 0.0, 0.0, 0.0))
"""What any cell is better than."""
NO_GUESS = Guess((0.0, 0.0, 0.0, 0.0), (0.0, 0.0, 0.0, 0.0))


@njit(cache=True, nogil=True, error_model="numpy")
def target_of(q: NDArray[np.float64], tolerance: NDArray[np.float64], patience: int) -> Target:
    """These lines as something to explain."""
    n = len(q)
    table = np.empty((3, n))
    table[Q], table[TOLERANCE] = q, tolerance
    worth = 0.0
    for i in range(n - 1, -1, -1):
        worth += max(0.0, -math.log(3 * tolerance[i] / q[n - 1] * math.sqrt(q[i] / q[n - 1])))
        table[WORTH, i] = worth
    return Target(table, patience)


@njit(cache=True, nogil=True, error_model="numpy")
def changed(guess: Guess, at: int, value: float, error: float) -> Guess:
    """The guess with one parameter replaced."""
    g, errors = guess
    return Guess(
        (
            value if at == 0 else g[0],
            value if at == 1 else g[1],
            value if at == 2 else g[2],
            value if at == 3 else g[3],
        ),
        (
            error if at == 0 else errors[0],
            error if at == 1 else errors[1],
            error if at == 2 else errors[2],
            error if at == 3 else errors[3],
        ),
    )


@njit(cache=True, nogil=True, error_model="numpy")
def better(kind: int, guess: Guess, target: Target, best: Best, misfits: NDArray[np.float64]) -> Best:
    """This cell, its parameters refined, if it exceeds the best so far, else that."""
    score, g = cell_score(kind, guess, target, best.score, misfits)
    return Best(score, g, guess.errors) if score > best.score else best


@njit(cache=True, nogil=True, error_model="numpy")
def cell_score(
    kind: int, guess: Guess, target: Target, to_beat: float, misfits: NDArray[np.float64]
) -> tuple[float, Four]:
    """The worth of a cell and its refined parameters.

    Args:
        kind: Which metric, a number of `metrics`.
        guess: Its parameters.
        target: The lines to explain.
        to_beat: Cells that cannot exceed this score any more are given up, with minus infinity.
        misfits: Overwritten with how far each line lies from its prediction, in tolerances, infinite where it is not
            explained, float64 (n,).
    """
    table, patience = target
    g = guess.g
    n = table.shape[1]
    last = table[Q, n - 1]
    total = expected_lines(kind, g, last)
    if not _plausible(total, n, patience):
        return -math.inf, g
    e0, e1, e2, e3 = guess.errors
    covariance = (e0 * e0, 0.0, 0.0, 0.0, e1 * e1, 0.0, 0.0, e2 * e2, 0.0, e3 * e3)
    log_total = math.log(total)
    score = 0.0
    misses = 0
    for line in range(n):
        q, tolerance = table[Q, line], table[TOLERANCE, line]
        # what the lines still to come can bring at most: an error of the cell only widens the gates
        left = n - line
        if score + min(GAIN * left, table[WORTH, line] - left * log_total) <= to_beat:
            return -math.inf, g
        misfit, indices = nearest(kind, g, q)
        pushed = _times(covariance, indices)
        variance = _dot(indices, pushed)
        gate = SLACK * tolerance + SPREAD * math.sqrt(max(variance, 0.0))
        if abs(misfit) <= gate:
            # the density of lines grows as the root of Q
            density = total / last * math.sqrt(q / last)
            score += min(GAIN, max(0.0, -math.log(3 * gate * density)))
            g, covariance = _refined(g, covariance, pushed, misfit, variance + tolerance * tolerance / 3)
            misfits[line] = misfit / tolerance
        else:
            score -= MISS
            misses += 1
            misfits[line] = math.inf
            if _given_up(misses, line, n, patience):
                return score - MISS * (n - line - 1), g
    if score <= to_beat or not math.isfinite(expected_lines(kind, g, last)):
        return -math.inf, g
    return score, g


@njit(cache=True, nogil=True, error_model="numpy")
def _plausible(total: float, n: int, patience: int) -> bool:
    if not math.isfinite(total):
        return False
    return patience >= n or FEW_LINES * n <= total <= MANY_LINES * n + 20


@njit(cache=True, nogil=True, error_model="numpy")
def _given_up(misses: int, line: int, n: int, patience: int) -> bool:
    if patience >= n:
        return False
    return misses > patience or (misses > EARLY_PATIENCE and line < EARLY)


@njit(cache=True, nogil=True, error_model="numpy")
def _times(covariance: Ten, indices: Four) -> Four:
    """A symmetric matrix, of which the upper triangle is given, times a vector."""
    aa, ab, ac, ad, bb, bc, bd, cc, cd, dd = covariance
    i, j, k, l = indices  # noqa: E741
    return (
        aa * i + ab * j + ac * k + ad * l,
        ab * i + bb * j + bc * k + bd * l,
        ac * i + bc * j + cc * k + cd * l,
        ad * i + bd * j + cd * k + dd * l,
    )


@njit(cache=True, nogil=True, error_model="numpy")
def _dot(one: Four, other: Four) -> float:
    return one[0] * other[0] + one[1] * other[1] + one[2] * other[2] + one[3] * other[3]


@njit(cache=True, nogil=True, error_model="numpy")
def _refined(g: Four, covariance: Ten, pushed: Four, misfit: float, weight: float) -> tuple[Four, Ten]:
    """The parameters and their covariance after a line.

    Args:
        g: Before it.
        covariance: Before it, the upper triangle.
        pushed: The covariance times the indices of the line.
        misfit: How far the line lies above its prediction.
        weight: The variance of that.
    """
    aa, ab, ac, ad, bb, bc, bd, cc, cd, dd = covariance
    i, j, k, l = pushed  # noqa: E741
    return (
        g[0] + i * misfit / weight,
        g[1] + j * misfit / weight,
        g[2] + k * misfit / weight,
        g[3] + l * misfit / weight,
    ), (
        aa - i * i / weight,
        ab - i * j / weight,
        ac - i * k / weight,
        ad - i * l / weight,
        bb - j * j / weight,
        bc - j * k / weight,
        bd - j * l / weight,
        cc - k * k / weight,
        cd - k * l / weight,
        dd - l * l / weight,
    )


@njit(cache=True, nogil=True, error_model="numpy")
def first_unexplained(kind: int, start: Guess, target: Target) -> tuple[int, int]:
    """The first two lines that this metric does not reach, -1 where there is none."""
    table = target.table
    first = -1
    for line in range(table.shape[1]):
        misfit, indices = nearest(kind, start.g, table[Q, line])
        e0, e1, e2, e3 = start.errors
        # from left to right, as a sum of floats hangs on its order
        gate = SLACK * table[TOLERANCE, line] + indices[0] * e0 + indices[1] * e1 + indices[2] * e2 + indices[3] * e3
        if abs(misfit) > gate:
            if first >= 0:
                return first, line
            first = line
    return first, -1


@njit(cache=True, nogil=True, error_model="numpy")
def near_any(value: float, error: float, others: NDArray[np.float64], errors: NDArray[np.float64]) -> bool:
    """Whether a value is one of others, within twice both errors."""
    for i in range(len(others)):  # noqa: SIM110 - compiled, a generator costs more
        if abs(value - others[i]) <= 2 * (error + errors[i]):
            return True
    return False
