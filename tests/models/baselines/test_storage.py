"""Baselines on disk: the same answers again, and nothing else is loaded."""

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
import skops.io
from sklearn.linear_model import LogisticRegression

from xrdsym.common.errors import UsageError, XrdsymError
from xrdsym.config.model_specs import MODEL_SPECS
from xrdsym.models import baselines as classical
from xrdsym.models.baselines import trees

CLASSES = ("cubic", "hexagonal", "triclinic")


class Foreign:
    """A type that no baseline has; code of its kind would run when a pickle is read."""

    def __init__(self) -> None:
        self.number = 1


def fitted(name: str, monkeypatch: pytest.MonkeyPatch) -> tuple[classical.Classifier, np.ndarray]:
    monkeypatch.setattr(trees, "ITERATIONS", 3)
    monkeypatch.setattr(trees, "FOREST_TREES", 3)
    generator = np.random.default_rng(0)
    inputs = generator.random((60, 5), np.float32)
    return classical.fit(name, inputs, np.arange(60) % 2 * 2, CLASSES, 0), inputs


@pytest.mark.parametrize("name", ["majority", "nearest_neighbour", "random_forest", "boosted_trees"])
def test_a_stored_baseline_answers_the_same(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    classifier, inputs = fitted(name, monkeypatch)
    path = tmp_path / f"baseline{MODEL_SPECS[name].suffix}"
    classical.save(classifier, path)
    again = classical.load(path)
    assert type(again) is type(classifier)
    assert again.name == name
    assert again.classes == CLASSES
    np.testing.assert_array_equal(again.probabilities(inputs), classifier.probabilities(inputs))
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_with_a_foreign_type_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "baseline.skops"
    content = {"version": 1, "name": "boosted_trees", "classes": list(CLASSES), "estimator": Foreign()}
    skops.io.dump(content, path)
    with pytest.raises(XrdsymError, match=r"not loaded: it holds types that no baseline has \(.*Foreign\)"):
        classical.load(path)


def test_a_harmless_estimator_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "baseline.skops"
    content = {"version": 1, "name": "boosted_trees", "classes": list(CLASSES), "estimator": LogisticRegression()}
    skops.io.dump(content, path)
    with pytest.raises(XrdsymError, match=r"boosted_trees cannot be a sklearn.*LogisticRegression"):
        classical.load(path)


def test_a_pickle_in_an_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "baseline.npz"
    head = json.dumps({"version": 1, "name": "nearest_neighbour", "classes": CLASSES})
    np.savez(path, head=np.array(head), rows=np.array([Foreign()], object), labels=np.zeros(1, np.int64))
    with pytest.raises(XrdsymError, match=r"no baseline that was stored here .*allow_pickle=False"):
        classical.load(path)


@pytest.mark.parametrize("suffix", [".json", ".npz", ".skops"])
@pytest.mark.parametrize("kind", ["text", "archive", "empty", "schema"])
def test_another_file_is_refused_in_one_line(suffix: str, kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"baseline{suffix}"
    if kind in {"archive", "schema"}:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("schema.json" if kind == "schema" else "other", '{"a": 1}')
    else:
        path.write_text("no such thing\n" if kind == "text" else "", encoding="utf-8")
    with pytest.raises(XrdsymError, match="is no baseline that was stored here") as caught:
        classical.load(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["majority", "random_forest"])
def test_a_damaged_file_is_refused(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / f"baseline{MODEL_SPECS[name].suffix}"
    classical.save(fitted(name, monkeypatch)[0], path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(XrdsymError, match="is no baseline that was stored here"):
        classical.load(path)


def test_what_is_missing_or_named_wrong_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(XrdsymError, match="no baseline at"):
        classical.load(tmp_path / "nothing.json")
    with pytest.raises(UsageError, match=r"end in \.json, \.npz, \.skops"):
        classical.load(tmp_path / "model.pickle")
    with pytest.raises(UsageError, match=r"majority is stored in a file that ends in \.json"):
        classical.save(fitted("majority", monkeypatch)[0], tmp_path / "majority.npz")
