"""The background by peak clipping, against known backgrounds and NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from xrdsym.measured.snip import clip_peaks, snip_background

ANGLES = np.arange(10, 80, 0.02)
BACKGROUNDS = {
    "flat": np.full(len(ANGLES), 200.0),
    "sloping": 400.0 - 4.0 * (ANGLES - 10),
    "decaying": 100 + 2000 * np.exp(-(ANGLES - 10) / 15),
}


@pytest.mark.parametrize("name", BACKGROUNDS)
def test_a_known_background_is_recovered_below_peaks(name: str) -> None:
    known = BACKGROUNDS[name]
    peaks = sum(
        h * np.exp(-(((ANGLES - a) / 0.08) ** 2)) for a, h in [(21.0, 4e3), (33.0, 1e4), (33.5, 2e3), (60.0, 2e3)]
    )
    result = snip_background(known + peaks, 125)
    # the peaks are up to 50 times as high
    np.testing.assert_allclose(result, known, rtol=0.06)


def test_a_hump_wider_than_the_window_is_background() -> None:
    hump = 1000 * np.exp(-(((ANGLES - 40) / 3) ** 2))
    narrow, wide = (snip_background(hump + 100, half_width).max() for half_width in (5, 800))
    assert narrow > 1050
    assert wide < 150


@given(st.integers(0, 400), st.integers(1, 300))
def test_the_background_lies_between_zero_and_the_intensity(half_width: int, points: int) -> None:
    counts = np.random.default_rng(points).uniform(0, 1000, points)
    result = snip_background(counts, half_width)
    assert result.shape == counts.shape
    assert (result >= 0).all()
    assert (result <= counts).all()


@given(level=arrays(np.float64, st.integers(1, 40), elements=st.floats(0, 5)), share=st.floats(0, 1, exclude_max=True))
def test_clipping_is_that_of_numpy(level: np.ndarray, share: float) -> None:
    half_width = int(share * ((len(level) - 1) // 2 + 1))
    expected = level.copy()
    for window in range(half_width, 0, -1):
        middle = expected[window:-window]
        middle[:] = np.minimum(middle, (expected[2 * window :] + expected[: -2 * window]) / 2)
    np.testing.assert_array_equal(clip_peaks(level, half_width), expected)
