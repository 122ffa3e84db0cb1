"""Compiled: the best orthorhombic and monoclinic cells, from axes that the repeated differences and lines suggest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from xrdsym.indexing.quadratic_forms import (
    C_CENTRED,
    CENTRINGS,
    F_CENTRED,
    I_CENTRED,
    MONOCLINIC_C,
    ORTHORHOMBIC,
    ORTHORHOMBIC_C,
    PRIMITIVE,
)
from xrdsym.indexing.scoring import (
    NO_CELL,
    NO_GUESS,
    TOLERANCE,
    Axes,
    Best,
    Guess,
    Q,
    Target,
    better,
    changed,
    first_unexplained,
    near_any,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

PAIRS = 8
"""Axes combined with each other."""
FIRST = 5
"""PeakList tried as a line of few indices."""
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
def best_orthorhombic(kind: int, target: Target, axes: Axes, misfits: NDArray[np.float64]) -> Best:
    """The best orthorhombic cell of one centring for these lines.

    Args:
        kind: The metric, which tells the centring.
        target: The lines.
        axes: Guesses of squared axes.
        misfits: Overwritten.
    """
    best: Best = NO_CELL
    # a centring ties the parity of an index to the others: what recurs is then 4 g, from 0 and 2
    shrink = np.ones(3)
    if CENTRINGS[kind] != PRIMITIVE:
        shrink[: 2 if CENTRINGS[kind] == C_CENTRED else 3] = 4.0
    for i in range(1, min(PAIRS, len(axes.values))):
        for j in range(i):
            for role in range(3 if CENTRINGS[kind] == C_CENTRED else 1):
                one, other, unknown = ROLES[role]
                start = changed(NO_GUESS, one, axes.values[i] / shrink[one], axes.errors[i] / shrink[one])
                start = changed(start, other, axes.values[j] / shrink[other], axes.errors[j] / shrink[other])
                best = _solve_axis(kind, unknown, start, target, best, misfits)
                for third in range(j):
                    value, error = axes.values[third] / shrink[unknown], axes.errors[third] / shrink[unknown]
                    best = better(kind, changed(start, unknown, value, error), target, best, misfits)
    return best


@njit(cache=True, nogil=True, error_model="numpy")
def _solve_axis(  # noqa: PLR0913, PLR0917 - as `search_uniaxial._solve`
    kind: int, unknown: int, start: Guess, target: Target, best: Best, misfits: NDArray[np.float64]
) -> Best:
    """Solve for one axis of an orthorhombic cell of which the others are guessed."""
    table = target.table
    # far beyond the pattern, so that this axis explains no line
    blind = changed(start, unknown, 1e6 * table[Q, -1], 0.0)
    for line in first_unexplained(kind, blind, target):
        if line < 0:
            continue
        for trial in range(TRIALS.shape[1]):
            hkl = (
                TRIALS[CENTRINGS[kind], trial, 0],
                TRIALS[CENTRINGS[kind], trial, 1],
                TRIALS[CENTRINGS[kind], trial, 2],
            )
            if hkl[unknown] == 0:
                continue
            rest, error = table[Q, line], table[TOLERANCE, line]
            for i in range(3):
                if i != unknown:
                    rest -= hkl[i] ** 2 * start.g[i]
                    error += hkl[i] ** 2 * start.errors[i]
            if rest > 3 * table[TOLERANCE, line]:
                guess = changed(start, unknown, rest / hkl[unknown] ** 2, error / hkl[unknown] ** 2)
                best = better(kind, guess, target, best, misfits)
    return best


@njit(cache=True, nogil=True, error_model="numpy")
def best_monoclinic(kind: int, target: Target, axes: Axes, misfits: NDArray[np.float64]) -> Best:
    """The best monoclinic cell of one centring; the unique axis comes from the guesses, the others from lines."""
    best: Best = NO_CELL
    centred = kind == MONOCLINIC_C
    shrink = 4.0 if centred else 1.0
    a_shares = np.array([0.25]) if centred else np.array([1.0, 0.25])
    for unique in range(min(UNIQUE, len(axes.values))):
        b, b_error = axes.values[unique] / shrink, axes.errors[unique] / shrink
        a = _sides(target, b, b_error, a_shares, True)
        c = _sides(target, b, b_error, np.array([1.0, 0.25]), False) if centred else a
        for i in range(len(a.values)):
            for j in range(len(c.values) if centred else i):
                start = Guess(
                    (a.values[i], b, c.values[j], 0.0),
                    (a.errors[i], b_error, c.errors[j], 0.0),
                )
                best = _solve_angle(kind, start, target, best, misfits)
    return best


@njit(cache=True, nogil=True, error_model="numpy")
def _solve_angle(kind: int, start: Guess, target: Target, best: Best, misfits: NDArray[np.float64]) -> Best:
    """Solve for the angle of a monoclinic cell of which the axes are guessed."""
    table = target.table
    (a, b, c, _), (a_error, b_error, c_error, _) = start
    centred = kind == MONOCLINIC_C
    limit = (OBLIQUITY_C if centred else OBLIQUITY) * min(a, c)
    # oblique lines are what a right angle leaves unexplained
    right_angled = ORTHORHOMBIC_C if centred else ORTHORHOMBIC
    for line in first_unexplained(right_angled, start, target):
        if line < 0:
            continue
        for k in range(2):
            # 101 and 111, or of a C-centred cell 201 and 111
            h = 2 if centred and k == 0 else 1
            oblique = (table[Q, line] - h * h * a - k * b - c) / h
            error = table[TOLERANCE, line] + h * h * a_error + k * b_error + c_error
            if abs(oblique) <= limit:
                best = better(kind, changed(start, 3, oblique, error / h), target, best, misfits)
    return best


@njit(cache=True, nogil=True, error_model="numpy")
def _sides(target: Target, b: float, b_error: float, shares: NDArray[np.float64], stepped: bool) -> Axes:
    """Squared sides of the zone h0l: the first lines times these shares and, if stepped, less b."""
    table = target.table
    lines = min(FIRST, table.shape[1])
    ways = len(shares) + stepped
    sides, errors = np.empty(lines * ways), np.empty(lines * ways)
    m = 0
    for i in range(lines):
        for way in range(ways):
            share = shares[way] if way < len(shares) else 1.0
            value = table[Q, i] * share - (0.0 if way < len(shares) else b)
            error = table[TOLERANCE, i] * share + (0.0 if way < len(shares) else b_error)
            if value > 3 * error and not near_any(value, error, sides[:m], errors[:m]):
                sides[m], errors[m] = value, error
                m += 1
    return Axes(sides[:m], errors[:m])
