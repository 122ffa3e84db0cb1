"""The baselines as models of the pipeline: trained, evaluated and tried in studies like the networks."""

from __future__ import annotations

import csv
import dataclasses
import json
import subprocess
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pymatgen.core import Lattice, Structure

from params_of import preset_content, preset_params
from xrdsym.cli.predict import predict_files
from xrdsym.common.errors import MaterialError, UsageError, XrdsymError
from xrdsym.config.params_file import params_from
from xrdsym.config.paths import Paths
from xrdsym.config.schema import Params
from xrdsym.crystal.labels import LABEL_SCHEMA
from xrdsym.crystal.structure_table import CrystalStructure, from_pymatgen, write_structures
from xrdsym.diffraction.peaks import simulate_peaks
from xrdsym.diffraction.peaks_table import write_peaks
from xrdsym.diffraction.scattering import wavelength
from xrdsym.encoding.recipe import read_recipe
from xrdsym.measured.scan import Scan
from xrdsym.models.baselines import trees as boosting
from xrdsym.models.predictor import load_model
from xrdsym.scoring.labelled import score_structures
from xrdsym.stages import evaluate, report, train
from xrdsym.studies.trial import Trials
from xrdsym.tracking import provenance

if TYPE_CHECKING:
    from pathlib import Path

MODELS = ("majority", "nearest_neighbour", "random_forest", "boosted_trees")
COUNT = 100


def rocksalt_or_distorted(number: int) -> CrystalStructure:
    """Every second one cubic, the others tetragonal."""
    a = 4 + 0.02 * number
    lattice = Lattice.cubic(a) if number % 2 else Lattice.tetragonal(a, 1.3 * a)
    group = "Fm-3m" if number % 2 else "P4/mmm"
    sites = [[0, 0, 0], [0.5, 0.5, 0.5]]
    return from_pymatgen(Structure.from_spacegroup(group, lattice, ["Na", "Cl"], sites), f"mp-{number}")


@pytest.fixture(scope="module")
def structures() -> list[CrystalStructure]:
    return [rocksalt_or_distorted(number) for number in range(COUNT)]


@pytest.fixture
def paths(tmp_path: Path, structures: list[CrystalStructure]) -> Paths:
    paths = Paths(tmp_path)
    paths.labels.parent.mkdir()
    names = [one.material_id for one in structures]
    cu = wavelength("CuKa")
    write_peaks(paths.peaks, [(one.material_id, simulate_peaks(one, cu, (0.0, 90.0))) for one in structures])
    rows = {
        "material_id": names,
        "space_group": [225 if number % 2 else 123 for number in range(COUNT)],
        "crystal_system": ["cubic" if number % 2 else "tetragonal" for number in range(COUNT)],
        "composition": names,
    }
    columns = {name: [None] * COUNT for name in LABEL_SCHEMA.names} | rows
    pq.write_table(pa.table(columns, schema=LABEL_SCHEMA), paths.labels)
    lines = [f"{name},{'validation' if number % 4 > 1 else 'train'}" for number, name in enumerate(names)]
    paths.split.write_text("\n".join(["material_id,part", *lines]) + "\n")
    return paths


@pytest.fixture
def params() -> Params:
    read = preset_params()
    return dataclasses.replace(
        read,
        profile=dataclasses.replace(read.profile, step=0.1, sigma=2.0),
        target=dataclasses.replace(read.target, name="bravais_lattice"),
        train=dataclasses.replace(read.train, input="peaks"),
        evaluate=dataclasses.replace(read.evaluate, bootstrap=100),
    )


@pytest.fixture(autouse=True)
def own_store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path / 'mlflow.db'}")


@pytest.fixture
def few_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boosting, "ITERATIONS", 5)
    monkeypatch.setattr(boosting, "FOREST_TREES", 5)


def named(params: Params, model: str) -> Params:
    return dataclasses.replace(params, train=dataclasses.replace(params.train, model=model))


