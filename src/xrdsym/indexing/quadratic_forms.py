"""Compiled: which line of a lattice metric lies nearest to a position, and how many lines a metric predicts.

A metric of a crystal system is a few parameters g, linear in what the indices make of them:

* cubic: Q = g₀ N, N a sum of three squares;
* tetragonal: Q = g₀ n + g₁ l², n a sum of two squares;
* hexagonal: Q = g₀ n + g₁ l², n = h² + hk + k²; rhombohedral: only n and l of which 3 divides both or neither,
  which is −h + k + l = 3m on hexagonal axes;
* orthorhombic: Q = g₀ h² + g₁ k² + g₂ l²;
* monoclinic, b unique: Q = g₀ h² + g₁ k² + g₂ l² + g₃ hl.

Orthorhombic cells are primitive, C-, I- or F-centred, monoclinic ones primitive or C-centred; the absences of a
centring halve or quarter the lines.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Four = tuple[float, float, float, float]
    """Parameters of a metric, zeros beyond those it has, or one number for each."""

CUBIC, TETRAGONAL, HEXAGONAL, RHOMBOHEDRAL = range(4)
ORTHORHOMBIC, ORTHORHOMBIC_C, ORTHORHOMBIC_I, ORTHORHOMBIC_F, MONOCLINIC, MONOCLINIC_C = range(4, 10)
METRICS = (
    "cubic",
    "tetragonal",
    "hexagonal",
    "rhombohedral",
    "orthorhombic",
    "orthorhombic_c",
    "orthorhombic_i",
    "orthorhombic_f",
    "monoclinic",
    "monoclinic_c",
)
PRIMITIVE, C_CENTRED, I_CENTRED, F_CENTRED = range(4)
CENTRINGS = np.array([0, 0, 0, 0, PRIMITIVE, C_CENTRED, I_CENTRED, F_CENTRED, PRIMITIVE, C_CENTRED])
H_STEPS = np.array([1.0, 2.0, 1.0, 2.0])
L_STEPS = np.array([1.0, 1.0, 2.0, 2.0])
"""2 where k, or h and k, tell the parity of this index."""
SHARES = np.array([1.0, 0.5, 0.5, 0.25])
"""Of the indices, those that a centring leaves."""
HIGHEST = 50
"""Cells in which an index could be larger are no cells."""
LARGEST = 400
"""Forms n and N are tabulated up to here; no line below is further from the first in a pattern of some hundred."""


def _table(form: str) -> NDArray[np.float64]:
    squares = np.arange(21)
    h, k, l = np.meshgrid(squares, squares, squares, indexing="ij")  # noqa: E741
    values = {
        "cubic": h * h + k * k + l * l,
        "tetragonal": h * h + k * k,
        "hexagonal": h * h + h * k + k * k,
    }[form]
    numbers = np.unique(values)
    return numbers[numbers <= LARGEST].astype(np.float64)


CUBIC_FORMS = _table("cubic")
TETRAGONAL_FORMS = _table("tetragonal")
HEXAGONAL_FORMS = _table("hexagonal")
HEXAGONAL_BY_THREE = HEXAGONAL_FORMS % 3 == 0


@njit(cache=True, nogil=True, error_model="numpy")
def nearest(kind: int, g: Four, q: float) -> tuple[float, Four]:
    """How far q lies above the nearest line of this metric, infinite for no cell, and what multiplies g there.

    A line that is much nearer than its neighbours is found for certain; far from all lines the one found may be
    somewhat farther than the nearest.
    """
    found: tuple[float, Four]
    if kind == CUBIC:
        found = _nearest_cubic(g[0], q)
    elif kind == RHOMBOHEDRAL:
        found = _nearest_rhombohedral(g[0], g[1], q)
    elif kind == HEXAGONAL:
        found = _nearest_uniaxial(HEXAGONAL_FORMS, g[0], g[1], q)
    elif kind == TETRAGONAL:
        found = _nearest_uniaxial(TETRAGONAL_FORMS, g[0], g[1], q)
    elif kind < MONOCLINIC:
        found = _nearest_orthorhombic(g, q, CENTRINGS[kind])
    else:
        found = _nearest_monoclinic(g, q, kind == MONOCLINIC_C)
    return found


# What follows is the innermost loop of every search. Indices are floats, and neither arrays nor their views are
# passed: conversions, stores and above all the counting of references cost more than the arithmetic.


@njit(cache=True, nogil=True, error_model="numpy")
def _nearest_cubic(a: float, q: float) -> tuple[float, Four]:
    best, best_n = math.inf, 0.0
    if a * LARGEST > q:
        at = np.searchsorted(CUBIC_FORMS, q / a)
        for i in (at - 1, at):
            if 0 < i < len(CUBIC_FORMS) and abs(q - a * CUBIC_FORMS[i]) < abs(best):
                best, best_n = q - a * CUBIC_FORMS[i], CUBIC_FORMS[i]
    return best, (best_n, 0.0, 0.0, 0.0)


@njit(cache=True, nogil=True, error_model="numpy")
def _nearest_uniaxial(forms: NDArray[np.float64], a: float, c: float, q: float) -> tuple[float, Four]:
    best, nearness, best_n, best_l = math.inf, math.inf, 0.0, 0.0
    if min(a * LARGEST, c * HIGHEST**2) > q:
        per_c = 1 / c
        for n in forms:
            rest = q - a * n
            if rest < -0.5 * c and rest < -nearness:
                break
            l = np.floor(math.sqrt(max(rest, 0.0) * per_c) + 0.5)  # noqa: E741
            misfit = rest - c * l * l
            if abs(misfit) < nearness and n + l > 0:
                best, nearness, best_n, best_l = misfit, abs(misfit), n, l
    return best, (best_n, best_l * best_l, 0.0, 0.0)


@njit(cache=True, nogil=True, error_model="numpy")
def _nearest_rhombohedral(a: float, c: float, q: float) -> tuple[float, Four]:
    best, nearness, best_n, best_l = math.inf, math.inf, 0.0, 0.0
    if min(a * LARGEST, c * HIGHEST**2) > q:
        per_c = 1 / c
        for i in range(len(HEXAGONAL_FORMS)):
            n = HEXAGONAL_FORMS[i]
            rest = q - a * n
            if rest < -0.5 * c and rest < -nearness:
                break
            root = np.floor(math.sqrt(max(rest, 0.0) * per_c) + 0.5)
            other = root + 1 if rest > c * root * root else root - 1
            for l in (root, other):  # noqa: E741
                misfit = rest - c * l * l
                if abs(misfit) < nearness and l >= 0 and n + l > 0 and HEXAGONAL_BY_THREE[i] == (int(l) % 3 == 0):
                    best, nearness, best_n, best_l = misfit, abs(misfit), n, l
    return best, (best_n, best_l * best_l, 0.0, 0.0)


@njit(cache=True, nogil=True, error_model="numpy")
def _nearest_orthorhombic(g: Four, q: float, centring: int) -> tuple[float, Four]:
    a, b, c, _ = g
    best, nearness, best_h, best_k, best_l = math.inf, math.inf, 0.0, 0.0, 0.0
    # a refinement may flatten a cell until its indices have no end
    if min(a, b, c) * HIGHEST**2 > q:
        limit = q + 0.5 * min(a, b, c)
        per_c = 1 / c
        h_step, l_step = H_STEPS[centring], L_STEPS[centring]
        k, k_odd = 0.0, 0.0
        while b * k * k <= limit:
            h = k_odd if h_step == 2 else 0.0
            # the parity that l must have: of h + k in an I-centred cell, of k in an F-centred one
            l_odd = k_odd if l_step == 2 else 0.0
            while b * k * k + a * h * h <= limit:
                rest = max(q - b * k * k - a * h * h, 0.0)
                l = l_step * np.floor((math.sqrt(rest * per_c) - l_odd) / l_step + 0.5) + l_odd  # noqa: E741
                misfit = q - (a * h * h + b * k * k + c * l * l)
                if abs(misfit) < nearness and h + k + l > 0:
                    best, nearness, best_h, best_k, best_l = misfit, abs(misfit), h, k, l
                h += h_step
                if centring == I_CENTRED:
                    l_odd = 1 - l_odd
            k += 1
            k_odd = 1 - k_odd
    return best, (best_h * best_h, best_k * best_k, best_l * best_l, 0.0)


@njit(cache=True, nogil=True, error_model="numpy")
def _nearest_monoclinic(g: Four, q: float, centred: bool) -> tuple[float, Four]:
    a, b, c, d = g
    best, nearness, best_h, best_k, best_l = math.inf, math.inf, 0.0, 0.0, 0.0
    # what is left of h² once the best real l is taken: the smallest Q that this h can have
    least = a - d * d / (4 * c)
    # a refinement may flatten a cell until its indices have no end
    if min(a, b, c, least) * HIGHEST**2 > q:
        limit = q + 0.5 * min(a, b, c)
        per_c = 1 / c
        shift = -0.5 * d * per_c
        k, k_odd = 0.0, 0.0
        while b * k * k <= limit:
            h = k_odd if centred else 0.0
            while b * k * k + least * h * h <= limit:
                width = math.sqrt(max(q - b * k * k - least * h * h, 0.0) * per_c)
                # of h = 0, l and -l are the same line
                for side in (width, -width) if h > 0 else (width, width):
                    l = np.floor(shift * h + side + 0.5)  # noqa: E741
                    misfit = q - (a * h * h + b * k * k + c * l * l + d * h * l)
                    if abs(misfit) < nearness and (h > 0 or k + l > 0):
                        best, nearness, best_h, best_k, best_l = misfit, abs(misfit), h, k, l
                h += 2 if centred else 1
            k += 1
            k_odd = 1 - k_odd
    return best, (best_h * best_h, best_k * best_k, best_l * best_l, best_h * best_l)


@njit(cache=True, nogil=True, error_model="numpy")
def expected_lines(kind: int, g: Four, q: float) -> float:
    """About how many lines this metric has up to q: the volume of the sphere over that of a point and its equivalents.

    PeakList of special indices have fewer equivalents; the surface term counts them. Infinite for no metric at all.
    """
    a, b, c, d = g
    sphere = 4 / 3 * math.pi * q * math.sqrt(q)
    lines: float = math.inf
    if kind == CUBIC:
        # five in six whole numbers are a sum of three squares
        lines = q / a * 5 / 6 if a > 0 else math.inf
    elif kind < ORTHORHOMBIC:
        if min(a, b) > 0:
            area = a if kind == TETRAGONAL else a * math.sqrt(0.75)
            fold = 16 if kind == TETRAGONAL else 24
            lines = (sphere / math.sqrt(b) + math.pi * q) / (area * fold) + 0.6 * q / math.sqrt(a * b)
            # 3 divides both n and l, or neither: 1/3 · 1/3 + 2/3 · 2/3 of them
            lines *= 5 / 9 if kind == RHOMBOHEDRAL else 1
    elif kind < MONOCLINIC:
        if min(a, b, c) > 0:
            volume = math.sqrt(a * b * c)
            flat = (math.sqrt(a) + math.sqrt(b) + math.sqrt(c)) * math.pi * q
            lines = SHARES[CENTRINGS[kind]] * (sphere + flat) / (8 * volume)
    else:
        zone = a * c - 0.25 * d * d
        if min(a, b, c, zone) > 0:
            root = math.sqrt(zone)
            lines = SHARES[CENTRINGS[kind]] * (sphere / math.sqrt(b) + math.pi * q) / (4 * root)
    return lines
