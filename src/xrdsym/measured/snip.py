"""The background of a pattern by the statistics-sensitive non-linear iterative peak-clipping algorithm (SNIP).

C. G. Ryan et al., Nucl. Instrum. Methods B 34, 396 (1988), with the window shrinking as in M. Morháč et al., Nucl.
Instrum. Methods A 401, 113 (1997).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray


def snip_background(intensity: NDArray[np.float64], half_width: int) -> NDArray[np.float64]:
    """The background below the peaks of a pattern.

    Args:
        intensity: float64 (n,), 0 or more, at even steps.
        half_width: Points to either side. Peaks narrower than twice as many points are clipped.

    Returns:
        float64 (n,), nowhere above the intensity.
    """
    reach = min(half_width, len(intensity) - 1)
    level = np.log(np.log(np.sqrt(intensity + 1) + 1) + 1)
    # continued in a straight line beyond both ends; a steep background would stay there otherwise
    level = clip_peaks(np.pad(level, reach, mode="reflect", reflect_type="odd"), reach)
    result = (np.exp(np.exp(level[reach : len(level) - reach]) - 1) - 1) ** 2 - 1
    return np.asarray(np.clip(result, 0.0, intensity), dtype=np.float64)


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"nnan"})
def clip_peaks(level: NDArray[np.float64], half_width: int) -> NDArray[np.float64]:
    """Lower every point to the mean of the points one window away, for windows from `half_width` to 1.

    Compiled, because training with a background does this for every pattern.

    Args:
        level: float64 (n,). Points without a neighbour one window away on both sides stay as they are.
        half_width: The first window, points.

    Returns:
        float64 (n,), nowhere above `level`.
    """
    before, after = level.copy(), level.copy()
    for window in range(half_width, 0, -1):
        # slices, whose indices cannot be negative: the loop over them is vectorised
        middle, below = before[window : len(level) - window], after[window : len(level) - window]
        left, right = before, before[2 * window :]
        for i in range(len(middle)):
            mean = 0.5 * (left[i] + right[i])
            below[i] = min(middle[i], mean)
        before, after = after, before
    return before
