"""Baselines on disk: the same predictions again, and nothing else is loaded."""

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skops.io
from sklearn.linear_model import LogisticRegression

from xrdsym.common.errors import XrdsymError
from xrdsym.models.baselines import trees
from xrdsym.models.baselines.estimator import EstimatorBaseline
from xrdsym.models.baselines.majority import Majority
from xrdsym.models.baselines.nearest_neighbour import NearestNeighbour
from xrdsym.models.baselines.trees import BoostedTrees, RandomForest

BASELINES = (Majority, NearestNeighbour, RandomForest, BoostedTrees)
CLASSES = ("cubic", "hexagonal", "triclinic")
INPUTS = np.random.default_rng(0).random((60, 5), np.float32)


class Foreign:
    """A type that no baseline has; code of its kind would run when a pickle is read."""

    def __init__(self) -> None:
        self.number = 1


@pytest.fixture(autouse=True)
def few_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trees, "ITERATIONS", 3)
    monkeypatch.setattr(trees, "FOREST_TREES", 3)


def fitted(baseline: type[EstimatorBaseline]) -> EstimatorBaseline:
    return baseline.fit_rows(INPUTS, np.arange(60) % 2 * 2, CLASSES, 0)


@pytest.mark.parametrize("baseline", BASELINES)
def test_a_stored_baseline_predicts_the_same(baseline: type[EstimatorBaseline], tmp_path: Path) -> None:
    before = fitted(baseline)
    path = before.save(tmp_path)
    after = baseline.read(path)
    assert type(after) is baseline
    assert after.classes == CLASSES
    np.testing.assert_array_equal(after.predict_proba(INPUTS), before.predict_proba(INPUTS))
    assert list(tmp_path.iterdir()) == [path]


def dump(path: Path, name: str, **content: Any) -> None:  # noqa: ANN401
    skops.io.dump({"version": 1, "name": name, "classes": list(CLASSES)} | content, path)


@pytest.mark.parametrize("baseline", BASELINES)
def test_a_file_with_a_foreign_type_is_refused(baseline: type[EstimatorBaseline], tmp_path: Path) -> None:
    path = tmp_path / "model.skops"
    dump(path, baseline.name, estimator=Foreign())
    with pytest.raises(XrdsymError, match=rf"not loaded: it holds types that {baseline.name} does not have .*Foreign"):
        baseline.read(path)


@pytest.mark.parametrize("baseline", BASELINES)
def test_a_harmless_estimator_of_another_kind_is_refused(baseline: type[EstimatorBaseline], tmp_path: Path) -> None:
    path = tmp_path / "model.skops"
    dump(path, baseline.name, estimator=LogisticRegression(), majority=0, covered=np.ones(5, bool))
    with pytest.raises(XrdsymError, match=rf"{baseline.name} cannot be a sklearn.*LogisticRegression"):
        baseline.read(path)


@pytest.mark.parametrize("baseline", BASELINES)
def test_classes_beyond_those_named_are_refused(baseline: type[EstimatorBaseline], tmp_path: Path) -> None:
    path = tmp_path / "model.skops"
    content = fitted(baseline).content()
    skops.io.dump({"version": 1, "name": baseline.name, "classes": ["cubic", "hexagonal"]} | content, path)
    with pytest.raises(XrdsymError, match="the estimator has other classes than are named"):
        baseline.read(path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"majority": 3}, "the majority is of no class"),
        ({"majority": "cubic"}, "the majority is of no class"),
        ({"covered": np.ones(4, bool)}, "the covered points are of other profiles"),
    ],
)
def test_a_nearest_neighbour_that_does_not_fit_itself_is_refused(
    changes: dict[str, Any], message: str, tmp_path: Path
) -> None:
    path = tmp_path / "model.skops"
    dump(path, "nearest_neighbour", **(fitted(NearestNeighbour).content() | changes))
    with pytest.raises(XrdsymError, match=message):
        NearestNeighbour.read(path)


@pytest.mark.parametrize(
    ("attribute", "value", "message"),
    [
        ("_y", np.full(60, 2), "a label is of no class"),
        ("_y", np.zeros(59, np.int64), "one label a profile is missing"),
        ("_fit_X", INPUTS.astype(np.float64), "the profiles are no table of float32"),
    ],
)
def test_a_forged_nearest_neighbour_is_refused(attribute: str, value: np.ndarray, message: str, tmp_path: Path) -> None:
    forged = fitted(NearestNeighbour)
    setattr(forged.estimator, attribute, value)
    with pytest.raises(XrdsymError, match=message):
        NearestNeighbour.read(forged.save(tmp_path))


