"""Compiled: peaks put on a grid and smoothed, at a cost that grows with the peaks and not with the grid."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray


@njit(cache=True, nogil=True, error_model="numpy")
def smooth_peaks(
    two_theta: NDArray[np.float64],
    intensity: NDArray[np.float64],
    grid: tuple[float, float, float],
    weights: NDArray[np.float64],
    profile: NDArray[np.float64],
) -> None:
    """Put peaks on the nearest grid points, add them up and smooth them, as `scipy.ndimage` would.

    Args:
        two_theta: float64 (peaks,), degrees; what lies outside the grid is left out.
        intensity: float64 (peaks,).
        grid: First and last point and step, degrees.
        weights: Symmetric kernel, float64 (2 radius + 1,).
        profile: float64 (points,), overwritten; the ends are mirrored (mode `reflect`: d c b a | a b c d).
    """
    first, last, step = grid
    points = len(profile)
    radius = len(weights) // 2
    profile[:] = 0.0
    for peak in range(len(two_theta)):
        if not first <= two_theta[peak] <= last:
            continue
        centre = min(int(np.rint((two_theta[peak] - first) / step)), points - 1)
        begin = centre - radius
        if begin >= 0 and centre + radius < points:
            for i in range(len(weights)):
                profile[begin + i] += weights[i] * intensity[peak]
        else:
            for i in range(len(weights)):
                target = (begin + i) % (2 * points)
                profile[min(target, 2 * points - 1 - target)] += weights[i] * intensity[peak]
