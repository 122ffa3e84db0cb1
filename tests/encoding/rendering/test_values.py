"""Downsampling against plain numpy, pixel by pixel."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest

from xrdsym.encoding.rendering.values import downsampled

SIDE = 7


@pytest.mark.parametrize(("how", "function"), [("mean", np.mean), ("maximum", np.max)])
@pytest.mark.parametrize("shape", [(20, 31), (7, 7)])
def test_a_pixel_is_the_mean_or_maximum_of_its_points(
    how: Literal["mean", "maximum"], function: object, shape: tuple[int, int]
) -> None:
    values = np.random.default_rng(0).random((3, *shape))
    found = downsampled(values, SIDE, how)
    edges = [[pixel * points // SIDE for pixel in range(SIDE + 1)] for points in shape]
    for row in range(SIDE):
        for column in range(SIDE):
            block = values[:, edges[0][row] : edges[0][row + 1], edges[1][column] : edges[1][column + 1]]
            expected = function(block, axis=(1, 2)) if how == "maximum" else block.mean(axis=1).mean(axis=1)
            np.testing.assert_allclose(found[:, row, column], expected)


@pytest.mark.parametrize("how", ["nearest", "mean", "maximum"])
def test_fewer_points_than_pixels_are_repeated(how: Literal["nearest", "mean", "maximum"]) -> None:
    values = np.arange(3.0).reshape(1, 1, 3)
    assert downsampled(values, 9, how).tolist() == [[[0, 0, 0, 1, 1, 1, 2, 2, 2]]]
