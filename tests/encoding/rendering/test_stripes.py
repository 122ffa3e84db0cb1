"""Stripes against the general resampling of rasters, of which they are the case of one row."""

from __future__ import annotations

import numpy as np
import pytest

from xrdsym.encoding.rendering.colours import colour_table
from xrdsym.encoding.rendering.rasters import plan_rasters, raster_images
from xrdsym.encoding.rendering.stripes import plan_stripes, stripe_images


def patterns(points: int) -> np.ndarray:
    """Colours of a profile without peaks, of one with sharp peaks, and of noise."""
    rng = np.random.default_rng(0)
    rows = np.zeros((3, points), dtype=np.int16)
    rows[1, rng.integers(0, points, 20)] = rng.integers(1, 256, 20)
    rows[2] = rng.integers(0, 256, points)
    return rows


@pytest.mark.parametrize(("points", "side"), [(9001, 224), (1201, 96), (300, 224)])
def test_stripes_are_rasters_of_one_row(points: int, side: int) -> None:
    table, rows = colour_table("viridis"), patterns(points)
    stripes = np.empty((3, side, 3 * side), dtype=np.uint8)
    stripe_images(rows, plan_stripes(points, side, table), stripes)
    rasters = np.empty_like(stripes)
    raster_images(rows[:, None], plan_rasters((1, points), side, table), rasters)
    np.testing.assert_array_equal(stripes, rasters)