@pytest.mark.usefixtures("few_trees")
@pytest.mark.parametrize("name", MODELS)
def test_a_baseline_is_trained_and_evaluated_and_predicts_like_a_network(
    name: str, paths: Paths, params: Params, structures: list[CrystalStructure], monkeypatch: pytest.MonkeyPatch
) -> None:
    logged: list[Any] = []
    tracked = SimpleNamespace(log_epoch=lambda *row: logged.append(row), finish=lambda *row: logged.append(row))
    monkeypatch.setattr(
        "xrdsym.tracking.models.TrainingRun", lambda *_: SimpleNamespace(close=logged.append, **vars(tracked))
    )
    monkeypatch.setattr("xrdsym.tracking.models.log_evaluation", lambda *_: None)
    params = named(params, name)
    train.run(paths, params)
    folder = paths.models / name
    files = sorted(path.name for path in folder.iterdir())
    assert files == sorted(["history.csv", "model.skops", "recipe.json", "training.json"])
    recipe = read_recipe(folder)
    assert recipe.classes == ("tP", "cF")
    assert json.loads((folder / "recipe.json").read_text())["pattern_type"] == "ideal"
    assert {"scikit-learn", "skops"} <= recipe.versions.keys()
    (epoch, metrics), (_, network, *_), _ = logged
    assert (epoch, network) == (1, None)
    assert provenance.history_rows(folder)[1]["val_accuracy"] == pytest.approx(metrics["val_accuracy"])
    summary = json.loads((folder / "training.json").read_text())
    assert (summary["structures"], summary["epochs"]) == ({"train": 50, "validation": 50}, 1)

    evaluate.run(paths, params)
    scores = json.loads((paths.reports / "scores.json").read_text())
    assert (scores["n"], scores["accuracy"]) == (50, pytest.approx(metrics["val_accuracy"]))
    assert scores["accuracy"] == 0.5 if name == "majority" else scores["accuracy"] >= 0.7
    columns = json.loads((paths.reports / "metrics.json").read_text())
    assert columns == {
        "accuracy": scores["accuracy"],
        "low": scores["intervals"]["accuracy"][0],
        "high": scores["intervals"]["accuracy"][1],
        "macro_f1": scores["macro_f1"],
        "loss": scores["log_loss"],
        "n": 50,
    }
    rows = list(csv.DictReader((paths.reports / "per_class.csv").read_text().splitlines()))
    assert {row["class"]: float(row["f1"]) for row in rows} == {
        label: pytest.approx(row["f1"]) for label, row in scores["per_class"].items()
    }
    report.run(paths, params)
    assert (paths.reports / "index.html").is_file()

    model = load_model(folder)
    answers = model.predict(structures[2:4])
    shown = (paths.reports / "predictions.csv").read_text().splitlines()
    assert [answer.label for answer in answers] == [line.split(",")[2] for line in shown[1:3]]
    write_structures(paths.root / "asked.parquet", structures[:8])
    found = score_structures(model, paths.root / "asked.parquet")
    assert (found["n"], found["skipped"]) == (8, {})


