"""Compiled: peaks put on a grid and smoothed, at a cost that grows with the number of peaks, not of grid points."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from xrdsym.common.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from xrdsym.diffraction.profile_grid import ProfileGrid

TRUNCATE = 4.0
"""Half-width of the Gaussian in units of σ: the default of `scipy.ndimage.gaussian_filter1d`."""


@njit(cache=True, nogil=True, error_model="numpy")
def smooth_peaks(
    two_theta: NDArray[np.float64],
    intensity: NDArray[np.float64],
    grid: tuple[float, float, float],
    weights: NDArray[np.float64],
    profile: NDArray[np.float64],
) -> None:
    """Add each peak to its nearest grid point and smooth, with the result of `scipy.ndimage.gaussian_filter1d`.

    Args:
        two_theta: float64 (peaks,), degrees; peaks outside the grid are left out.
        intensity: float64 (peaks,).
        grid: First point, last point and step, degrees.
        weights: Symmetric kernel, float64 (2 radius + 1,).
        profile: float64 (points,), overwritten; mirrored at both ends (mode `reflect`: d c b a | a b c d).
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


def smoothed(
    offsets: NDArray[np.int64],
    two_theta: NDArray[np.float64],
    intensity: NDArray[np.float32] | NDArray[np.float64],
    grid: ProfileGrid,
    sigma: float,
) -> Iterator[NDArray[np.float64]]:
    """Profiles of patterns: each peak added to its nearest grid point, then smoothed with a Gaussian.

    Args:
        offsets: int64 (n + 1,): the peaks of pattern i are `offsets[i]` to `offsets[i + 1]`.
        two_theta: float64 (peaks,), degrees.
        intensity: float (peaks,), of any unit.
        grid: The grid; peaks outside it are left out.
        sigma: Standard deviation of the Gaussian, grid points.

    Yields:
        float64 (points,), one for each pattern; the same array, overwritten by the next pattern.

    Raises:
        UsageError: `sigma` is negative or not finite.
    """
    weights = _gaussian(sigma)
    ends = (float(grid.two_theta_min), float(grid.two_theta_max), float(grid.step))
    shifts = grid.shifts(offsets, two_theta, intensity)
    places = np.ascontiguousarray(grid.places(two_theta, shifts), dtype=np.float64)
    heights = np.ascontiguousarray(intensity, dtype=np.float64)
    row = np.empty(grid.points)
    for begin, end in pairwise(offsets.tolist()):
        smooth_peaks(places[begin:end], heights[begin:end], ends, weights, row)
        yield row


def _gaussian(sigma: float) -> NDArray[np.float64]:
    """The weights of `scipy.ndimage.gaussian_filter1d`, float64 (2 radius + 1,); their sum is 1."""
    if not (math.isfinite(sigma) and sigma >= 0):
        msg = f"sigma {sigma}: expected a finite number of grid points, 0 or more"
        raise UsageError(msg)
    radius = int(TRUNCATE * sigma + 0.5)
    if radius == 0:
        return np.ones(1)
    weights = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    return np.asarray(weights / weights.sum())
