"""The scores against scikit-learn, the intervals against what is known of them."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from xrdsym.common.errors import XrdsymError
from xrdsym.crystal.symmetry import CRYSTAL_SYSTEMS
from xrdsym.evaluation.confusions import lumped, most_frequent, worst_confusions
from xrdsym.evaluation.metrics import evaluate
from xrdsym.reporting.paper import PAPER_TABLE, paper_macro_f1

RIGHT_SHARE = 0.6


def predictions(rows: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Classes with unequal shares, and probabilities that are right more often than not."""
    rng = np.random.default_rng(seed)
    actual = rng.choice(7, rows, p=[0.05, 0.1, 0.25, 0.2, 0.15, 0.15, 0.1])
    probabilities = rng.dirichlet(np.ones(7), rows)
    right = rng.random(rows) < RIGHT_SHARE
    probabilities[right, actual[right]] += 1.0
    return actual, probabilities / probabilities.sum(axis=1, keepdims=True)


def test_scores_equal_scikit_learn() -> None:
    actual, probabilities = predictions(2000)
    found = evaluate(actual, probabilities, classes=CRYSTAL_SYSTEMS, bootstrap=0)
    predicted = probabilities.argmax(axis=1)
    assert found["n"] == 2000
    assert found["accuracy"] == pytest.approx(metrics.accuracy_score(actual, predicted))
    assert found["macro_f1"] == pytest.approx(metrics.f1_score(actual, predicted, average="macro"))
    assert found["balanced_accuracy"] == pytest.approx(metrics.balanced_accuracy_score(actual, predicted))
    assert found["log_loss"] == pytest.approx(metrics.log_loss(actual, probabilities))
    assert found["confusion_matrix"] == metrics.confusion_matrix(actual, predicted).tolist()
    table = np.array([list(row.values()) for row in found["per_class"].values()]).T
    np.testing.assert_allclose(table, metrics.precision_recall_fscore_support(actual, predicted))
    assert list(found["per_class"]) == list(CRYSTAL_SYSTEMS)
    assert found["intervals"] == {}


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=40))
def test_macro_f1_is_the_mean_over_the_classes_that_occur(pairs: list[tuple[int, int]]) -> None:
    actual, predicted = (np.array(values) for values in zip(*pairs, strict=True))
    found = evaluate(actual, np.eye(7)[predicted], classes=CRYSTAL_SYSTEMS, bootstrap=0)
    expected = metrics.f1_score(actual, predicted, labels=np.unique(actual), average="macro", zero_division=0.0)
    assert found["macro_f1"] == pytest.approx(expected)
    recalls = metrics.recall_score(actual, predicted, labels=np.unique(actual), average="macro", zero_division=0.0)
    assert found["balanced_accuracy"] == pytest.approx(recalls)


def test_the_majority_is_the_one_of_the_training_part_where_that_is_known() -> None:
    actual = np.array([0, 0, 0, 2, 2])
    right = np.eye(7)[actual]
    own = evaluate(actual, right, classes=CRYSTAL_SYSTEMS, bootstrap=0)
    assert (own["majority_class"], own["majority_accuracy"]) == ("cubic", 0.6)
    counts = [10, 0, 50, 0, 0, 0, 0]
    trained = evaluate(actual, right, classes=CRYSTAL_SYSTEMS, bootstrap=0, training_counts=counts)
    assert (trained["majority_class"], trained["majority_accuracy"]) == ("monoclinic", 0.4)


def test_the_interval_of_the_accuracy_is_that_of_the_binomial_distribution() -> None:
    actual, probabilities = predictions(1000)
    found = evaluate(actual, probabilities, classes=CRYSTAL_SYSTEMS, bootstrap=4000)
    low, high = found["intervals"]["accuracy"]
    error = np.sqrt(found["accuracy"] * (1 - found["accuracy"]) / 1000)
    assert low == pytest.approx(found["accuracy"] - 1.96 * error, abs=0.3 * error)
    assert high == pytest.approx(found["accuracy"] + 1.96 * error, abs=0.3 * error)
    assert set(found["intervals"]) == {"accuracy", "macro_f1", "balanced_accuracy"}


def test_groups_of_one_row_give_the_interval_of_rows() -> None:
    actual, probabilities = predictions(500)
    rows = evaluate(actual, probabilities, classes=CRYSTAL_SYSTEMS, bootstrap=4000)
    singles = [f"f{row}" for row in range(500)]
    grouped = evaluate(actual, probabilities, singles, classes=CRYSTAL_SYSTEMS, bootstrap=4000)
    for name, interval in rows["intervals"].items():
        assert grouped["intervals"][name] == pytest.approx(interval, abs=0.01)


def test_rows_that_belong_together_widen_the_interval() -> None:
    actual, probabilities = predictions(100)
    actual, probabilities = np.repeat(actual, 9), np.repeat(probabilities, 9, axis=0)
    groups = np.repeat([f"f{row}" for row in range(100)], 9)
    rows = evaluate(actual, probabilities, classes=CRYSTAL_SYSTEMS, bootstrap=2000)["intervals"]["accuracy"]
    grouped = evaluate(actual, probabilities, groups, classes=CRYSTAL_SYSTEMS, bootstrap=2000)["intervals"]["accuracy"]
    # nine copies of a row tell no more than the row: the width is that of 100 rows, three times that of 900
    assert (grouped[1] - grouped[0]) / (rows[1] - rows[0]) == pytest.approx(3.0, rel=0.15)


