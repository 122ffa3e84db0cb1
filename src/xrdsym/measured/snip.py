"""Compiled: peaks clipped off a pattern, window by window, which training with a background does for every pattern."""

from __future__ import annotations

from typing import TYPE_CHECKING

from numba import njit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"nnan"})
def snip(level: NDArray[np.float64], widest: int) -> NDArray[np.float64]:
    """Every point lowered to the middle of the line between those a window away, for windows from `widest` to 1.

    Args:
        level: float64 (n,); the points that have no neighbour at one side so far away stay as they are.
        widest: The first window, points.

    Returns:
        float64 (n,), nowhere above `level`.
    """
    before, after = level.copy(), level.copy()
    for window in range(widest, 0, -1):
        # slices, whose indices cannot be negative: the loop over them runs on vectors
        middle, below = before[window : len(level) - window], after[window : len(level) - window]
        left, right = before, before[2 * window :]
        for i in range(len(middle)):
            line = 0.5 * (left[i] + right[i])
            below[i] = min(middle[i], line)
        before, after = after, before
    return before
