from __future__ import annotations

import csv
import dataclasses
import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from params_of import preset_params
from xrdsym.common.errors import XrdsymError
from xrdsym.common.files import file_digest
from xrdsym.config.paths import Paths
from xrdsym.config.schema import Params
from xrdsym.crystal.labels import LABEL_SCHEMA
from xrdsym.crystal.symmetry import CRYSTAL_SYSTEMS
from xrdsym.data import load as parts
from xrdsym.diffraction.peaks import Peaks, SimulationError, SkipReason
from xrdsym.diffraction.peaks_table import write_peaks
from xrdsym.encoding.recipe import read_recipe
from xrdsym.stages import images, train

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

# Keras writes variables of TensorFlow by np.array, which TensorFlow has not been told about yet
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning")

SIDE = 32
USED = ("cubic", "monoclinic", "trigonal")


class Record:
    """What the stage hands to the tracking."""

    def __init__(self) -> None:
        self.facts: Mapping[str, float | str] = {}
        self.epochs: dict[int, Mapping[str, float]] = {}
        self.finished: tuple[Any, ...] = ()

    def log_epoch(self, epoch: int, metrics: Mapping[str, float]) -> None:
        self.epochs[epoch] = metrics

    def finish(self, *arguments: object) -> None:
        self.finished = arguments


@pytest.fixture
def record(monkeypatch: pytest.MonkeyPatch) -> Record:
    kept = Record()

    @contextmanager
    def training_run(
        _paths: Paths, _params: Params, facts: Mapping[str, float | str], _fingerprint: str
    ) -> Iterator[Record]:
        kept.facts = facts
        yield kept

    monkeypatch.setattr("xrdsym.tracking.models.training_run", training_run)
    return kept


@pytest.fixture
def params() -> Params:
    read = preset_params()
    settings = dataclasses.replace(read.train, input="peaks", epochs=2, batch_size=8, patience=None, seed=3)
    return dataclasses.replace(read, images=dataclasses.replace(read.images, side=SIDE), train=settings)


def with_train(params: Params, **changes: object) -> Params:
    return dataclasses.replace(params, train=dataclasses.replace(params.train, **changes))


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    """Thirty patterns whose class is where their peaks are, and one without peaks."""
    paths = Paths(tmp_path)
    random = np.random.default_rng(0)
    names = [f"mp-{number}" for number in range(31)]
    rows: list[tuple[str, Peaks | SimulationError]] = []
    for number, name in enumerate(names[:30]):
        angles = np.sort(random.uniform(10, 30, 6)) + 20 * (number % 3)
        rows.append((name, Peaks(angles, np.linspace(0.2, 1, 6))))
    rows.append((names[30], SimulationError(SkipReason.ZERO_VOLUME, "mp-30: the cell has no volume")))
    write_peaks(paths.peaks, rows)
    systems = [USED[number % 3] for number in range(31)]
    columns = {name: [None] * 31 for name in LABEL_SCHEMA.names} | {"material_id": names, "crystal_system": systems}
    pq.write_table(pa.table(columns, schema=LABEL_SCHEMA), paths.labels)
    parts = ["validation" if 18 <= number < 24 else "test" if 24 <= number < 30 else "train" for number in range(31)]
    lines = [f"{name},{part}" for name, part in zip(names, parts, strict=True)]
    paths.split.write_text("\n".join(["material_id,part", *lines, "mp-unlabelled,train"]) + "\n")
    return paths


def test_a_model_folder_has_all_that_the_contract_names(
    paths: Paths, params: Params, record: Record, capsys: pytest.CaptureFixture[str]
) -> None:
    train.run(paths, params)
    folder = paths.models / "mobilenetv2"
    assert sorted(path.name for path in folder.iterdir()) == [
        "history.csv",
        "model.keras",
        "recipe.json",
        "training.json",
    ]
    recipe = read_recipe(folder)
    assert recipe.train == params.train
    assert recipe.images == params.images
    assert recipe.data == {name: file_digest(getattr(paths, name)) for name in ("labels", "peaks", "split")}
    assert recipe.versions["keras"] == keras.__version__
    with (folder / "history.csv").open(newline="") as stream:
        history = list(csv.DictReader(stream))
    assert [row["epoch"] for row in history] == ["1", "2"]
    columns = ["epoch", "loss", "accuracy", "val_loss", "val_accuracy", "val_macro_f1", "learning_rate", "seconds"]
    assert list(history[0])[:8] == columns
    summary = json.loads((folder / "training.json").read_text())
    assert summary["structures"] == {"train": 18, "validation": 6}
    assert summary["classes"]["train"] == {name: 6 if name in USED else 0 for name in CRYSTAL_SYSTEMS}
    assert summary["skipped"] == {"zero_volume": 1}
    assert summary["epochs"] == summary["kept_epoch"] == 2
    assert record.facts["pattern_type"] == "ideal"
    assert {epoch: metrics["val_loss"] for epoch, metrics in record.epochs.items()} == pytest.approx(
        {int(row["epoch"]): float(row["val_loss"]) for row in history}
    )
    tracked_folder, network, samples, labels = record.finished
    assert (tracked_folder, labels) == (folder, list(USED))
    assert samples.shape == (3, SIDE, SIDE, 3)
    reloaded = keras.saving.load_model(folder / "model.keras")
    assert not reloaded.compiled
    np.testing.assert_allclose(reloaded.predict(samples, verbose=0), network.predict(samples, verbose=0), atol=1e-6)
    assert list((paths.models / ".checkpoints").iterdir()) == []
    output = capsys.readouterr()
    assert "epoch 1/2  loss " in output.out
    assert "skipped (zero_volume): mp-30: the cell has no volume" in output.err
    assert output.out.splitlines()[-1].startswith("train: ")


