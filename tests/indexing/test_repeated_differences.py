"""Differences of Q that recur."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from known_lattices import peaks_of, q_of
from xrdsym.indexing.repeated_differences import (
    MISSING,
    repeated_difference_features,
    repeated_difference_names,
    repeated_differences,
    strongest_distinct,
)

TOLERANCE = 1e-4
SQUARE_DIFFERENCES = sorted({a * a - b * b for a in range(7) for b in range(a)})


def positions(cell: tuple[float, ...]) -> np.ndarray:
    return q_of(peaks_of(cell)[0])[:40]


def test_differences_of_an_orthorhombic_pattern_are_multiples_of_its_axes() -> None:
    cell = (4.85, 6.81, 8.29, 90, 90, 90)
    q = positions(cell)
    result = repeated_differences(q, np.full(40, TOLERANCE))
    multiples = np.outer(SQUARE_DIFFERENCES, 1 / np.square(cell[:3])).ravel()
    misfits = np.abs(result.values[:, None] - multiples).min(axis=1)
    assert (misfits[:3] < 2 * TOLERANCE).all()
    # each axis is one of the families
    for axis in 1 / np.square(cell[:3]):
        assert np.abs(result.values[:, None] / axis - SQUARE_DIFFERENCES).min() < 2 * TOLERANCE / axis


def test_differences_of_a_triclinic_pattern_recur_less() -> None:
    right_angled, oblique = (
        repeated_differences(positions(cell), np.full(40, TOLERANCE)).excess.max()
        for cell in [(5.1, 6.3, 7.2, 90, 90, 90), (5.1, 6.3, 7.2, 82.0, 97.0, 105.0)]
    )
    assert right_angled > 1.5 * oblique


@given(arrays(np.float64, st.integers(2, 45), elements=st.floats(0.01, 1), unique=True))
def test_counts_are_those_of_all_pairs(q: np.ndarray) -> None:
    q = np.sort(q)
    result = repeated_differences(q, np.full(len(q), TOLERANCE))
    upper, lower = np.tril_indices(min(len(q), 40), -1)
    differences = q[upper] - q[lower]
    for value, count, tolerance in zip(result.values, result.counts, result.tolerance, strict=True):
        assert np.isclose(tolerance, np.sqrt(2) * TOLERANCE)
        assert count == (np.abs(differences - value) <= 1.5 * tolerance).sum() - 1
    assert (np.diff(result.excess) <= 0).all()


@given(
    arrays(np.float64, st.integers(0, 30), elements=st.floats(0, 1)),
    st.integers(1, 12),
    st.integers(0, 2**32 - 1),
)
def test_the_strongest_distinct_values_are_kept(values: np.ndarray, limit: int, seed: int) -> None:
    strength = np.random.default_rng(seed).random(len(values))
    tolerance = np.full(len(values), 0.02)
    kept = strongest_distinct(values, tolerance, strength, 3.0, limit)
    assert len(kept) <= limit
    assert (np.diff(strength[kept]) <= 0).all()
    near = np.abs(values[:, None] - values[kept]) <= 0.06
    assert near[kept].sum() == len(kept)
    if len(kept) < limit:
        stronger = strength[kept] >= strength[:, None]
        assert (near & stronger).any(axis=1).all()


def test_a_pattern_of_one_peak_has_no_differences() -> None:
    result = repeated_differences(np.array([0.1]), np.array([TOLERANCE]))
    assert len(result.values) == 0
    features = repeated_difference_features(result, 0.1)
    assert features.tolist() == [MISSING] * len(repeated_difference_names())


def test_features_name_the_strongest_difference_first() -> None:
    q = positions((4.85, 6.81, 8.29, 90, 90, 90))
    result = repeated_differences(q, np.full(40, TOLERANCE))
    features = dict(zip(repeated_difference_names(), repeated_difference_features(result, q[0]), strict=True))
    assert features["difference_excess_1"] == result.excess[0]
    assert features["difference_position_2"] == np.log(result.values[1] / q[0])
    assert features["difference_count_3"] == result.counts[2]
