"""Smoothed patterns against plain scipy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter1d

from xrdsym.common.errors import UsageError
from xrdsym.diffraction.profile_grid import ProfileGrid
from xrdsym.diffraction.smoothing import smoothed

GRID = ProfileGrid(10.0, 60.0, 0.05)


def patterns() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Three patterns: with peaks outside the grid and at its ends, with two peaks at one point, and without peaks."""
    two_theta = np.array([3.0, 10.0, 10.2, 42.0, 59.99, 60.0, 75.0, 30.0, 30.01])
    intensity = np.array([9.0, 0.2, 0.7, 1.0, 0.4, 0.3, 9.0, 0.5, 1.0])
    return np.array([0, 7, 9, 9]), two_theta, intensity


@pytest.mark.parametrize("sigma", [0.0, 0.1, 2.0, 5.0, 400.0])
def test_smoothing_is_that_of_scipy(sigma: float) -> None:
    offsets, two_theta, intensity = patterns()
    rows = [row.copy() for row in smoothed(offsets, two_theta, intensity, GRID, sigma)]
    assert len(rows) == 3
    for row, (begin, end) in zip(rows, [(0, 7), (7, 9), (9, 9)], strict=True):
        expected = np.zeros(GRID.points)
        for angle, height in zip(two_theta[begin:end], intensity[begin:end], strict=True):
            if 10.0 <= angle <= 60.0:
                expected[round((angle - 10.0) / 0.05)] += height
        if sigma > 0:
            expected = gaussian_filter1d(expected, sigma)
        np.testing.assert_allclose(row, expected, atol=1e-12)


@pytest.mark.parametrize("sigma", [-1.0, float("nan"), float("inf")])
def test_a_wrong_sigma_is_refused(sigma: float) -> None:
    with pytest.raises(UsageError, match="sigma"):
        next(smoothed(*patterns(), GRID, sigma))
