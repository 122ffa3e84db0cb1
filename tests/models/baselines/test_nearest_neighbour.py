"""The nearest neighbour against its definition."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from xrdsym.common.errors import UsageError
from xrdsym.models.baselines import nearest_neighbour
from xrdsym.models.baselines.nearest_neighbour import NearestNeighbour

CLASSES = ("cubic", "hexagonal", "monoclinic", "triclinic")


def test_the_neighbour_is_the_one_of_largest_cosine(monkeypatch: pytest.MonkeyPatch) -> None:
    # several blocks
    monkeypatch.setattr(nearest_neighbour, "QUERIES", 8)
    generator = np.random.default_rng(1)
    rows, queries = generator.random((50, 20), np.float32), generator.random((30, 20), np.float32)
    labels = generator.integers(0, 4, 50)
    fitted = NearestNeighbour.fit_rows(rows, labels, CLASSES, 0)
    cosines = (queries @ rows.T) / np.linalg.norm(queries, axis=1)[:, None] / np.linalg.norm(rows, axis=1)
    np.testing.assert_array_equal(fitted.predict_proba(queries), np.eye(4)[labels[cosines.argmax(axis=1)]])


# whole numbers: two profiles are then either parallel or apart by more than rounding
@settings(max_examples=50, deadline=None)
@given(arrays.arrays(np.int64, st.tuples(st.integers(1, 12), st.integers(2, 6)), elements=st.integers(0, 9)))
def test_a_training_profile_gets_the_class_of_the_first_equal_one(numbers: np.ndarray) -> None:
    rows = numbers[numbers.any(axis=1)].astype(np.float32)
    if not len(rows):
        return
    labels = np.arange(len(rows)) % 4
    # twice: of equal profiles the first counts
    fitted = NearestNeighbour.fit_rows(np.concatenate([rows, rows]), np.append(labels, 3 - labels), CLASSES, 0)
    exact = rows.astype(np.float64)
    units = exact / np.linalg.norm(exact, axis=1)[:, None]
    parallel = units @ units.T > 1 - 1e-9
    predicted = fitted.predict_proba(rows).argmax(axis=1)
    for row, found in enumerate(predicted):
        # parallel profiles of other heights may round to different numbers
        assert found in labels[parallel[row]]
        equal = (rows == rows[row]).all(axis=1)
        if parallel[row].sum() == equal.sum():
            assert found == labels[equal.argmax()]


def test_the_height_of_a_profile_does_not_matter() -> None:
    rows = np.array([[1, 2, 0], [0, 1, 1]], np.float32)
    fitted = NearestNeighbour.fit_rows(rows, np.array([1, 2]), CLASSES, 0)
    np.testing.assert_array_equal(fitted.predict_proba(100 * rows), fitted.predict_proba(rows))


@pytest.mark.parametrize("query", [[0.0, 0, 0, 0], [0, 0, 0, 1]])
def test_a_profile_with_nothing_in_common_gets_the_majority(query: list[float]) -> None:
    rows = np.eye(4, dtype=np.float32)[[0, 1, 2, 0]]
    rows[3] = 0
    fitted = NearestNeighbour.fit_rows(rows, np.array([0, 2, 2, 1]), CLASSES, 0)
    probabilities = fitted.predict_proba(np.array([query, [1, 0, 0, 0]], np.float32))
    assert probabilities.argmax(axis=1).tolist() == [2, 0]


def test_training_profiles_without_any_peak_are_refused() -> None:
    with pytest.raises(UsageError, match="needs a training profile with a peak, received 3 empty ones"):
        NearestNeighbour.fit_rows(np.zeros((3, 2), np.float32), np.zeros(3, np.int64), CLASSES, 0)
