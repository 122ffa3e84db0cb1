"""Confusion matrices, their merged form and the worst mistakes."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix as sklearn_matrix

from xrdsym.common.errors import XrdsymError
from xrdsym.evaluation.confusions import (
    MANY_CLASSES,
    checked_predictions,
    confusion_matrix,
    lumped,
    most_frequent,
    worst_confusions,
)


def test_the_matrix_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    actual, predicted = rng.integers(0, 5, (2, 300))
    np.testing.assert_array_equal(confusion_matrix(actual, predicted, 5), sklearn_matrix(actual, predicted))


def test_the_worst_confusions_come_first_with_the_surest_mistakes() -> None:
    actual = np.array([0, 0, 0, 1, 1, 2])
    probabilities = np.array(
        [[0.1, 0.9, 0.0], [0.3, 0.7, 0.0], [1.0, 0.0, 0.0], [0.0, 0.4, 0.6], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    )
    found = worst_confusions(actual, probabilities, list("abcdef"), classes=("x", "y", "z"), examples=1)
    assert [(one["actual"], one["predicted"], one["count"]) for one in found] == [("x", "y", 2), ("y", "z", 1)]
    assert found[0]["share"] == pytest.approx(2 / 3)
    assert found[0]["examples"] == [{"material_id": "a", "probability": 0.9, "row": 0}]


def test_few_classes_stay_and_many_are_merged() -> None:
    rng = np.random.default_rng(1)
    small = rng.integers(0, 9, (MANY_CLASSES, MANY_CLASSES))
    names = [str(number) for number in range(MANY_CLASSES + 5)]
    assert lumped(small, names[:MANY_CLASSES])[1] == names[:MANY_CLASSES]
    large = rng.integers(0, 9, (MANY_CLASSES + 5,) * 2)
    kept = most_frequent(large)
    matrix, rows = lumped(large, names)
    assert rows == [*(names[one] for one in kept), "5 others"]
    assert set(kept) == set(np.argsort(-large.sum(axis=1), kind="stable")[:MANY_CLASSES])
    np.testing.assert_array_equal(matrix[:-1, :-1], large[np.ix_(kept, kept)])
    assert matrix.sum() == large.sum()
    assert matrix[-1].sum() == np.delete(large, kept, axis=0).sum()


@pytest.mark.parametrize(
    ("actual", "probabilities", "error", "message"),
    [
        ([], np.zeros((0, 2)), XrdsymError, "nothing to score"),
        ([0], [[np.nan, 1.0]], XrdsymError, "not finite for 1 of 1"),
        ([0], [[1.0, 0.0, 0.0]], ValueError, "received"),
        ([2], [[1.0, 0.0]], ValueError, "from 0 to 1, received 2"),
    ],
)
def test_predictions_without_a_score_are_refused(
    actual: list[int], probabilities: object, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        checked_predictions(actual, probabilities, 2)  # type: ignore[arg-type]