@pytest.mark.usefixtures("tiny", "record")
def test_a_material_without_peaks_has_its_own_reason(
    paths: Paths, params: Params, capsys: pytest.CaptureFixture[str]
) -> None:
    from_folder = with_train(params, input="images")
    images.run(paths, from_folder)
    train.run(paths, from_folder)
    summary = json.loads((paths.models / "mobilenetv2" / "training.json").read_text())
    assert summary["skipped"] == {"zero_volume": 1}
    assert "mp-30: the cell has no volume" in capsys.readouterr().err


@pytest.mark.usefixtures("tiny", "record")
def test_folder_and_peaks_train_the_same_network(paths: Paths, params: Params) -> None:
    from_folder = with_train(params, input="images")
    images.run(paths, from_folder)
    weights = []
    for settings in (params, from_folder):
        train.run(paths, settings)
        weights.append(keras.saving.load_model(paths.models / "mobilenetv2" / "model.keras").get_weights())
    for one, other in zip(*weights, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


@pytest.mark.usefixtures("tiny")
def test_a_killed_stage_goes_on_where_it_was(paths: Paths, params: Params, record: Record) -> None:
    class Killed(BaseException):
        pass

    def log_and_die(epoch: int, metrics: Mapping[str, float]) -> None:
        record.epochs[epoch] = metrics
        raise Killed

    record.log_epoch = log_and_die  # type: ignore[method-assign]
    with pytest.raises(Killed):
        train.run(paths, params)
    assert not (paths.models / "mobilenetv2").exists()
    (checkpoint,) = (paths.models / ".checkpoints").iterdir()
    del record.log_epoch
    train.run(paths, with_train(params, seed=4))
    assert checkpoint.exists()
    assert list(record.epochs) == [1, 2]
    record.epochs.clear()
    train.run(paths, params)
    assert list(record.epochs) == [2]
    summary = json.loads((paths.models / "mobilenetv2" / "training.json").read_text())
    assert (summary["epochs"], summary["resumed_epochs"]) == (2, 1)
    assert not checkpoint.exists()


@pytest.mark.usefixtures("tiny", "record")
def test_a_class_without_a_structure_is_named_and_indices_stay(
    paths: Paths, params: Params, caplog: pytest.LogCaptureFixture
) -> None:
    train.run(paths, with_train(params, epochs=1, class_weight="balanced", oversample=True))
    warned = [record.getMessage() for record in caplog.records]
    for name in CRYSTAL_SYSTEMS:
        assert any(f"no {name} structure" in line for line in warned) == (name not in USED)
    assert read_recipe(paths.models / "mobilenetv2").classes == CRYSTAL_SYSTEMS


def test_a_limit_takes_training_structures_only(paths: Paths, params: Params) -> None:
    paths.split.write_text(paths.split.read_text().replace("mp-30,train", "mp-30,test"))
    data, _ = parts.read_data(paths, with_train(params, limit=9))
    assert np.bincount(data.train.labels).tolist() == [3, 0, 3, 0, 0, 0, 3]
    assert len(data.validation) == 6
    again, _ = parts.read_data(paths, with_train(params, limit=9))
    assert again.train.material_ids == data.train.material_ids


def test_nothing_left_to_train_on_is_one_clear_error(
    paths: Paths, params: Params, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(XrdsymError, match="no images at"):
        parts.read_data(paths, with_train(params, input="images"))
    paths.images.mkdir()
    with pytest.raises(XrdsymError, match=r"no structure is left to train on \(24 image_missing, 1 zero_volume\)"):
        parts.read_data(paths, with_train(params, input="images"))
    assert "skipped (image_missing): " in capsys.readouterr().err
    paths.split.write_text("material_id,part\nmp-1,test\n")
    with pytest.raises(XrdsymError, match="none was assigned"):
        parts.read_data(paths, params)


def test_a_missing_or_foreign_split_is_named(paths: Paths, params: Params) -> None:
    paths.split.write_text("id,fold\nmp-1,2\n")
    with pytest.raises(XrdsymError, match="has the columns id, fold, expected material_id and part"):
        parts.read_data(paths, params)
    paths.split.unlink()
    with pytest.raises(XrdsymError, match="no split at"):
        parts.read_data(paths, params)


@pytest.mark.usefixtures("record")
def test_weights_are_looked_for_below_the_project_of_a_clone(tmp_path: Path, paths: Paths, params: Params) -> None:
    clone = Paths(tmp_path / ".dvc" / "tmp" / "exps" / "tmp1")
    clone.root.mkdir(parents=True)
    paths.root.joinpath("data").rename(clone.root / "data")
    (tmp_path / "my.weights.h5").write_bytes(b"nothing")
    with pytest.raises(XrdsymError, match="does not fit") as caught:
        train.run(clone, with_train(params, weights="my.weights.h5"))
    assert str(tmp_path / "my.weights.h5") in str(caught.value)
