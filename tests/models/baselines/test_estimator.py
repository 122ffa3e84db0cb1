"""Baselines of scikit-learn's estimators, against scikit-learn itself."""

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier

from xrdsym.common.errors import UsageError
from xrdsym.models.baselines import trees
from xrdsym.models.baselines.estimator import EstimatorBaseline
from xrdsym.models.baselines.majority import Majority
from xrdsym.models.baselines.nearest_neighbour import NearestNeighbour
from xrdsym.models.baselines.trees import BoostedTrees, RandomForest

CLASSES = ("cubic", "hexagonal", "monoclinic", "triclinic")
PRESENT = np.array([0, 2, 3])
"""Hexagonal has no example."""


@pytest.fixture(scope="module")
def examples() -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(0)
    labels = PRESENT[generator.integers(0, 3, 90)]
    inputs = generator.random((90, 6), np.float32)
    inputs[np.arange(90), labels] += 1
    return inputs, labels


@pytest.fixture(autouse=True)
def few_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trees, "ITERATIONS", 5)
    monkeypatch.setattr(trees, "FOREST_TREES", 5)


@pytest.mark.parametrize("baseline", [Majority, NearestNeighbour, RandomForest, BoostedTrees])
def test_probabilities_are_in_the_order_of_the_classes(
    baseline: type[EstimatorBaseline], examples: tuple[np.ndarray, np.ndarray]
) -> None:
    inputs, labels = examples
    fitted = baseline.fit_rows(inputs, labels, CLASSES, 0)
    assert fitted.classes == CLASSES
    probabilities = fitted.predict_proba(inputs)
    assert probabilities.shape == (90, 4)
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    assert not probabilities[:, 1].any()
    assert fitted.predict_proba(inputs[:0]).shape == (0, 4)
    if baseline is not Majority:
        assert (probabilities.argmax(axis=1) == labels).mean() > 0.9


@pytest.mark.parametrize(
    ("baseline", "estimator"),
    [
        (Majority, DummyClassifier(strategy="prior")),
        (
            BoostedTrees,
            HistGradientBoostingClassifier(
                learning_rate=0.1,
                max_iter=5,
                l2_regularization=1,
                max_features=0.3,
                early_stopping=False,
                random_state=3,
            ),
        ),
        (RandomForest, RandomForestClassifier(5, max_leaf_nodes=4096, random_state=3)),
    ],
)
def test_the_probabilities_are_those_of_scikit_learn(
    baseline: type[EstimatorBaseline],
    estimator: DummyClassifier | HistGradientBoostingClassifier | RandomForestClassifier,
    examples: tuple[np.ndarray, np.ndarray],
) -> None:
    inputs, labels = examples
    expected = estimator.fit(inputs, np.array(CLASSES)[labels]).predict_proba(inputs)
    probabilities = baseline.fit_rows(inputs, labels, CLASSES, 3).predict_proba(inputs)
    np.testing.assert_allclose(probabilities[:, PRESENT], expected, rtol=1e-6)
    assert [CLASSES[column] for column in PRESENT] == list(estimator.classes_)


@pytest.mark.parametrize("baseline", [Majority, NearestNeighbour, RandomForest, BoostedTrees])
def test_inputs_of_another_width_are_refused(
    baseline: type[EstimatorBaseline], examples: tuple[np.ndarray, np.ndarray]
) -> None:
    fitted = baseline.fit_rows(*examples, CLASSES, 0)
    with pytest.raises(UsageError, match=rf"{baseline.name} was trained on rows of 6 numbers.*\(2, 5\)"):
        fitted.predict_proba(np.zeros((2, 5), np.float32))
