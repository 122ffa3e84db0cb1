"""Compiled: the best cubic, tetragonal, hexagonal and rhombohedral cell that the first lines suggest.

Every metric of more than one parameter, here and in `search_biaxial`, is searched the same way: guess all parameters
but one, take the first lines that these do not explain, give them small indices that involve the last parameter, and
solve for it (P. M. de Wolff, Acta Cryst. 10, 590, 1957, and T. Ito for zones; no search here is exhaustive).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from xrdsym.indexing.quadratic_forms import CUBIC, CUBIC_FORMS, HEXAGONAL, RHOMBOHEDRAL, TETRAGONAL
from xrdsym.indexing.scoring import (
    NO_CELL,
    NO_GUESS,
    TOLERANCE,
    Axes,
    Best,
    Q,
    Target,
    better,
    changed,
    first_unexplained,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Small values of n, and of l², which multiply the two parameters.
PLANE_FORMS = np.array([1.0, 2.0, 4.0, 5.0])
HEXAGONAL_PLANE_FORMS = np.array([1.0, 3.0, 4.0, 7.0])
AXIAL_FORMS = np.array([1.0, 4.0, 9.0, 16.0])
FIRST = 4
"""PeakList tried as a line of few indices."""
GUESSES = 4
"""Squared axes tried of those that recur."""
FORMS = 24
"""Numbers N tried for the first lines of a cubic cell."""


@njit(cache=True, nogil=True, error_model="numpy")
def best_cubic(target: Target, misfits: NDArray[np.float64]) -> Best:
    """The best cubic cell for these lines; `misfits` is overwritten."""
    table = target.table
    best: Best = NO_CELL
    for i in range(min(FIRST, table.shape[1])):
        for form in CUBIC_FORMS[1 : FORMS + 1]:
            guess = changed(NO_GUESS, 0, table[Q, i] / form, table[TOLERANCE, i] / form)
            best = better(CUBIC, guess, target, best, misfits)
    return best


@njit(cache=True, nogil=True, error_model="numpy")
def best_uniaxial(kind: int, target: Target, axes: Axes, misfits: NDArray[np.float64]) -> Best:
    """The best tetragonal, hexagonal or rhombohedral cell for these lines.

    Args:
        kind: Which of them.
        target: The lines.
        axes: Guesses of squared axes.
        misfits: Overwritten.
    """
    plane = PLANE_FORMS if kind == TETRAGONAL else HEXAGONAL_PLANE_FORMS
    first = _solve(kind, 0, plane, AXIAL_FORMS, target, axes, NO_CELL, misfits)
    best: Best = _solve(kind, 1, AXIAL_FORMS, plane, target, axes, first, misfits)
    return best


@njit(cache=True, nogil=True, error_model="numpy")
def _solve(  # noqa: PLR0913, PLR0917 - what is guessed, what is solved for, where from and where to
    kind: int,
    known: int,
    known_forms: NDArray[np.float64],
    unknown_forms: NDArray[np.float64],
    target: Target,
    axes: Axes,
    best: Best,
    misfits: NDArray[np.float64],
) -> Best:
    """Guess one of the two parameters and solve for the other."""
    table = target.table
    values, errors = _values(known_forms, target, axes)
    unknown = 1 - known
    plain = HEXAGONAL if kind == RHOMBOHEDRAL else kind
    for at in range(len(values)):
        value, error = values[at], errors[at]
        start = changed(NO_GUESS, known, value, error)
        # far beyond the pattern, so that this parameter explains no line
        blind = changed(start, unknown, 1e6 * table[Q, -1], 0.0)
        for line in first_unexplained(plain, blind, target):
            if line < 0:
                continue
            q, tolerance = table[Q, line], table[TOLERANCE, line]
            for trial in range(5 * len(unknown_forms)):
                inner = 0.0 if trial < len(unknown_forms) else known_forms[trial // len(unknown_forms) - 1]
                outer = unknown_forms[trial % len(unknown_forms)]
                rest = q - inner * value
                if rest > 3 * tolerance:
                    guess = changed(start, unknown, rest / outer, (tolerance + inner * error) / outer)
                    best = better(kind, guess, target, best, misfits)
    return best


@njit(cache=True, nogil=True, error_model="numpy")
def _values(forms: NDArray[np.float64], target: Target, axes: Axes) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What a parameter may be, each once, and the errors: the first lines over its forms, and the guessed axes."""
    table = target.table
    lines = min(FIRST, table.shape[1])
    room = lines * len(forms) + min(GUESSES, len(axes.values))
    values, errors = np.empty(room), np.empty(room)
    m = 0
    for at in range(room):
        i, form = at // len(forms), forms[at % len(forms)]
        third = at - lines * len(forms)
        value = table[Q, i] / form if third < 0 else axes.values[third]
        error = table[TOLERANCE, i] / form if third < 0 else axes.errors[third]
        if not np.any(np.abs(value - values[:m]) <= np.maximum(error, errors[:m])):
            values[m], errors[m] = value, error
            m += 1
    return values[:m], errors[:m]
