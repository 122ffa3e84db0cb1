"""Rasters against weighted means in exact whole numbers."""

from __future__ import annotations

import numpy as np
import pytest

from xrdsym.encoding.rendering.colours import colour_table
from xrdsym.encoding.rendering.geometry import taps_across, taps_down
from xrdsym.encoding.rendering.rasters import plan_rasters, raster_images

SHAPE, SIDE = (60, 60), 96


@pytest.mark.parametrize("share", [0.02, 1.0])
def test_a_pixel_is_the_weighted_mean_of_its_points(share: float) -> None:
    rng = np.random.default_rng(0)
    table = colour_table("viridis")
    indices = np.where(rng.random(SHAPE) < share, rng.integers(0, 256, SHAPE), 0).astype(np.int16)
    images = np.empty((1, SIDE, 3 * SIDE), dtype=np.uint8)
    raster_images(indices[None], plan_rasters(SHAPE, SIDE, table), images)
    rows, columns = taps_down(SHAPE, SIDE), taps_across(SHAPE, SIDE)
    expected = np.empty((SIDE, SIDE, 3))
    for row in range(SIDE):
        down = rows.source[rows.start[row] + np.arange(rows.weights.shape[1])]
        for column in range(SIDE):
            across = columns.source[columns.start[column] + np.arange(columns.weights.shape[1])]
            weights = (rows.weights[row][:, None] * columns.weights[column][None] + 8192) >> 14
            colours = table[indices[np.ix_(down, across)]]
            expected[row, column] = (colours * weights[..., None]).sum(axis=(0, 1)) / weights.sum() * 255
    found = images.reshape(SIDE, SIDE, 3).astype(float)
    # the pixel is the mean rounded down
    assert (found <= expected + 1e-6).all()
    assert (expected < found + 1 + 1e-6).all()