@pytest.mark.parametrize("kind", ["text", "archive", "empty", "schema"])
def test_another_file_is_refused_in_one_line(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "model.skops"
    if kind in {"archive", "schema"}:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("schema.json" if kind == "schema" else "other", '{"a": 1}')
    else:
        path.write_text("no such thing\n" if kind == "text" else "", encoding="utf-8")
    with pytest.raises(XrdsymError, match="is no baseline that xrdsym stored") as caught:
        BoostedTrees.read(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("baseline", [Majority, RandomForest])
def test_a_damaged_file_is_refused(baseline: type[EstimatorBaseline], tmp_path: Path) -> None:
    path = fitted(baseline).save(tmp_path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(XrdsymError, match="is no baseline that xrdsym stored"):
        baseline.read(path)


def test_a_file_of_another_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.skops"
    skops.io.dump({"version": 2, "name": "majority", "classes": list(CLASSES)}, path)
    with pytest.raises(XrdsymError, match="it is of version 2, expected 1"):
        Majority.read(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(XrdsymError, match=r"no baseline at .*nothing\.skops"):
        Majority.read(tmp_path / "nothing.skops")


def forged_boosted(change: str) -> EstimatorBaseline:
    forged = fitted(BoostedTrees)
    tree = forged.estimator._predictors[0][0]
    root = tree.nodes[0]
    assert not root["is_leaf"]
    if change == "left":
        root["left"] = len(tree.nodes)
    elif change == "right":
        root["right"] = 2**32 - 1
    elif change == "back":
        root["left"] = 0
    elif change == "feature":
        root["feature_idx"] = 5
    elif change == "negative":
        root["feature_idx"] = -1
    elif change == "categorical":
        root["is_categorical"], root["bitset_idx"] = 1, 10**6
    elif change == "empty":
        tree.nodes = tree.nodes[:0]
    elif change == "lacking":
        forged.estimator._predictors[1] = []
    else:
        forged.estimator.n_features_in_ = {"few": 3, "none": "five", "many": 10**12}[change]
    return forged


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("left", "leads to no later node"),
        ("right", "leads to no later node"),
        ("back", "leads to no later node"),
        ("feature", "a feature that does not exist"),
        ("negative", "a feature that does not exist"),
        ("categorical", "its features are not all numbers"),
        ("empty", "a tree has no node"),
        ("lacking", "an iteration lacks trees"),
        ("few", "a feature that does not exist"),
        ("none", "it was fitted to 'five' features"),
        ("many", "it was fitted to 1000000000000 features"),
    ],
)
def test_forged_boosted_trees_are_refused_before_they_predict(change: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(XrdsymError, match=message):
        BoostedTrees.read(forged_boosted(change).save(tmp_path))


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("left_child", 10**6, "leads to no later node"),
        ("right_child", 0, "leads to no later node"),
        ("feature", 5, "a feature that does not exist"),
        ("feature", -3, "a feature that does not exist"),
    ],
)
def test_a_forged_forest_is_refused_before_it_predicts(column: str, value: int, message: str, tmp_path: Path) -> None:
    forged = fitted(RandomForest)
    tree = forged.estimator.estimators_[1].tree_
    state = tree.__getstate__()
    state["nodes"] = state["nodes"].copy()
    state["nodes"][0][column] = value
    tree.__setstate__(state)
    with pytest.raises(XrdsymError, match=message):
        RandomForest.read(forged.save(tmp_path))


def test_a_tree_of_a_forest_that_is_another_estimator_is_refused(tmp_path: Path) -> None:
    forged = fitted(RandomForest)
    forged.estimator.estimators_[2] = LogisticRegression()
    with pytest.raises(XrdsymError, match="it holds something other than trees"):
        RandomForest.read(forged.save(tmp_path))


def test_probabilities_that_are_none_are_refused(tmp_path: Path) -> None:
    forged = fitted(Majority)
    forged.estimator.class_prior_ = np.array([0.9, 0.9])
    with pytest.raises(XrdsymError, match="its probabilities do not sum to 1"):
        Majority.read(forged.save(tmp_path))