def test_intervals_come_from_the_seed_and_do_not_depend_on_how_many_are_drawn_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    actual, probabilities = predictions(300)
    groups = np.arange(300) // 3
    first = evaluate(actual, probabilities, groups, classes=CRYSTAL_SYSTEMS, bootstrap=200, seed=1)
    assert evaluate(actual, probabilities, groups, classes=CRYSTAL_SYSTEMS, bootstrap=200, seed=1) == first
    other = evaluate(actual, probabilities, groups, classes=CRYSTAL_SYSTEMS, bootstrap=200, seed=2)
    assert other["intervals"] != first["intervals"]
    monkeypatch.setattr("xrdsym.evaluation.bootstrap.BOOTSTRAP_CELLS", 700)
    assert evaluate(actual, probabilities, groups, classes=CRYSTAL_SYSTEMS, bootstrap=200, seed=1) == first


def test_the_scores_are_json() -> None:
    actual, probabilities = predictions(50)
    found = evaluate(actual, probabilities.astype(np.float32), classes=CRYSTAL_SYSTEMS, bootstrap=100)
    assert json.loads(json.dumps(found)) == found


def test_worst_confusions_are_the_largest_cells_off_the_diagonal() -> None:
    actual, probabilities = predictions(2000)
    ids = [f"mp-{row}" for row in range(2000)]
    found = worst_confusions(actual, probabilities, ids, classes=CRYSTAL_SYSTEMS, pairs=5, examples=3)
    matrix = metrics.confusion_matrix(actual, probabilities.argmax(axis=1))
    np.fill_diagonal(matrix, 0)
    assert [pair["count"] for pair in found] == sorted(matrix.ravel(), reverse=True)[:5]
    for pair in found:
        row, column = CRYSTAL_SYSTEMS.index(pair["actual"]), CRYSTAL_SYSTEMS.index(pair["predicted"])
        assert pair["count"] == matrix[row, column]
        assert pair["share"] == pytest.approx(pair["count"] / (actual == row).sum())
        certain = [example["probability"] for example in pair["examples"]]
        of_pair = probabilities[(actual == row) & (probabilities.argmax(axis=1) == column), column]
        assert certain == sorted(of_pair, reverse=True)[:3]
        assert all(example["material_id"] == f"mp-{example['row']}" for example in pair["examples"])


def test_without_mistakes_there_are_no_confusions() -> None:
    actual = np.arange(7)
    assert worst_confusions(actual, np.eye(7), list("abcdefg"), classes=CRYSTAL_SYSTEMS) == []


@pytest.mark.parametrize(
    ("actual", "probabilities", "error", "text"),
    [
        ([], np.zeros((0, 7)), XrdsymError, "nothing to score"),
        ([0], np.full((1, 7), np.nan), XrdsymError, "1 of 1"),
        ([0, 1], np.eye(7)[:1], ValueError, r"\(n, 7\)"),
        ([7], np.eye(7)[:1], ValueError, "0 to 6"),
        ([-1], np.eye(7)[:1], ValueError, "0 to 6"),
    ],
)
def test_what_cannot_be_scored_is_an_error(
    actual: list[int], probabilities: np.ndarray, error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=text):
        evaluate(actual, probabilities, classes=CRYSTAL_SYSTEMS, bootstrap=10)


def test_the_paper_table_is_consistent_with_itself() -> None:
    assert tuple(PAPER_TABLE) == CRYSTAL_SYSTEMS
    for score in PAPER_TABLE.values():
        assert score.f1 == pytest.approx(
            2 * score.precision * score.recall / (score.precision + score.recall), abs=0.011
        )
    assert paper_macro_f1() == pytest.approx(0.54, abs=0.005)


def many(rows: int = 400, size: int = 30) -> tuple[np.ndarray, np.ndarray, list[str]]:
    rng = np.random.default_rng(3)
    actual = np.minimum(rng.geometric(0.1, rows) - 1, size - 1)
    probabilities = rng.dirichlet(np.ones(size), rows)
    probabilities[np.arange(rows), actual] += 0.05
    return actual, probabilities / probabilities.sum(axis=1, keepdims=True), [f"class {place}" for place in range(size)]


def test_top_accuracies_equal_scikit_learn_and_come_with_more_than_seven_classes() -> None:
    actual, probabilities, classes = many()
    found = evaluate(actual, probabilities, classes=classes, bootstrap=0)
    for count in (3, 5):
        expected = metrics.top_k_accuracy_score(actual, probabilities, k=count, labels=np.arange(30))
        assert found[f"top_{count}_accuracy"] == pytest.approx(expected)
    assert found["accuracy"] < found["top_3_accuracy"] < found["top_5_accuracy"]
    equal = evaluate([0, 2, 3, 7], np.full((4, 8), 1 / 8), classes=classes[:8], bootstrap=0)
    assert (equal["accuracy"], equal["top_3_accuracy"], equal["top_5_accuracy"]) == (0.25, 0.5, 0.75)
    assert "top_3_accuracy" not in evaluate([0], np.eye(7)[:1], classes=CRYSTAL_SYSTEMS, bootstrap=0)


def test_of_many_classes_the_most_frequent_stand_for_themselves() -> None:
    actual, probabilities, classes = many()
    matrix = np.array(evaluate(actual, probabilities, classes=classes, bootstrap=0)["confusion_matrix"])
    lump, names = lumped(matrix, classes)
    shown = most_frequent(matrix)
    assert lump.shape == (21, 21)
    assert names == [*(classes[place] for place in shown), "10 others"]
    np.testing.assert_array_equal(lump[:20, :20], matrix[np.ix_(shown, shown)])
    np.testing.assert_array_equal(lump[:20].sum(axis=1), matrix.sum(axis=1)[shown])
    assert lump.sum() == 400
    few, same = lumped(matrix[:20, :20], classes[:20])
    np.testing.assert_array_equal(few, matrix[:20, :20])
    assert same == classes[:20]
