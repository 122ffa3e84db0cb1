"""Compiled: the peaks to be indexed and the candidate cells that a search tries on them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from xrdsym.indexing.quadratic_forms import Vector4

# Rows of `SearchPeaks.table`. One array instead of three, because every call counts the references of each array.
Q, TOLERANCE, MAX_SCORE = range(3)


class CandidateAxes(NamedTuple):
    """Candidate squared reciprocal axes.

    Attributes:
        values: Float64 (m,), Å⁻².
        errors: Their standard errors, float64 (m,), Å⁻².
    """

    values: NDArray[np.float64]
    errors: NDArray[np.float64]


class Candidate(NamedTuple):
    """A cell that a search tries.

    Attributes:
        g: Parameters of the quadratic form, Å⁻², zero for those that the form does not have.
        errors: Their standard errors, Å⁻².
    """

    g: Vector4
    errors: Vector4


class SearchPeaks(NamedTuple):
    """The peaks that a cell has to explain.

    Attributes:
        table: Float64 (3, n), one row each for the positions, ascending, Å⁻²; their tolerances, Å⁻²; and the score
            that a cell which predicts one peak could reach with this peak and all later ones.
        max_unexplained: A cell that leaves more peaks unexplained is rejected. With n or more no cell is rejected,
            whatever the number of peaks that it predicts.
    """

    table: NDArray[np.float64]
    max_unexplained: int


class BestCell(NamedTuple):
    """The best cell of a search.

    Attributes:
        score: Its score.
        g: Its refined parameters, Å⁻².
        errors: The standard errors of the candidate before the refinement, Å⁻².
    """

    score: float
    g: Vector4
    errors: Vector4


NO_CELL = BestCell(-math.inf, (0.0, 0.0, 0.0, 0.0), (0.0, 0.0, 0.0, 0.0))
"""The start of a search: every cell is better."""
EMPTY_CANDIDATE = Candidate((0.0, 0.0, 0.0, 0.0), (0.0, 0.0, 0.0, 0.0))


@njit(cache=True, nogil=True, error_model="numpy")
def search_peaks(q: NDArray[np.float64], tolerance: NDArray[np.float64], max_unexplained: int) -> SearchPeaks:
    """Tabulate peaks for a search.

    Args:
        q: Positions in ascending order, float64 (n,), Å⁻².
        tolerance: Their tolerances, float64 (n,), Å⁻².
        max_unexplained: See `SearchPeaks`.
    """
    n = len(q)
    table = np.empty((3, n))
    total = 0.0
    for i in range(n - 1, -1, -1):
        table[Q, i], table[TOLERANCE, i] = q[i], tolerance[i]
        total += max(0.0, -math.log(3 * tolerance[i] / q[n - 1] * math.sqrt(q[i] / q[n - 1])))
        table[MAX_SCORE, i] = total
    return SearchPeaks(table, max_unexplained)


@njit(cache=True, nogil=True, error_model="numpy")
def with_parameter(candidate: Candidate, at: int, value: float, error: float) -> Candidate:
    """The candidate with parameter number `at` replaced.

    Args:
        candidate: The candidate.
        at: 0 to 3.
        value: The new value, Å⁻².
        error: Its standard error, Å⁻².
    """
    g, errors = candidate
    return Candidate(
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