@pytest.mark.usefixtures("few_trees")
def test_features_have_the_resolution_of_the_recipe(
    paths: Paths, params: Params, structures: list[CrystalStructure], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xrdsym.tracking.models.TrainingRun", lambda *_: silent())
    train.run(paths, named(params, "boosted_trees"))
    folder = paths.models / "boosted_trees"
    stored = json.loads((folder / "recipe.json").read_text())
    assert stored["features"] == {
        "wavelength": wavelength("CuKa"),
        "resolution": 0.01,
        "floor": 1e-4,
        "lattice_floor": 3e-4,
    }
    (fine,) = load_model(folder).encode(structures[:1])
    (folder / "recipe.json").write_text(json.dumps(stored | {"features": stored["features"] | {"resolution": 1.0}}))
    (coarse,) = load_model(folder).encode(structures[:1])
    assert not isinstance(fine, MaterialError)
    assert not isinstance(coarse, MaterialError)
    assert (fine != coarse).any()


def test_search_match_learns_from_augmented_patterns_and_predicts_scans(
    paths: Paths, params: Params, structures: list[CrystalStructure], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xrdsym.tracking.models.TrainingRun", lambda *_: silent())
    monkeypatch.setattr("xrdsym.tracking.models.log_evaluation", lambda *_: None)
    monkeypatch.setattr(boosting, "ITERATIONS", 20)
    write_structures(paths.structures, structures)
    params = dataclasses.replace(
        named(params, "search_match"),
        profile=dataclasses.replace(params.profile, two_theta_min=10.0, step=0.05, sigma=2.0, scale="linear"),
        effects=dataclasses.replace(params.effects, noise=(0.002, 0.01), kalpha2=True, in_evaluation=True),
    )
    train.run(paths, params)
    folder = paths.models / "search_match"
    recipe = read_recipe(folder)
    assert (recipe.pattern_type, recipe.features) == ("measured", None)
    evaluate.run(paths, params)
    scores = json.loads((paths.reports / "scores.json").read_text())
    assert scores["n"] == 50
    assert scores["accuracy"] > 0.85

    # a scan of another step, at another wavelength, with a background
    model = load_model(folder)
    mo = wavelength("MoKa")
    angles = np.arange(4, 45, 0.01)
    counts = np.full(len(angles), 20.0)
    peaks = simulate_peaks(structures[6], mo, (0.0, 45.0))
    for angle, intensity in zip(peaks.two_theta, peaks.intensity, strict=True):
        counts += 1000 * intensity * np.exp(-0.5 * ((angles - angle) / 0.04) ** 2)
    counts = np.random.default_rng(0).poisson(counts).astype(np.float64)
    answers = model.predict([Scan(angles, counts, mo), structures[6], structures[7]])
    assert [answer.label for answer in answers] == ["tP", "tP", "cF"]

    # an amorphous sample has no line but some point of the noise
    hump = np.random.default_rng(1).poisson(500 + 400 * np.exp(-(((angles - 20) / 6) ** 2)))
    files = [paths.root / name for name in ("crystal.xy", "glass.xy")]
    for file, values in zip(files, (counts, hump), strict=True):
        file.write_text("\n".join(f"{x:.2f} {y:.0f}" for x, y in zip(angles, values, strict=True)) + "\n")
    crystal, glass = predict_files(lambda _: model, files, ("MoKa", mo))
    assert (glass["lines"], "lines" in crystal) == (1, False)

    content = json.loads((folder / "recipe.json").read_text())
    for name in ("two_theta_min", "two_theta_max"):
        content["profile"][name] += 1
    (folder / "recipe.json").write_text(json.dumps(content))
    with pytest.raises(XrdsymError, match="reads patterns at other angles"):
        load_model(folder)


def silent() -> SimpleNamespace:
    return SimpleNamespace(**dict.fromkeys(("log_epoch", "finish", "close"), lambda *_: None))


@pytest.mark.usefixtures("few_trees")
def test_a_measured_pattern_has_no_lines_for_features_but_a_profile(
    paths: Paths, params: Params, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xrdsym.tracking.models.TrainingRun", lambda *_: silent())
    grid = np.arange(10, 80, 0.05)
    counts = 5 + 100 * np.exp(-(((grid - 30) / 0.2) ** 2))
    scan = Scan(grid, counts, wavelength("CuKa"))
    for name in ("nearest_neighbour", "random_forest"):
        train.run(paths, named(params, name))
    assert load_model(paths.models / "nearest_neighbour").predict([scan])[0].label in {"tP", "cF"}
    trees = load_model(paths.models / "random_forest")
    with pytest.raises(MaterialError, match=r"resolved at 0.01°.*give it the structure"):
        trees.predict([scan])
    file = paths.root / "scan.xy"
    file.write_text("# CuKa\n" + "\n".join(f"{x:.2f} {y:.3f}" for x, y in zip(grid, counts, strict=True)) + "\n")
    (answer,) = predict_files(lambda _: trees, [file])
    assert "which a measured pattern does not show" in answer["error"]


@pytest.mark.usefixtures("few_trees")
def test_trials_of_studies_train_baselines(paths: Paths, params: Params) -> None:
    params = named(params, "random_forest")
    trials = Trials(paths, params)
    assert trials.epoch_cost(params) == pytest.approx(50 + 0.35 * 50)
    epochs: list[int] = []
    outcome = trials.run(params, trials.workspace(params), test=False, on_epoch=lambda epoch, _: epochs.append(epoch))
    assert (epochs, outcome.training_structures) == ([1], 50)
    assert outcome.value("val_accuracy") == outcome.metrics["validation_accuracy"] >= 0.9
    assert outcome.metrics["inference_ms"] > 0
    assert outcome.metrics["training_seconds"] > 0


@pytest.mark.usefixtures("few_trees")
def test_a_baseline_and_its_scores_are_one_run_of_mlflow(paths: Paths, params: Params) -> None:
    from mlflow import MlflowClient

    params = named(params, "random_forest")
    train.run(paths, params)
    evaluate.run(paths, params)
    client = MlflowClient()
    (run,) = client.search_runs([one.experiment_id for one in client.search_experiments()])
    assert run.data.params["train.model"] == "random_forest"
    scores = json.loads((paths.reports / "scores.json").read_text())
    assert run.data.metrics["accuracy"] == pytest.approx(scores["accuracy"])
    assert run.data.metrics["macro_f1"] == pytest.approx(scores["macro_f1"])
    assert run.data.tags["pattern_type"] == "ideal"
    assert [file.path for file in client.list_artifacts(run.info.run_id, "model")] == ["model/model.skops"]
    assert client.list_artifacts(run.info.run_id, "tables")
    assert not client.search_registered_models()


@pytest.mark.usefixtures("few_trees")
def test_files_that_do_not_belong_together_are_refused(
    paths: Paths, params: Params, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xrdsym.tracking.models.TrainingRun", lambda *_: silent())
    for name in ("random_forest", "boosted_trees", "nearest_neighbour", "majority"):
        train.run(paths, named(params, name))
    folder = paths.models / "random_forest"
    (folder / "model.skops").write_bytes((paths.models / "boosted_trees" / "model.skops").read_bytes())
    with pytest.raises(XrdsymError, match=r"holds types that random_forest does not have .*Put the file of this model"):
        load_model(folder)
    (folder / "recipe.json").write_bytes((paths.models / "nearest_neighbour" / "recipe.json").read_bytes())
    with pytest.raises(XrdsymError, match=r"holds types that nearest_neighbour does not have"):
        load_model(folder)
    (folder / "model.skops").write_bytes((paths.models / "majority" / "model.skops").read_bytes())
    with pytest.raises(XrdsymError, match=r"it is majority, expected nearest_neighbour"):
        load_model(folder)
    (folder / "model.keras").write_bytes(b"")
    with pytest.raises(XrdsymError, match=r"is no \.skops file, as the model nearest_neighbour"):
        load_model(folder / "model.keras")
    neighbours = paths.models / "nearest_neighbour"
    recipe = json.loads((neighbours / "recipe.json").read_text())
    recipe["profile"]["step"] = 0.2
    (neighbours / "recipe.json").write_text(json.dumps(recipe))
    with pytest.raises(XrdsymError, match=r"does not fit.*rows of 901 numbers"):
        load_model(neighbours)


def test_trees_are_loaded_without_tensorflow(paths: Paths, params: Params, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xrdsym.tracking.models.TrainingRun", lambda *_: silent())
    monkeypatch.setattr(boosting, "FOREST_TREES", 2)
    train.run(paths, named(params, "random_forest"))
    code = (
        "import sys; from xrdsym.models.predictor import load_model; load_model(sys.argv[1]); "
        "print(sorted({'keras', 'tensorflow'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(paths.models / "random_forest")], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_what_a_baseline_cannot_be_told_is_reported() -> None:
    content = preset_content()
    content["train"] |= {"model": "boosted_trees", "weights": "imagenet", "class_weight": "balanced", "input": "images"}
    content["effects"]["strain"] = 0.03
    with pytest.raises(UsageError) as caught:
        params_from(content)
    text = str(caught.value)
    assert "train.input: images: boosted_trees takes features of the peaks" in text
    assert "set train.weights: none" in text
    assert "effects.strain: boosted_trees is fitted once" in text
    assert 'train.class_weight: "balanced": boosted_trees has no such choice' in text


def test_search_match_asks_for_patterns_as_measured() -> None:
    content = preset_content()
    content["train"] |= {"model": "search_match", "input": "peaks", "weights": "none"}
    content["profile"] |= {"axis": "ln_q", "scale": "sqrt"}
    with pytest.raises(UsageError) as caught:
        params_from(content)
    text = str(caught.value)
    assert "profile.axis: ln_q: search_match finds peaks and their heights at even angles" in text
    assert "set profile.axis: two_theta" in text
    assert "set profile.scale: linear" in text
    assert "effects: none is on: search_match learns from patterns with effects" in text
