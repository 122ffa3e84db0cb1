"""Compiled: the reflections of a cell up to a length of g, in columns along one index, and their lengths.

For X-rays without anomalous scattering the intensities of g and −g are equal (Friedel's law), so one half space of
reflections is enough.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

EDGE = 1e-9
"""Widening of index ranges against rounding; the caller tests |g| of each reflection exactly."""


@njit(cache=True, nogil=True, error_model="numpy")
def cell_frame(lattice: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """The cell in a frame that makes its matrix lower triangular, its shortest vector first.

    With rows r, the vector g of the reflection (h, k, l) follows by forward substitution: g₀ = h / r₀₀,
    g₁ = (k − r₁₀ g₀) / r₁₁, g₂ = (l − r₂₀ g₀ − r₂₁ g₁) / r₂₂, whatever the shape of the cell.

    Args:
        lattice: Lattice vectors as rows, float64 (3, 3), Å.

    Returns:
        order: The order of the axes, intp (3,).
        rows: The lower triangular matrix, float64 (3, 3), Å; no element of its diagonal is negative.
    """
    order = np.arange(3)
    for end in range(1, 3):
        # an insertion sort: to compile np.argsort takes a second
        for i in range(end, 0, -1):
            axis, before = lattice[order[i]], lattice[order[i - 1]]
            if _dot(axis, axis) < _dot(before, before):
                order[i], order[i - 1] = order[i - 1], order[i]
    a, b, c = lattice[order[0]], lattice[order[1]], lattice[order[2]]
    rows = np.zeros((3, 3))
    rows[0, 0] = math.sqrt(_dot(a, a))
    first = a / rows[0, 0]
    rows[1, 0] = _dot(b, first)
    second = b - rows[1, 0] * first
    rows[1, 1] = math.sqrt(_dot(second, second))
    second = second / rows[1, 1]
    rows[2, 0] = _dot(c, first)
    rows[2, 1] = _dot(c, second)
    third = c - rows[2, 0] * first - rows[2, 1] * second
    rows[2, 2] = math.sqrt(_dot(third, third))
    return order, rows


@njit(cache=True, nogil=True, error_model="numpy")
def _dot(a: NDArray[np.float64], b: NDArray[np.float64]) -> np.float64:
    """The product of two vectors of three numbers; np.dot would need BLAS, and `sum` takes longer to compile."""
    product: np.float64 = a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
    return product


@njit(cache=True, nogil=True, error_model="numpy")
def half_space_columns(rows: NDArray[np.float64], g_max: float) -> NDArray[np.int64]:
    """One half space of reflections with |g| up to `g_max`, without the origin, in columns along l.

    Args:
        rows: The cell as `cell_frame` returns it, float64 (3, 3), Å.
        g_max: Largest |g|, Å⁻¹.

    Returns:
        int64 (columns, 5): h, k, first l, end of l, and the number of reflections before the column. The ranges of l
        are wide enough for rounding, so |g| of the outermost reflections can exceed `g_max`.
    """
    h_max = math.floor(g_max * rows[0, 0] + EDGE)
    reach = 2 * math.floor(g_max * rows[1, 1] + EDGE) + 3
    columns = np.empty(((h_max + 1) * reach, 5), dtype=np.int64)
    count = 0
    offset = 0
    for h in range(h_max + 1):
        x = h / rows[0, 0]
        k_centre = rows[1, 0] * x
        k_reach = rows[1, 1] * math.sqrt(max(g_max * g_max - x * x, 0.0)) + EDGE
        k_first = 0 if h == 0 else math.ceil(k_centre - k_reach)
        for k in range(k_first, math.floor(k_centre + k_reach) + 1):
            y = (k - rows[1, 0] * x) / rows[1, 1]
            l_centre = rows[2, 0] * x + rows[2, 1] * y
            l_reach = rows[2, 2] * math.sqrt(max(g_max * g_max - x * x - y * y, 0.0)) + EDGE
            l_first = 1 if h == 0 and k == 0 else math.ceil(l_centre - l_reach)
            l_end = math.floor(l_centre + l_reach) + 1
            if l_end > l_first:
                # one by one: an assignment of all five takes two seconds to compile
                columns[count, 0] = h
                columns[count, 1] = k
                columns[count, 2] = l_first
                columns[count, 3] = l_end
                columns[count, 4] = offset
                offset += l_end - l_first
                count += 1
    return columns[:count].copy()


@njit(cache=True, nogil=True, error_model="numpy")
def squared_lengths(rows: NDArray[np.float64], columns: NDArray[np.int64]) -> NDArray[np.float64]:
    """|g|² of every reflection in the order of the columns.

    Args:
        rows: The cell as `cell_frame` returns it, float64 (3, 3), Å.
        columns: What `half_space_columns` returned, at least one column, int64 (columns, 5).

    Returns:
        float64 (reflections,), Å⁻².
    """
    last = columns[len(columns) - 1]
    squared = np.empty(last[4] + last[3] - last[2])
    for column in range(len(columns)):
        h, k, l_first, l_end, offset = columns[column]
        x = h / rows[0, 0]
        y = (k - rows[1, 0] * x) / rows[1, 1]
        l_centre = rows[2, 0] * x + rows[2, 1] * y
        for i in range(l_end - l_first):
            z = (l_first + i - l_centre) / rows[2, 2]
            squared[offset + i] = x * x + y * y + z * z
    return squared
