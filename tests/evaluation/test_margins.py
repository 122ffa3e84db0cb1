"""Scores from margins against scikit-learn."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score, precision_recall_fscore_support

from xrdsym.evaluation.confusions import confusion_matrix
from xrdsym.evaluation.margins import class_table, margin_scores, margins_of

CLASSES = 4
PAIRS = st.lists(st.tuples(st.integers(0, CLASSES - 1), st.integers(0, CLASSES - 1)), min_size=1, max_size=60)


@given(PAIRS)
def test_scores_are_those_of_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    actual, predicted = np.array(pairs).T
    margins = margins_of(confusion_matrix(actual, predicted, CLASSES))[None]
    expected = precision_recall_fscore_support(actual, predicted, labels=range(CLASSES), zero_division=0)
    np.testing.assert_allclose(np.concatenate(class_table(margins)), expected[:3], atol=1e-12)
    scores = margin_scores(margins)
    occurring = np.unique(actual)
    np.testing.assert_allclose(scores["accuracy"], accuracy_score(actual, predicted))
    np.testing.assert_allclose(
        scores["macro_f1"], f1_score(actual, predicted, labels=occurring, average="macro", zero_division=0)
    )
    if set(predicted) <= set(actual) and len(occurring) > 1:
        np.testing.assert_allclose(scores["balanced_accuracy"], balanced_accuracy_score(actual, predicted))
