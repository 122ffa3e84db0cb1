"""Points under pixels by exact fractions, and the weights of Agg's filter."""

from __future__ import annotations

from fractions import Fraction
from math import ceil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xrdsym.encoding.rendering import geometry


@given(st.integers(1, 5000), st.integers(1, 500))
def test_the_nearest_point_is_the_one_under_the_pixels_centre(points: int, side: int) -> None:
    centres = [Fraction(2 * pixel + 1, 2) * points / side for pixel in range(side)]
    # a centre on an edge belongs to the lower point
    assert geometry.nearest_points(points, side).tolist() == [ceil(centre) - 1 for centre in centres]


@given(st.integers(1, 500), st.integers(0, 5000))
def test_blocks_hold_every_point_once(side: int, more: int) -> None:
    points = side + more
    sizes = np.diff(geometry.block_edges(points, side), append=points)
    assert sizes.sum() == points
    assert sizes.min() >= 1
    assert sizes.max() - sizes.min() <= 1


def test_the_filter_is_a_hanning_window_of_weight_one() -> None:
    weights = geometry.hanning_weights()
    distances = np.abs(np.arange(-255, 257)) / 256
    expected = geometry.FILTER_SCALE * (0.5 + 0.5 * np.cos(np.pi * distances))
    np.testing.assert_allclose(weights[:-1], expected[:-1], atol=0.51)
    sums = weights[:256] + weights[256:]
    np.testing.assert_allclose(sums, geometry.FILTER_SCALE, atol=2)


@pytest.mark.parametrize(("points", "side"), [(9001, 224), (96, 224), (95, 96)])
def test_taps_stay_near_their_pixel(points: int, side: int) -> None:
    taps = geometry.taps_across((1, points), side)
    assert taps.source.min() == 0
    assert taps.source.max() == points - 1
    places = taps.start[:, None] + np.arange(taps.weights.shape[1])
    means = (taps.source[places] * taps.weights).sum(axis=1) / taps.weights.sum(axis=1)
    centres = (np.arange(side) + 0.5) * points / side - 0.5
    inner = slice(2, -2)
    np.testing.assert_allclose(means[inner], centres[inner], atol=max(0.5, 0.08 * points / side))


@pytest.mark.parametrize(
    ("shape", "side", "nearest", "colours"),
    [
        ((224, 224), 224, True, True),
        ((112, 112), 224, True, True),
        ((95, 95), 224, False, True),
        ((32, 32), 96, False, False),
        ((10, 10), 96, True, False),
        ((1, 9001), 224, False, True),
    ],
)
def test_imshow_chooses_by_the_pixels_of_a_point(
    shape: tuple[int, int], side: int, nearest: bool, colours: bool
) -> None:
    assert geometry.uses_nearest(shape, side) == nearest
    assert geometry.resamples_colours(shape, side) == colours
