"""Compiled: the best orthorhombic and monoclinic cells for the first peaks.

The method is that of `search_uniaxial`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from xrdsym.indexing.candidates import (
    EMPTY_CANDIDATE,
    NO_CELL,
    TOLERANCE,
    BestCell,
    Candidate,
    CandidateAxes,
    Q,
    SearchPeaks,
    with_parameter,
)
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
from xrdsym.indexing.scoring import better_cell, first_unexplained

if TYPE_CHECKING:
    from numpy.typing import NDArray

STRONGEST_AXES = 8
"""Number of candidate axes that are combined with each other."""
UNIQUE_AXES = 5
"""Number of candidate axes that are tried as the unique axis of a monoclinic cell."""
FIRST_PEAKS = 5
"""Number of peaks that give the other two axes of a monoclinic cell."""
MAX_OBLIQUITY = 1.2
"""Largest |g₃| over the smaller of g₀ and g₂. Every reduced zone is within 1."""
MAX_OBLIQUITY_C = 2.5
"""The same for C-centred cells, whose reduced zone may be I-centred."""

# Small indices for the first peak that two axes do not explain, for each centring. Rows of zeros fill the table.
TRIAL_INDICES = np.zeros((4, 9, 3))
TRIAL_INDICES[PRIMITIVE, :8] = [(h, k, l) for l in (1, 2) for h in (0, 1) for k in (0, 1)]  # noqa: E741
TRIAL_INDICES[C_CENTRED] = [
    *[(0, 0, 1), (1, 1, 0), (1, 1, 1), (0, 0, 2), (0, 2, 0)],
    *[(1, 1, 2), (2, 0, 1), (0, 2, 1), (2, 2, 1)],
]
TRIAL_INDICES[I_CENTRED, :6] = [(1, 0, 1), (0, 1, 1), (0, 0, 2), (1, 1, 2), (2, 1, 1), (1, 2, 1)]
TRIAL_INDICES[F_CENTRED, :7] = [(1, 1, 1), (0, 0, 2), (2, 0, 2), (0, 2, 2), (3, 1, 1), (1, 3, 1), (1, 1, 3)]

# Parameters that two candidate axes and the unknown axis stand for. Only C-centring distinguishes the axes.
ROLES = np.array([(0, 1, 2), (2, 0, 1), (0, 2, 1)])


@njit(cache=True, nogil=True, error_model="numpy")
def best_orthorhombic(form: int, peaks: SearchPeaks, axes: CandidateAxes, misfits: NDArray[np.float64]) -> BestCell:
    """The best orthorhombic cell of one centring.

    Args:
        form: Position in `FORMS`, which gives the centring.
        peaks: The peaks to explain.
        axes: Candidate squared axes.
        misfits: Scratch array, overwritten, float64 (n,).
    """
    best: BestCell = NO_CELL
    # a centring couples the parities of the indices: an index then goes in steps of 2, and 4 g recurs instead of g
    shrink = np.ones(3)
    if CENTRINGS[form] != PRIMITIVE:
        shrink[: 2 if CENTRINGS[form] == C_CENTRED else 3] = 4.0
    for i in range(1, min(STRONGEST_AXES, len(axes.values))):
        for j in range(i):
            for role in range(3 if CENTRINGS[form] == C_CENTRED else 1):
                one, other, unknown = ROLES[role]
                start = with_parameter(EMPTY_CANDIDATE, one, axes.values[i] / shrink[one], axes.errors[i] / shrink[one])
                start = with_parameter(start, other, axes.values[j] / shrink[other], axes.errors[j] / shrink[other])
                best = _solve_axis(form, unknown, start, peaks, best, misfits)
                for third in range(j):
                    value, error = axes.values[third] / shrink[unknown], axes.errors[third] / shrink[unknown]
                    best = better_cell(form, with_parameter(start, unknown, value, error), peaks, best, misfits)
    return best


@njit(cache=True, nogil=True, error_model="numpy")
def _solve_axis(  # noqa: PLR0913, PLR0917 - compiled, a tuple of them costs more
    form: int, unknown: int, start: Candidate, peaks: SearchPeaks, best: BestCell, misfits: NDArray[np.float64]
) -> BestCell:
    """Solve for one axis of an orthorhombic cell whose other axes are known."""
    table = peaks.table
    # far beyond the pattern, so that the unknown axis explains no peak
    partial = with_parameter(start, unknown, 1e6 * table[Q, -1], 0.0)
    for i in first_unexplained(form, partial, peaks):
        if i < 0:
            continue
        for trial in range(TRIAL_INDICES.shape[1]):
            hkl = (
                TRIAL_INDICES[CENTRINGS[form], trial, 0],
                TRIAL_INDICES[CENTRINGS[form], trial, 1],
                TRIAL_INDICES[CENTRINGS[form], trial, 2],
            )
            if hkl[unknown] == 0:
                continue
            rest, error = table[Q, i], table[TOLERANCE, i]
            for axis in range(3):
                if axis != unknown:
                    rest -= hkl[axis] ** 2 * start.g[axis]
                    error += hkl[axis] ** 2 * start.errors[axis]
            if rest > 3 * table[TOLERANCE, i]:
                candidate = with_parameter(start, unknown, rest / hkl[unknown] ** 2, error / hkl[unknown] ** 2)
                best = better_cell(form, candidate, peaks, best, misfits)
    return best


@njit(cache=True, nogil=True, error_model="numpy")
def best_monoclinic(form: int, peaks: SearchPeaks, axes: CandidateAxes, misfits: NDArray[np.float64]) -> BestCell:
    """The best monoclinic cell of one centring.

    The candidate axes give the unique axis, the first peaks the two others.

    Args:
        form: Position in `FORMS`, which gives the centring.
        peaks: The peaks to explain.
        axes: Candidate squared axes.
        misfits: Scratch array, overwritten, float64 (n,).
    """
    best: BestCell = NO_CELL
    centred = form == MONOCLINIC_C
    shrink = 4.0 if centred else 1.0
    a_factors = np.array([0.25]) if centred else np.array([1.0, 0.25])
    for unique in range(min(UNIQUE_AXES, len(axes.values))):
        b, b_error = axes.values[unique] / shrink, axes.errors[unique] / shrink
        a = _oblique_axes(peaks, b, b_error, a_factors, True)
        c = _oblique_axes(peaks, b, b_error, np.array([1.0, 0.25]), False) if centred else a
        for i in range(len(a.values)):
            for j in range(len(c.values) if centred else i):
                start = Candidate(
                    (a.values[i], b, c.values[j], 0.0),
                    (a.errors[i], b_error, c.errors[j], 0.0),
                )
                best = _solve_angle(form, start, peaks, best, misfits)
    return best


@njit(cache=True, nogil=True, error_model="numpy")
def _solve_angle(
    form: int, start: Candidate, peaks: SearchPeaks, best: BestCell, misfits: NDArray[np.float64]
) -> BestCell:
    """Solve for the angle of a monoclinic cell whose axes are known."""
    table = peaks.table
    (a, b, c, _), (a_error, b_error, c_error, _) = start
    centred = form == MONOCLINIC_C
    limit = (MAX_OBLIQUITY_C if centred else MAX_OBLIQUITY) * min(a, c)
    # reflections with h and l different from 0 are those that a right angle does not explain
    right_angled = ORTHORHOMBIC_C if centred else ORTHORHOMBIC
    for i in first_unexplained(right_angled, start, peaks):
        if i < 0:
            continue
        for k in range(2):
            # 101 and 111; of a C-centred cell 201 and 111
            h = 2 if centred and k == 0 else 1
            oblique = (table[Q, i] - h * h * a - k * b - c) / h
            error = table[TOLERANCE, i] + h * h * a_error + k * b_error + c_error
            if abs(oblique) <= limit:
                best = better_cell(form, with_parameter(start, 3, oblique, error / h), peaks, best, misfits)
    return best


@njit(cache=True, nogil=True, error_model="numpy")
def _oblique_axes(
    peaks: SearchPeaks, b: float, b_error: float, factors: NDArray[np.float64], without_b: bool
) -> CandidateAxes:
    """Candidates for the squared axes of the zone h0l.

    Args:
        peaks: The peaks; the first ones give the candidates.
        b: Squared unique axis, Å⁻².
        b_error: Its standard error, Å⁻².
        factors: Each peak times each factor is a candidate: h00 with h = 1 or 2.
        without_b: Whether each peak minus b is one, too: h10.
    """
    table = peaks.table
    first = min(FIRST_PEAKS, table.shape[1])
    ways = len(factors) + without_b
    values, errors = np.empty(first * ways), np.empty(first * ways)
    m = 0
    for i in range(first):
        for way in range(ways):
            factor = factors[way] if way < len(factors) else 1.0
            value = table[Q, i] * factor - (0.0 if way < len(factors) else b)
            error = table[TOLERANCE, i] * factor + (0.0 if way < len(factors) else b_error)
            if value > 3 * error and not _near_any(value, error, values[:m], errors[:m]):
                values[m], errors[m] = value, error
                m += 1
    return CandidateAxes(values[:m], errors[:m])


@njit(cache=True, nogil=True, error_model="numpy")
def _near_any(value: float, error: float, others: NDArray[np.float64], errors: NDArray[np.float64]) -> bool:
    """Whether a value agrees with one of the others within twice the sum of both errors."""
    for i in range(len(others)):  # noqa: SIM110 - compiled, a generator costs more
        if abs(value - others[i]) <= 2 * (error + errors[i]):
            return True
    return False
