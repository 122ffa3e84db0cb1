"""Compiled: the best cubic, tetragonal, hexagonal and rhombohedral cell that the first lines suggest.

Every metric of more than one parameter, here and in `search_biaxial`, is searched the same way: guess all parameters
but one, take the first lines that these do not explain, give them small indices that involve the last parameter, and
solve for it (P. M. de Wolff, Acta Cryst. 10, 590, 1957, and T. Ito for zones; no search here is exhaustive).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from xrdsym.features.indexing import Best, Guess, Target, Work, consider, first_unexplained, no_cell
from xrdsym.features.metrics import CUBIC, CUBIC_FORMS, HEXAGONAL, RHOMBOHEDRAL, TETRAGONAL

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Small values of n, and of l², which multiply the two parameters.
PLANE_FORMS = np.array([1.0, 2.0, 4.0, 5.0])
HEXAGONAL_PLANE_FORMS = np.array([1.0, 3.0, 4.0, 7.0])
AXIAL_FORMS = np.array([1.0, 4.0, 9.0, 16.0])
FIRST = 4
"""Lines tried as a line of few indices."""
GUESSES = 4
"""Squared axes tried of those that recur."""
FORMS = 24
"""Numbers N tried for the first lines of a cubic cell."""


@njit(cache=True, nogil=True, error_model="numpy")
def best_cubic(target: Target, work: Work) -> Best:
    """The best cubic cell for these lines."""
    best: Best = no_cell()
    guess = Guess(np.zeros(4), np.zeros(4))
    for i in range(min(FIRST, len(target.q))):
        for form in CUBIC_FORMS[1 : FORMS + 1]:
            guess.g[0] = target.q[i] / form
            guess.errors[0] = target.tolerance[i] / form
            consider(CUBIC, guess, target, best, work)
    return best


@njit(cache=True, nogil=True, error_model="numpy")
def best_uniaxial(kind: int, target: Target, axes: Guess, work: Work) -> Best:
    """The best tetragonal, hexagonal or rhombohedral cell for these lines.

    Args:
        kind: Which of them.
        target: The lines.
        axes: Guesses of squared axes.
        work: Overwritten.
    """
    best: Best = no_cell()
    plane = PLANE_FORMS if kind == TETRAGONAL else HEXAGONAL_PLANE_FORMS
    _solve(kind, 0, plane, AXIAL_FORMS, target, axes, best, work)
    _solve(kind, 1, AXIAL_FORMS, plane, target, axes, best, work)
    return best


@njit(cache=True, nogil=True, error_model="numpy")
def _solve(  # noqa: PLR0913, PLR0917 - what is guessed, what is solved for, where from and where to
    kind: int,
    known: int,
    known_forms: NDArray[np.float64],
    unknown_forms: NDArray[np.float64],
    target: Target,
    axes: Guess,
    best: Best,
    work: Work,
) -> None:
    """Guess one of the two parameters and solve for the other."""
    q, tolerance = target.q, target.tolerance
    values, errors = _values(known_forms, target, axes)
    unknown = 1 - known
    start = Guess(np.zeros(4), np.zeros(4))
    guess = Guess(np.zeros(4), np.zeros(4))
    found = np.empty(2, np.int64)
    plain = HEXAGONAL if kind == RHOMBOHEDRAL else kind
    for at in range(len(values)):
        start.g[known], start.errors[known] = values[at], errors[at]
        # far beyond the pattern, so that this parameter explains no line
        start.g[unknown] = 1e6 * q[-1]
        for line in found[: first_unexplained(plain, start, target, found, work.scratch[4])]:
            for trial in range(5 * len(unknown_forms)):
                inner = 0.0 if trial < len(unknown_forms) else known_forms[trial // len(unknown_forms) - 1]
                outer = unknown_forms[trial % len(unknown_forms)]
                rest = q[line] - inner * values[at]
                if rest > 3 * tolerance[line]:
                    guess.g[known], guess.errors[known] = values[at], errors[at]
                    guess.g[unknown] = rest / outer
                    guess.errors[unknown] = (tolerance[line] + inner * errors[at]) / outer
                    consider(kind, guess, target, best, work)


@njit(cache=True, nogil=True, error_model="numpy")
def _values(forms: NDArray[np.float64], target: Target, axes: Guess) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What a parameter may be, each once, and the errors: the first lines over its forms, and the guessed axes."""
    lines = min(FIRST, len(target.q))
    room = lines * len(forms) + min(GUESSES, len(axes.g))
    values, errors = np.empty(room), np.empty(room)
    m = 0
    for at in range(room):
        i, form = at // len(forms), forms[at % len(forms)]
        third = at - lines * len(forms)
        value = target.q[i] / form if third < 0 else axes.g[third]
        error = target.tolerance[i] / form if third < 0 else axes.errors[third]
        if not np.any(np.abs(value - values[:m]) <= np.maximum(error, errors[:m])):
            values[m], errors[m] = value, error
            m += 1
    return values[:m], errors[:m]
