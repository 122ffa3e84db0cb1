"""A model that is one row of the table and one module trains, is stored, and predicts."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, Self

import keras
import numpy as np
import pytest

from xrdsym.common.errors import UsageError
from xrdsym.config import model_specs
from xrdsym.config.model_specs import MODEL_SPECS, ModelSpec
from xrdsym.config.params_file import load_params
from xrdsym.config.paths import Paths
from xrdsym.config.schema import Params
from xrdsym.data.datasets import LabelledInputs
from xrdsym.data.training_data import TrainingData
from xrdsym.encoding.recipe import recipe_of
from xrdsym.models.baselines.baseline import Baseline
from xrdsym.models.fit import fit
from xrdsym.models.networks.cache import NetworkCache
from xrdsym.models.protocol import Workspace
from xrdsym.models.registry import classifier_type

# Keras writes variables of TensorFlow by np.array, which TensorFlow has not been told about yet
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning")

CLASSES = ("low", "middle", "high")
POINTS = 71


@pytest.fixture
def params(project_root: Path) -> Params:
    read = load_params(project_root / "presets" / "embedded.yaml")
    train = dataclasses.replace(
        read.train, model="oviedo", input="peaks", weights="none", epochs=3, batch_size=8, head_epochs=0, patience=None
    )
    profile = dataclasses.replace(
        read.profile, two_theta_min=10.0, two_theta_max=80.0, step=1.0, axis="two_theta", scale="linear"
    )
    return dataclasses.replace(read, profile=profile, train=dataclasses.replace(train, learning_rate=0.01))


def part(count: int, seed: int) -> LabelledInputs:
    """Profiles of one peak, whose place is the class."""
    random = np.random.default_rng(seed)
    labels = np.arange(count) % 3
    places = 12 + 20 * labels + random.integers(0, 8, count)
    rows = np.exp(-0.5 * ((np.arange(POINTS) - places[:, None]) / 2) ** 2).astype(np.float32)
    return LabelledInputs(tuple(f"mp-{seed}-{row}" for row in range(count)), labels, rows, None)


DATA = TrainingData(CLASSES, part(60, 1), part(30, 2))


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(Paths(tmp_path), tmp_path / "checkpoint", NetworkCache())


def replace_row(monkeypatch: pytest.MonkeyPatch, name: str, module: str, **content: Any) -> None:  # noqa: ANN401
    """A module below `xrdsym.models` and a row that names what it holds."""
    (attribute,) = content
    made = ModuleType(f"xrdsym.models.{module}")
    vars(made).update(content)
    monkeypatch.setitem(sys.modules, made.__name__, made)
    row = ModelSpec("profile", f"{module}.{attribute}")
    monkeypatch.setattr(model_specs, "MODEL_SPECS", {**MODEL_SPECS, name: row})


def plain_sequential(points: int, classes: int, _params: object) -> keras.Model:
    layers = [keras.Input((points,)), keras.layers.Dense(16, activation="relu")]
    return keras.Sequential([*layers, keras.layers.Dense(classes, activation="softmax")])


def test_a_plain_sequential_network_trains_and_is_stored(
    params: Params, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    replace_row(monkeypatch, "oviedo", "networks.plain", build=plain_sequential)
    epochs: list[int] = []
    fitted, result = fit(params, DATA, workspace, lambda epoch, _: epochs.append(epoch))
    assert epochs == [1, 2, 3]
    assert classifier_type("oviedo").epochs(params.train) == 3
    assert result.history[-1]["val_accuracy"] > 0.8
    probabilities = fitted.predict_dataset(DATA.validation)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    assert (probabilities.argmax(axis=1) == DATA.validation.labels).mean() == result.history[-1]["val_accuracy"]
    assert fitted.accepts("ideal")
    assert fitted.accepts("measured")
    assert fitted.peak_count(DATA.validation.kept[0]) is None

    file = fitted.save(tmp_path)
    assert file == tmp_path / "model.keras"
    again = classifier_type("oviedo").load(file, recipe_of(params, {}, {}, CLASSES))
    np.testing.assert_allclose(again.predict_proba(DATA.validation.kept), probabilities, rtol=1e-5)
    assert (again.name, again.classes) == ("oviedo", CLASSES)


def test_a_network_without_a_backbone_cannot_train_its_head_alone(
    params: Params, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace_row(monkeypatch, "oviedo", "networks.plain", build=plain_sequential)
    params = dataclasses.replace(params, train=dataclasses.replace(params.train, head_epochs=1))
    with pytest.raises(UsageError, match=r"head_epochs: 1: oviedo has no layer called `backbone`.*head_epochs: 0"):
        fit(params, DATA, workspace, lambda *_: None)


@pytest.mark.parametrize(
    ("layers", "received"),
    [
        ([keras.layers.Dense(3)], "unknown: it lacks a keras.Input"),
        ([keras.Input((POINTS,)), keras.layers.Dense(2)], r"\(None, 2\)"),
    ],
)
def test_a_network_with_another_output_is_refused(
    layers: list[Any], received: str, params: Params, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace_row(monkeypatch, "oviedo", "networks.plain", build=lambda *_: keras.Sequential(layers))
    with pytest.raises(UsageError, match=rf"expected a network with output \(None, 3\).*received {received}"):
        fit(params, DATA, workspace, lambda *_: None)


class Centre(Baseline):
    """The class by the place of the highest point."""

    name = "oviedo"

    def __init__(self, classes: tuple[str, ...], centres: np.ndarray) -> None:
        self.classes = classes
        self.centres = centres

    @classmethod
    def learn(cls, params: Params, data: TrainingData) -> Self:  # noqa: ARG003
        highest, labels = data.train.kept.argmax(axis=1), data.train.labels
        return cls(data.classes, np.array([highest[labels == label].mean() for label in range(len(data.classes))]))

    def predict_proba(self, inputs: np.ndarray) -> np.ndarray:
        nearest = np.abs(inputs.argmax(axis=1)[:, None] - self.centres).argmin(axis=1)
        return np.eye(len(self.classes), dtype=np.float32)[nearest]

    def content(self) -> dict[str, Any]:
        return {"centres": self.centres}

    @classmethod
    def from_content(cls, content: dict[str, Any], classes: tuple[str, ...]) -> Self:
        return cls(classes, content["centres"])


def test_a_baseline_is_one_class_and_one_row(
    params: Params, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    replace_row(monkeypatch, "oviedo", "baselines.centre", Centre=Centre)
    epochs: list[int] = []
    fitted, result = fit(params, DATA, workspace, lambda epoch, _: epochs.append(epoch))
    assert epochs == [1]
    assert result.history[0]["val_accuracy"] == result.history[0]["accuracy"] == 1.0
    file = fitted.save(tmp_path)
    assert file == tmp_path / "model.skops"
    again = classifier_type("oviedo").load(file, recipe_of(params, {}, {}, CLASSES))
    np.testing.assert_array_equal(again.predict_dataset(DATA.train), fitted.predict_dataset(DATA.train))
