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
PARAMETERS = np.array([1, 2, 2, 2, 3, 3, 3, 3, 4, 4])
PRIMITIVE, C_CENTRED, I_CENTRED, F_CENTRED = range(4)
CENTRINGS = np.array([0, 0, 0, 0, PRIMITIVE, C_CENTRED, I_CENTRED, F_CENTRED, PRIMITIVE, C_CENTRED])
SHARES = np.array([1.0, 0.5, 0.5, 0.25])
"""Of the indices, those that a centring leaves."""
HIGHEST = 50
"""Cells in which an index could be larger are no cells."""
LARGEST = 400
"""Forms n and N are tabulated up to here; no line below is further from the first in a pattern of some hundred."""


def _table(form: str) -> NDArray[np.int64]:
    squares = np.arange(21)
    h, k, l = np.meshgrid(squares, squares, squares, indexing="ij")  # noqa: E741
    values = {
        "cubic": h * h + k * k + l * l,
        "tetragonal": h * h + k * k,
        "hexagonal": h * h + h * k + k * k,
    }[form]
    numbers = np.unique(values)
    return numbers[numbers <= LARGEST].astype(np.int64)


CUBIC_FORMS = _table("cubic")
TETRAGONAL_FORMS = _table("tetragonal")
HEXAGONAL_FORMS = _table("hexagonal")


@njit(cache=True, nogil=True, error_model="numpy")
def nearest(kind: int, g: NDArray[np.float64], q: float, indices: NDArray[np.float64]) -> float:
    """How far q lies above the nearest line of this metric, infinite for no cell.

    A line that is much nearer than its neighbours is found for certain; far from all lines the one found may be
    somewhat farther than the nearest. What multiplies g is left in `indices`, float64 (4,).
    """
    misfit: float
    if kind == CUBIC:
        misfit = _nearest_cubic(g[0], q, indices)
    elif kind < ORTHORHOMBIC:
        misfit = _nearest_uniaxial(kind, g, q, indices)
    else:
        misfit = _nearest_biaxial(g, q, indices, kind >= MONOCLINIC, CENTRINGS[kind])
    return misfit


@njit(cache=True, nogil=True, error_model="numpy")
def _nearest_cubic(a: float, q: float, indices: NDArray[np.float64]) -> float:
    if not a * LARGEST > q:
        return math.inf
    at = np.searchsorted(CUBIC_FORMS, q / a)
    best = math.inf
    for i in (at - 1, at):
        if 0 < i < len(CUBIC_FORMS) and abs(q - a * CUBIC_FORMS[i]) < abs(best):
            best = q - a * CUBIC_FORMS[i]
            indices[0] = CUBIC_FORMS[i]
    return best


@njit(cache=True, nogil=True, error_model="numpy")
def _nearest_uniaxial(kind: int, g: NDArray[np.float64], q: float, indices: NDArray[np.float64]) -> float:
    forms = TETRAGONAL_FORMS if kind == TETRAGONAL else HEXAGONAL_FORMS
    best = math.inf
    a, c = g[0], g[1]
    if not min(a * LARGEST, c * HIGHEST**2) > q:
        return best
    for n in forms:
        rest = q - a * n
        if rest < -0.5 * c and rest < -abs(best):
            break
        root = math.floor(math.sqrt(max(rest, 0.0) / c) + 0.5)
        for step in range(2 if kind == RHOMBOHEDRAL else 1):
            l = root  # noqa: E741
            if step:
                l = root + 1 if rest > c * root * root else root - 1  # noqa: E741
            if l < 0 or (l == 0 and n == 0) or (kind == RHOMBOHEDRAL and (n % 3 == 0) != (l % 3 == 0)):
                continue
            misfit = rest - c * l * l
            if abs(misfit) < abs(best):
                best = misfit
                indices[0] = n
                indices[1] = l * l
    return best


@njit(cache=True, nogil=True, error_model="numpy")
def _nearest_biaxial(
    g: NDArray[np.float64], q: float, indices: NDArray[np.float64], oblique: bool, centring: int
) -> float:
    best = math.inf
    a, b, c = g[0], g[1], g[2]
    d = g[3] if oblique else 0.0
    # what is left of h² once the best real l is taken: the smallest Q that this h can have
    least = a - d * d / (4 * c)
    # a refinement may flatten a cell until its indices have no end
    if not min(a, b, c, least) * HIGHEST**2 > q:
        return best
    limit = q + 0.5 * min(a, b, c)
    paired = centring == C_CENTRED or centring == F_CENTRED  # noqa: PLR1714 - compiled, a set would be built
    tied = centring == I_CENTRED or centring == F_CENTRED  # noqa: PLR1714
    k = 0
    while b * k * k <= limit:
        h = k % 2 if paired else 0
        while b * k * k + least * h * h <= limit:
            rest = q - b * k * k - least * h * h
            centre = -d * h / (2 * c)
            width = math.sqrt(max(rest, 0.0) / c)
            for sign in (1, -1):
                if tied:
                    odd = (h + k) % 2 if centring == I_CENTRED else h % 2
                    l = 2 * math.floor((centre + sign * width - odd) / 2 + 0.5) + odd  # noqa: E741
                else:
                    l = math.floor(centre + sign * width + 0.5)  # noqa: E741
                if not (h == 0 and k == 0 and l == 0):
                    misfit = q - (a * h * h + b * k * k + c * l * l + d * h * l)
                    if abs(misfit) < abs(best):
                        best = misfit
                        indices[0] = h * h
                        indices[1] = k * k
                        indices[2] = l * l
                        indices[3] = h * l
                if not oblique or h == 0:
                    break
            h += 2 if paired else 1
        k += 1
    return best


@njit(cache=True, nogil=True, error_model="numpy")
def expected_lines(kind: int, g: NDArray[np.float64], q: float) -> float:
    """About how many lines this metric has up to q: the volume of the sphere over that of a point and its equivalents.

    Lines of special indices have fewer equivalents; the surface term counts them. Infinite for no metric at all.
    """
    a, b, c = g[0], g[1], g[2]
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
        zone = a * c - 0.25 * g[3] * g[3]
        if min(a, b, c, zone) > 0:
            root = math.sqrt(zone)
            lines = SHARES[CENTRINGS[kind]] * (sphere / math.sqrt(b) + math.pi * q) / (4 * root)
    return lines
