"""Compiled: the best orthorhombic and monoclinic cells, from axes that the repeated differences and lines suggest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from xrdsym.features.indexing import Best, Guess, Target, Work, consider, first_unexplained, near_any, no_cell
from xrdsym.features.metrics import (
    C_CENTRED,
    CENTRINGS,
    F_CENTRED,
    I_CENTRED,
    MONOCLINIC_C,
    ORTHORHOMBIC,
    ORTHORHOMBIC_C,
    PRIMITIVE,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

PAIRS = 8
"""Axes combined with each other."""
FIRST = 5
"""Lines tried as a line of few indices."""
UNIQUE = 5
"""Axes tried as the unique one of a monoclinic cell."""
OBLIQUITY = 1.2
"""Largest |g₃| over the smaller of g₀ and g₂: 1 reaches every reduced zone."""
OBLIQUITY_C = 2.5
"""The same for C-centred cells, of which the reduced zone may be I-centred."""

# Indices that the first line out of reach of two axes may have; rows of 0, 0, 0 fill the table.
TRIALS = np.zeros((4, 9, 3))
TRIALS[PRIMITIVE, :8] = [(h, k, l) for l in (1, 2) for h in (0, 1) for k in (0, 1)]  # noqa: E741
TRIALS[C_CENTRED] = [(0, 0, 1), (1, 1, 0), (1, 1, 1), (0, 0, 2), (0, 2, 0), (1, 1, 2), (2, 0, 1), (0, 2, 1), (2, 2, 1)]
TRIALS[I_CENTRED, :6] = [(1, 0, 1), (0, 1, 1), (0, 0, 2), (1, 1, 2), (2, 1, 1), (1, 2, 1)]
TRIALS[F_CENTRED, :7] = [(1, 1, 1), (0, 0, 2), (2, 0, 2), (0, 2, 2), (3, 1, 1), (1, 3, 1), (1, 1, 3)]

# Where two guessed axes and the unknown one stand in a cell: only C-centring tells one axis from the others.
ROLES = np.array([(0, 1, 2), (2, 0, 1), (0, 2, 1)])


@njit(cache=True, nogil=True, error_model="numpy")
def best_orthorhombic(kind: int, target: Target, axes: Guess, work: Work) -> Best:
    """The best orthorhombic cell of one centring for these lines.

    Args:
        kind: The metric, which tells the centring.
        target: The lines.
        axes: Guesses of squared axes.
        work: Overwritten.
    """
    best: Best = no_cell()
    start, guess = Guess(np.zeros(4), np.zeros(4)), Guess(np.zeros(4), np.zeros(4))
    # a centring ties the parity of an index to the others: what recurs is then 4 g, from 0 and 2
    shrink = np.ones(3)
    if CENTRINGS[kind] != PRIMITIVE:
        shrink[: 2 if CENTRINGS[kind] == C_CENTRED else 3] = 4.0
    for i in range(1, min(PAIRS, len(axes.g))):
        for j in range(i):
            for role in ROLES[: 3 if CENTRINGS[kind] == C_CENTRED else 1]:
                one, other, unknown = role[0], role[1], role[2]
                start.g[one], start.errors[one] = axes.g[i] / shrink[one], axes.errors[i] / shrink[one]
                start.g[other], start.errors[other] = axes.g[j] / shrink[other], axes.errors[j] / shrink[other]
                _solve_axis(kind, unknown, start, target, best, work)
                for third in range(j):
                    guess.g[:] = start.g
                    guess.errors[:] = start.errors
                    guess.g[unknown] = axes.g[third] / shrink[unknown]
                    guess.errors[unknown] = axes.errors[third] / shrink[unknown]
                    consider(kind, guess, target, best, work)
    return best


@njit(cache=True, nogil=True, error_model="numpy")
def _solve_axis(kind: int, unknown: int, start: Guess, target: Target, best: Best, work: Work) -> None:  # noqa: PLR0913, PLR0917 - as `search_uniaxial._solve`
    """Solve for one axis of an orthorhombic cell of which the others are guessed."""
    found = np.empty(2, np.int64)
    guess = Guess(np.zeros(4), np.zeros(4))
    # far beyond the pattern, so that this axis explains no line
    start.g[unknown], start.errors[unknown] = 1e6 * target.q[-1], 0.0
    for line in found[: first_unexplained(kind, start, target, found, work.scratch[4])]:
        for hkl in TRIALS[CENTRINGS[kind]]:
            if hkl[unknown] == 0:
                continue
            rest, error = target.q[line], target.tolerance[line]
            for i in range(3):
                if i != unknown:
                    rest -= hkl[i] ** 2 * start.g[i]
                    error += hkl[i] ** 2 * start.errors[i]
            if rest > 3 * target.tolerance[line]:
                guess.g[:] = start.g
                guess.errors[:] = start.errors
                guess.g[unknown] = rest / hkl[unknown] ** 2
                guess.errors[unknown] = error / hkl[unknown] ** 2
                consider(kind, guess, target, best, work)


@njit(cache=True, nogil=True, error_model="numpy")
def best_monoclinic(kind: int, target: Target, axes: Guess, work: Work) -> Best:
    """The best monoclinic cell of one centring; the unique axis comes from the guesses, the others from lines."""
    best: Best = no_cell()
    start = Guess(np.zeros(4), np.zeros(4))
    centred = kind == MONOCLINIC_C
    shrink = 4.0 if centred else 1.0
    a_shares = np.array([0.25]) if centred else np.array([1.0, 0.25])
    for unique in range(min(UNIQUE, len(axes.g))):
        b, b_error = axes.g[unique] / shrink, axes.errors[unique] / shrink
        start.g[1], start.errors[1] = b, b_error
        a = _sides(target, b, b_error, a_shares, True)
        c = _sides(target, b, b_error, np.array([1.0, 0.25]), False) if centred else a
        for i in range(len(a.g)):
            start.g[0], start.errors[0] = a.g[i], a.errors[i]
            for j in range(len(c.g) if centred else i):
                start.g[2], start.errors[2] = c.g[j], c.errors[j]
                _solve_angle(kind, start, target, best, work)
    return best


@njit(cache=True, nogil=True, error_model="numpy")
def _solve_angle(kind: int, start: Guess, target: Target, best: Best, work: Work) -> None:
    """Solve for the angle of a monoclinic cell of which the axes are guessed."""
    found = np.empty(2, np.int64)
    guess = Guess(np.zeros(4), np.zeros(4))
    centred = kind == MONOCLINIC_C
    limit = (OBLIQUITY_C if centred else OBLIQUITY) * min(start.g[0], start.g[2])
    # oblique lines are what a right angle leaves unexplained
    right_angled = ORTHORHOMBIC_C if centred else ORTHORHOMBIC
    for line in found[: first_unexplained(right_angled, start, target, found, work.scratch[4])]:
        for k in range(2):
            # 101 and 111, or of a C-centred cell 201 and 111
            h = 2 if centred and k == 0 else 1
            guess.g[:3] = start.g[:3]
            guess.errors[:3] = start.errors[:3]
            guess.g[3] = (target.q[line] - h * h * start.g[0] - k * start.g[1] - start.g[2]) / h
            error = target.tolerance[line] + h * h * start.errors[0] + k * start.errors[1] + start.errors[2]
            guess.errors[3] = error / h
            if abs(guess.g[3]) <= limit:
                consider(kind, guess, target, best, work)


@njit(cache=True, nogil=True, error_model="numpy")
def _sides(target: Target, b: float, b_error: float, shares: NDArray[np.float64], stepped: bool) -> Guess:
    """Squared sides of the zone h0l: the first lines times these shares and, if stepped, less b."""
    lines = min(FIRST, len(target.q))
    ways = len(shares) + stepped
    sides, errors = np.empty(lines * ways), np.empty(lines * ways)
    m = 0
    for i in range(lines):
        for way in range(ways):
            share = shares[way] if way < len(shares) else 1.0
            value = target.q[i] * share - (0.0 if way < len(shares) else b)
            error = target.tolerance[i] * share + (0.0 if way < len(shares) else b_error)
            if value > 3 * error and not near_any(value, error, sides[:m], errors[:m]):
                sides[m], errors[m] = value, error
                m += 1
    return Guess(sides[:m], errors[:m])
