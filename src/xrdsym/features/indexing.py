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

from xrdsym.features.metrics import PARAMETERS, expected_lines, nearest

if TYPE_CHECKING:
    from numpy.typing import NDArray

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
"""Lines that a cell may leave unexplained among the first 8 while better ones are searched for."""
PATIENCE = 5
"""The same among all of them."""
SLACK = 1.05
"""Tolerances that a line may be off on its own account: a little more than rounding to a bin."""
SPREAD = 2.5
"""Standard deviations of the predicted position that a line may be off."""


class Guess(NamedTuple):
    """Parameters of a metric, float64 (4,), and their standard errors, float64 (4,)."""

    g: NDArray[np.float64]
    errors: NDArray[np.float64]


class Target(NamedTuple):
    """Lines to explain.

    Attributes:
        q: Their positions, float64 (n,), ascending.
        tolerance: Their tolerances, float64 (n,).
        worth: What the lines from each on could be worth together to a cell of a single line, float64 (n + 1,).
        patience: Lines that may stay unexplained before a cell is given up. When that is all of them, it is looked at
            however many lines it predicts.
    """

    q: NDArray[np.float64]
    tolerance: NDArray[np.float64]
    worth: NDArray[np.float64]
    patience: int


class Best(NamedTuple):
    """The best cell so far: its score, float64 (1,), refined parameters and errors as guessed, float64 (4,) each."""

    score: NDArray[np.float64]
    g: NDArray[np.float64]
    errors: NDArray[np.float64]


class Work(NamedTuple):
    """What a scoring leaves and needs.

    Attributes:
        misfits: How far each line lies from its prediction, in tolerances, infinite where it is not explained,
            float64 (n,).
        scratch: Float64 (6, 4): the covariance, the indices and the covariance times these.
    """

    misfits: NDArray[np.float64]
    scratch: NDArray[np.float64]


@njit(cache=True, nogil=True, error_model="numpy")
def target_of(q: NDArray[np.float64], tolerance: NDArray[np.float64], patience: int) -> Target:
    """These lines as something to explain."""
    n = len(q)
    worth = np.zeros(n + 1)
    for i in range(n - 1, -1, -1):
        worth[i] = worth[i + 1] + max(0.0, -math.log(3 * tolerance[i] / q[n - 1] * math.sqrt(q[i] / q[n - 1])))
    return Target(q, tolerance, worth, patience)


@njit(cache=True, nogil=True, error_model="numpy")
def no_cell() -> Best:
    """What any cell is better than."""
    return Best(np.full(1, -math.inf), np.zeros(4), np.zeros(4))


@njit(cache=True, nogil=True, error_model="numpy")
def consider(kind: int, guess: Guess, target: Target, best: Best, work: Work) -> None:
    """Keep this cell as the best if it is; its parameters are refined in place."""
    score = cell_score(kind, guess, target, best.score[0], work)
    if score > best.score[0]:
        best.score[0] = score
        best.g[:] = guess.g
        best.errors[:] = guess.errors


@njit(cache=True, nogil=True, error_model="numpy")
def cell_score(kind: int, guess: Guess, target: Target, to_beat: float, work: Work) -> float:
    """The worth of a cell, its parameters refined in place.

    Args:
        kind: Which metric, a number of `metrics`.
        guess: Its parameters.
        target: The lines to explain.
        to_beat: Cells that cannot exceed this score any more are given up, with minus infinity.
        work: Overwritten.
    """
    q, tolerance, worth, patience = target
    g, errors = guess
    misfits, scratch = work
    indices = scratch[4]
    n = len(q)
    p = PARAMETERS[kind]
    last = q[n - 1]
    total = expected_lines(kind, g, last)
    if not _plausible(total, n, patience):
        return -math.inf
    scratch[:] = 0.0
    for i in range(p):
        scratch[i, i] = errors[i] * errors[i]
    log_total = math.log(total)
    score = 0.0
    misses = 0
    for line in range(n):
        # what the lines still to come can bring at most: an error of the cell only widens the gates
        left = n - line
        if score + min(GAIN * left, worth[line] - left * log_total) <= to_beat:
            return -math.inf
        misfit = nearest(kind, g, q[line], indices)
        variance = _variance(p, scratch)
        gate = SLACK * tolerance[line] + SPREAD * math.sqrt(max(variance, 0.0))
        if abs(misfit) <= gate:
            # the density of lines grows as the root of Q
            density = total / last * math.sqrt(q[line] / last)
            score += min(GAIN, max(0.0, -math.log(3 * gate * density)))
            _refine(p, g, misfit, variance + tolerance[line] * tolerance[line] / 3, scratch)
            misfits[line] = misfit / tolerance[line]
        else:
            score -= MISS
            misses += 1
            misfits[line] = math.inf
            if _given_up(misses, line, n, patience):
                return score - MISS * (n - line - 1)
    if score <= to_beat or not math.isfinite(expected_lines(kind, g, last)):
        return -math.inf
    return score


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
def _variance(p: int, scratch: NDArray[np.float64]) -> float:
    """Variance of the predicted position; the covariance times the indices is left in the last row."""
    variance = 0.0
    for i in range(p):
        pushed = 0.0
        for j in range(p):
            pushed += scratch[i, j] * scratch[4, j]
        scratch[5, i] = pushed
        variance += scratch[4, i] * pushed
    return variance


@njit(cache=True, nogil=True, error_model="numpy")
def _refine(p: int, g: NDArray[np.float64], misfit: float, weight: float, scratch: NDArray[np.float64]) -> None:
    for i in range(p):
        g[i] += scratch[5, i] * misfit / weight
        for j in range(p):
            scratch[i, j] -= scratch[5, i] * scratch[5, j] / weight


@njit(cache=True, nogil=True, error_model="numpy")
def first_unexplained(
    kind: int, start: Guess, target: Target, found: NDArray[np.int64], indices: NDArray[np.float64]
) -> int:
    """The first lines that this metric does not reach, as many as `found` has room for; how many there are."""
    count = 0
    for line in range(len(target.q)):
        misfit = nearest(kind, start.g, target.q[line], indices)
        gate = SLACK * target.tolerance[line]
        for i in range(PARAMETERS[kind]):
            gate += indices[i] * start.errors[i]
        if abs(misfit) > gate:
            found[count] = line
            count += 1
            if count == len(found):
                break
    return count


@njit(cache=True, nogil=True, error_model="numpy")
def near_any(value: float, error: float, others: NDArray[np.float64], errors: NDArray[np.float64]) -> bool:
    """Whether a value is one of others, within twice both errors."""
    for i in range(len(others)):  # noqa: SIM110 - compiled, a generator costs more
        if abs(value - others[i]) <= 2 * (error + errors[i]):
            return True
    return False
