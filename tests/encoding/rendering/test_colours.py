"""Colour tables against Matplotlib's own."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import Normalize

from xrdsym.encoding.rendering.colours import as_bytes, colour_indices, colour_table


@pytest.mark.parametrize("colormap", ["viridis", "gray", "tab10"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_values_have_the_colours_of_matplotlib(colormap: str, dtype: type) -> None:
    values = np.random.default_rng(0).normal(size=(5, 1000)).astype(dtype)
    table = colour_table(colormap)
    limits = np.stack([values.min(axis=1), values.max(axis=1)], axis=1).astype(np.float64)
    found = as_bytes(table)[colour_indices(values, limits, len(table))]
    for row, pixels in zip(values, found, strict=True):
        expected = mpl.colormaps[colormap](Normalize()(row), bytes=True)[:, :3]
        np.testing.assert_array_equal(pixels, expected)


def test_equal_values_have_the_first_colour() -> None:
    assert (colour_indices(np.full((1, 7), 0.3), np.array([[0.3, 0.3]]), 256) == 0).all()
