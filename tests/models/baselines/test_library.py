"""A library finds the structure that a pattern is of, whatever its size."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xrdsym.models.baselines.library import BINS, MOST_SIMILAR, SHIFT, STRONGEST, Library, packed_peaks, smeared

ENDS = (5.0, 90.0)


def crystals(count: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Peaks of made-up crystals: angles in degrees and heights."""
    generator = np.random.default_rng(0)
    numbers = generator.integers(5, 40, count)
    return [(np.sort(generator.uniform(10, 85, n)), generator.uniform(0.01, 1, n)) for n in numbers]


CRYSTALS = crystals(30)
LIBRARY = Library(*ENDS, np.stack([packed_peaks(*one, *ENDS) for one in CRYSTALS]), np.arange(30).astype(np.uint8))


@settings(max_examples=40, deadline=None)
@given(row=st.integers(0, 29), larger=st.floats(0.98, 1.02), exponent=st.floats(0.7, 1.4), scale=st.floats(0.1, 1e4))
def test_a_crystal_is_recognised_larger_and_textured(row: int, larger: float, exponent: float, scale: float) -> None:
    angles, heights = CRYSTALS[row]
    moved = np.degrees(2 * np.arcsin(np.sin(np.radians(angles / 2)) / larger))
    rows, similarity = LIBRARY.most_similar([(moved, scale * heights**exponent)])
    assert rows[0, 0] == row
    assert 0.9 < similarity[0, 0] <= 1 + 1e-5
    assert np.all(np.diff(similarity[0]) <= 0)
    assert rows.shape == similarity.shape == (1, MOST_SIMILAR)


def test_similarity_is_the_largest_cosine_over_the_shifts() -> None:
    query = packed_peaks(*CRYSTALS[3], *ENDS)[None]
    moved = np.concatenate([smeared(query, shift) for shift in range(-SHIFT, SHIFT + 1)])
    expected = (moved.astype(np.float64) @ smeared(LIBRARY.peaks).T).max(axis=0)
    rows, similarity = LIBRARY.most_similar([CRYSTALS[3]])
    np.testing.assert_allclose(similarity[0], np.sort(expected)[::-1][:MOST_SIMILAR], rtol=1e-5)
    np.testing.assert_allclose(expected[rows[0]], similarity[0], rtol=1e-5)


def test_many_patterns_at_once_are_as_one_by_one() -> None:
    together, alone = LIBRARY.most_similar(CRYSTALS), [LIBRARY.most_similar([one]) for one in CRYSTALS]
    np.testing.assert_array_equal(together[0], np.concatenate([rows for rows, _ in alone]))
    np.testing.assert_allclose(together[1], np.concatenate([values for _, values in alone]), rtol=1e-5)


def test_of_equally_similar_structures_the_first_comes_first() -> None:
    twice = Library(*ENDS, np.concatenate([LIBRARY.peaks, LIBRARY.peaks]), np.zeros(60, np.uint8))
    rows, _ = twice.most_similar([CRYSTALS[7]])
    assert rows[0, :2].tolist() == [7, 37]


def test_the_strongest_peaks_are_kept_in_bins_of_ln_sine() -> None:
    angles, heights = np.linspace(10, 85, 60), np.linspace(0.02, 1, 60)
    packed = packed_peaks(angles, heights, *ENDS)
    assert packed.shape == (STRONGEST,)
    low, high = np.log(np.sin(np.radians(np.array(ENDS) / 2)))
    bins = (np.log(np.sin(np.radians(angles / 2))) - low) / (high - low) * BINS
    np.testing.assert_array_equal(packed >> 6, np.unique(bins.astype(int))[-STRONGEST:])
    assert (packed & 63).max() == 63
    assert (packed & 63)[0] == pytest.approx(63 * np.sqrt(heights[-STRONGEST]), abs=1)


def test_peaks_outside_of_the_axis_are_left_out() -> None:
    packed = packed_peaks(np.array([2.0, 30.0, 95.0]), np.ones(3), *ENDS)
    assert np.count_nonzero(packed) == 1
    assert not packed_peaks(np.zeros(0), np.zeros(0), *ENDS).any()
