"""Baselines against scikit-learn and against their definitions."""

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier

from xrdsym.common.errors import UsageError
from xrdsym.config.model_specs import MODEL_SPECS
from xrdsym.models import baselines as classical
from xrdsym.models.baselines import trees

CLASSES = ("cubic", "hexagonal", "monoclinic", "triclinic")
FITTED_TO_ROWS = [name for name, spec in MODEL_SPECS.items() if spec.module is None and name != "search_match"]
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


@pytest.mark.parametrize("name", FITTED_TO_ROWS)
def test_probabilities_are_in_the_order_of_the_classes(name: str, examples: tuple[np.ndarray, np.ndarray]) -> None:
    inputs, labels = examples
    fitted = classical.fit(name, inputs, labels, CLASSES, 0)
    assert fitted.name == name
    assert fitted.classes == CLASSES
    answers = fitted.probabilities(inputs)
    assert answers.shape == (90, 4)
    assert answers.dtype == np.float32
    np.testing.assert_allclose(answers.sum(axis=1), 1, rtol=1e-5)
    assert not answers[:, 1].any()
    assert fitted.probabilities(inputs[:0]).shape == (0, 4)
    if name != "majority":
        assert (answers.argmax(axis=1) == labels).mean() > 0.9


def test_a_forest_answers_without_threads_that_warn_of_each_other(
    examples: tuple[np.ndarray, np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs, labels = examples
    fitted = classical.fit("random_forest", inputs, labels, CLASSES, 0)
    one_tree, seen = DecisionTreeClassifier.predict_proba, []

    def told(*args: object, **keywords: object) -> np.ndarray:
        seen.append(threading.current_thread())
        return one_tree(*args, **keywords)

    monkeypatch.setattr(DecisionTreeClassifier, "predict_proba", told)
    fitted.probabilities(inputs)
    assert seen == [threading.main_thread()] * 5


@pytest.mark.parametrize(
    ("name", "estimator"),
    [
        (
            "boosted_trees",
            HistGradientBoostingClassifier(
                learning_rate=0.1,
                max_iter=5,
                l2_regularization=1,
                max_features=0.3,
                early_stopping=False,
                random_state=3,
            ),
        ),
        ("random_forest", RandomForestClassifier(5, max_leaf_nodes=4096, random_state=3)),
    ],
)
def test_the_probabilities_are_those_of_scikit_learn(
    name: str,
    estimator: HistGradientBoostingClassifier | RandomForestClassifier,
    examples: tuple[np.ndarray, np.ndarray],
) -> None:
    inputs, labels = examples
    expected = estimator.fit(inputs, np.array(CLASSES)[labels]).predict_proba(inputs)
    answers = classical.fit(name, inputs, labels, CLASSES, 3).probabilities(inputs)
    np.testing.assert_allclose(answers[:, PRESENT], expected, rtol=1e-6)
    assert [CLASSES[column] for column in PRESENT] == list(estimator.classes_)


def test_the_majority_is_the_most_frequent_class() -> None:
    fitted = classical.fit("majority", np.zeros((5, 1), np.float32), np.array([3, 0, 3, 2, 3]), CLASSES, 0)
    np.testing.assert_allclose(fitted.probabilities(np.zeros((2, 9), np.float32)), [[0.2, 0, 0.2, 0.6]] * 2)


def test_the_neighbour_is_the_nearest_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    # several blocks of both
    monkeypatch.setattr(classical.simple, "ROWS", 16)
    monkeypatch.setattr(classical.simple, "QUERIES", 8)
    generator = np.random.default_rng(1)
    rows, queries = generator.random((50, 20), np.float32), generator.random((30, 20), np.float32)
    labels = generator.integers(0, 4, 50)
    fitted = classical.fit("nearest_neighbour", rows, labels, CLASSES, 0)
    cosines = (queries @ rows.T) / np.linalg.norm(queries, axis=1)[:, None] / np.linalg.norm(rows, axis=1)
    np.testing.assert_array_equal(fitted.probabilities(queries), np.eye(4)[labels[cosines.argmax(axis=1)]])
    found, similarity = fitted.neighbours(queries)
    np.testing.assert_array_equal(found, cosines.argmax(axis=1))
    np.testing.assert_allclose(similarity, cosines.max(axis=1), rtol=1e-5)


# whole numbers: two profiles are then either parallel or apart by more than rounding
@settings(max_examples=50, deadline=None)
@given(arrays.arrays(np.int64, st.tuples(st.integers(1, 12), st.integers(2, 6)), elements=st.integers(0, 9)))
def test_a_training_profile_is_its_own_neighbour(numbers: np.ndarray) -> None:
    rows = numbers[numbers.any(axis=1)].astype(np.float32)
    labels = np.arange(len(rows)) % 4
    if not len(rows):
        return
    fitted = classical.fit("nearest_neighbour", rows, labels, CLASSES, 0)
    found, similarity = fitted.neighbours(rows)
    np.testing.assert_allclose(similarity, 1, rtol=1e-6)
    shown, met = rows / np.linalg.norm(rows, axis=1)[:, None], fitted.rows[found]
    np.testing.assert_allclose(shown, met, atol=1e-3)


def test_a_profile_without_peaks_is_given_the_majority() -> None:
    rows = np.eye(3, dtype=np.float32)
    fitted = classical.fit("nearest_neighbour", rows, np.array([0, 2, 2]), CLASSES, 0)
    assert fitted.probabilities(np.zeros((1, 3), np.float32)).argmax() == 2


def test_trees_for_more_classes_have_fewer_iterations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert [trees.iterations(classes) for classes in (4, 7, 32, 230)] == [200, 200, 200, 43]


@pytest.mark.parametrize(
    ("name", "inputs", "labels", "message"),
    [
        ("logistic", np.zeros((2, 3)), [0, 1], "no baseline 'logistic': use one of majority"),
        ("majority", np.zeros((2, 3)), [0, 1, 1], r"one label an example.*\(2, 3\) and \(3,\)"),
        ("majority", np.zeros((2, 3)), [0, 4], "labels from 0 to 4 for 4 classes"),
        ("majority", np.zeros((0, 3)), [], "1 classes or more, there are 0 examples of none"),
        ("boosted_trees", np.zeros((2, 3)), [2, 2], "2 classes or more, there are 2 examples of monoclinic"),
        ("nearest_neighbour", np.full((2, 3), np.nan), [0, 1], "not finite in 2 examples"),
    ],
)
def test_unfit_examples_are_refused(name: str, inputs: np.ndarray, labels: list[int], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        classical.fit(name, inputs.astype(np.float32), np.array(labels, np.int64), CLASSES, 0)


@pytest.mark.parametrize("name", ["nearest_neighbour", "random_forest", "boosted_trees"])
def test_inputs_of_another_width_are_refused(name: str, examples: tuple[np.ndarray, np.ndarray]) -> None:
    fitted = classical.fit(name, *examples, CLASSES, 0)
    with pytest.raises(UsageError, match=rf"{name} was trained on rows of 6 numbers.*\(2, 5\)"):
        fitted.probabilities(np.zeros((2, 5), np.float32))
