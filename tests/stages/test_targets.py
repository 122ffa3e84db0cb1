"""Other targets than the crystal system, and networks on profiles, through the stages."""

from __future__ import annotations

import dataclasses
import json
from contextlib import contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING

import keras
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pymatgen.core import Lattice, Structure

from params_of import preset_content, preset_params
from xrdsym.cli.evaluate import score_table
from xrdsym.cli.predict import predict_files
from xrdsym.common.errors import MaterialError, UsageError, XrdsymError
from xrdsym.config.params_file import params_from
from xrdsym.config.paths import Paths
from xrdsym.config.schema import Params
from xrdsym.crystal.labels import DIMENSIONALITY_SCHEMA, LABEL_SCHEMA, read_labels
from xrdsym.crystal.structure_table import from_pymatgen, write_structures
from xrdsym.crystal.symmetry import CRYSTAL_SYSTEMS, crystal_system
from xrdsym.crystal.targets.definitions import target_of
from xrdsym.data import load as parts
from xrdsym.diffraction.peaks import Peaks, simulate_peaks
from xrdsym.diffraction.peaks_table import write_peaks
from xrdsym.diffraction.scattering import wavelength
from xrdsym.encoding.recipe import read_recipe
from xrdsym.measured.scan import Scan
from xrdsym.models.predictor import Model, load_model
from xrdsym.scoring.labelled import labelled_vectors, score_patterns
from xrdsym.stages import evaluate, images, report, train
from xrdsym.studies.trial import Trials

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Keras writes variables of TensorFlow by np.array, which TensorFlow has not been told about yet
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning")

GROUPS = (2, 14, 62, 225)
"""Every fourth structure has one of these; the last structure alone has 227."""
COUNT = 60


@pytest.fixture(autouse=True)
def record(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """MLflow stays out of it."""
    kept = SimpleNamespace(finished=(), log_epoch=lambda *_: None)

    def finish(*arguments: object) -> None:
        kept.finished = arguments

    kept.finish = finish

    @contextmanager
    def training_run(*_: object) -> Iterator[SimpleNamespace]:
        yield kept

    monkeypatch.setattr("xrdsym.tracking.models.training_run", training_run)
    monkeypatch.setattr("xrdsym.tracking.models.log_evaluation", lambda *_: None)
    return kept


@pytest.fixture
def params() -> Params:
    read = preset_params()
    return dataclasses.replace(
        read,
        images=dataclasses.replace(read.images, side=32),
        profile=dataclasses.replace(read.profile, step=0.1, sigma=2.0),
        train=dataclasses.replace(read.train, input="peaks", epochs=1, batch_size=16, patience=None),
        evaluate=dataclasses.replace(read.evaluate, bootstrap=100),
    )


def changed(params: Params, section: str, **values: object) -> Params:
    return dataclasses.replace(params, **{section: dataclasses.replace(getattr(params, section), **values)})


def space_group(number: int) -> int:
    return 227 if number == COUNT - 1 else GROUPS[number % len(GROUPS)]


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    """Patterns whose space group is where their peaks are; one of a space group of its own in the training part."""
    paths = Paths(tmp_path)
    random = np.random.default_rng(0)
    names = [f"mp-{number}" for number in range(COUNT)]
    groups = [space_group(number) for number in range(COUNT)]
    write_peaks(
        paths.peaks,
        [
            (name, Peaks(np.sort(random.uniform(10, 20, 6)) + 0.3 * group, np.linspace(0.2, 1, 6)))
            for name, group in zip(names, groups, strict=True)
        ],
    )
    rows = {
        "material_id": names,
        "space_group": groups,
        "crystal_system": [str(crystal_system(group)) for group in groups],
        "composition": [f"C{number}" for number in range(COUNT)],
        "dimensionality": [f"{2 + number % 2}D" for number in range(COUNT)],
    }
    columns = {name: [None] * COUNT for name in LABEL_SCHEMA.names} | rows
    pq.write_table(pa.table(columns, schema=DIMENSIONALITY_SCHEMA), paths.labels)
    lines = [f"{name},{'validation' if number < 20 else 'train'}" for number, name in enumerate(names)]
    paths.split.write_text("\n".join(["material_id,part", *lines]) + "\n")
    return paths


def without_dimensionality(paths: Paths) -> None:
    table = pq.read_table(paths.labels)
    pq.write_table(table.drop_columns(["dimensionality"]), paths.labels)


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize("target", ["space_group", "extinction_group_park", "bravais_lattice", "dimensionality"])
def test_a_target_is_trained_and_scored(paths: Paths, params: Params, target: str) -> None:
    params = changed(params, "target", name=target)
    train.run(paths, params)
    recipe = read_recipe(paths.models / "mobilenetv2")
    assert recipe.target == params.target
    if target == "dimensionality":
        assert recipe.classes == ("2D", "3D")
    else:
        assert set(recipe.classes) == {target_of(target, group) for group in (*GROUPS, 227)}
    evaluate.run(paths, params)
    scores = json.loads((paths.reports / "scores.json").read_text())
    assert (scores["target"], scores["n"], tuple(scores["classes"])) == (target, 20, recipe.classes)
    predictions = pd.read_csv(paths.reports / "predictions.csv")
    assert set(predictions["actual"]) <= set(recipe.classes)
    report.run(paths, params)
    page = (paths.reports / "index.html").read_text()
    assert target.replace("_", " ").capitalize() in page
    assert "For comparison, the paper" not in page


@pytest.mark.usefixtures("tiny")
def test_rare_classes_are_reported_and_left_out_or_merged(
    paths: Paths, params: Params, capsys: pytest.CaptureFixture[str]
) -> None:
    # the validation part has a space group that the training part has only once
    text = paths.split.read_text().replace("mp-58,train", "mp-58,test")
    paths.split.write_text(text)
    labels = pq.read_table(paths.labels).to_pylist()
    labels[0]["space_group"] = 227
    pq.write_table(pa.Table.from_pylist(labels, DIMENSIONALITY_SCHEMA), paths.labels)
    for rare, classes, told, count in (
        ("drop", ("P-1", "P2_1/c", "Pnma", "Fm-3m"), "dropped", 19),
        ("merge", ("P-1", "P2_1/c", "Pnma", "Fm-3m", "other"), "merged into `other`", 20),
    ):
        rarely = changed(params, "target", name="space_group", fewest=2, rare=rare)
        train.run(paths, rarely)
        folder = paths.models / "mobilenetv2"
        assert read_recipe(folder).classes == classes
        summary = json.loads((folder / "training.json").read_text())
        assert summary["rare_classes"]["became"] == rare
        assert summary["rare_classes"]["training_structures"]["Fd-3m"] == 1
        line = f"{len(classes)} classes of space_group, 226 rarer than target.fewest: 2 {told} (1 training structures)"
        assert line in capsys.readouterr().out
        assert sum(summary["classes"]["train"].values()) == (38 if rare == "drop" else 39)
        evaluate.run(paths, rarely)
        scores = json.loads((paths.reports / "scores.json").read_text())
        assert (scores["n"], scores.get("left_out_rare", 0)) == (count, 20 - count)


@pytest.mark.usefixtures("tiny")
def test_the_folder_of_images_serves_every_target(paths: Paths, params: Params) -> None:
    drawn, _ = parts.read_data(paths, changed(params, "target", name="laue_class"))
    from_folder = changed(changed(params, "target", name="laue_class"), "train", input="images")
    images.run(paths, from_folder)
    read, skipped = parts.read_data(paths, from_folder)
    assert skipped.summary() == {}
    np.testing.assert_array_equal(read.train.kept, drawn.train.kept)
    assert read.classes == ("-1", "2/m", "mmm", "m-3m")


def test_tables_of_labels_from_before_there_were_targets_still_serve(paths: Paths, params: Params) -> None:
    without_dimensionality(paths)
    assert list(read_labels(paths.labels)) == LABEL_SCHEMA.names
    data, _ = parts.read_data(paths, changed(params, "target", name="point_group"))
    assert data.classes == ("-1", "2/m", "mmm", "m-3m")
    with pytest.raises(XrdsymError, match="no dimensionality"):
        parts.read_data(paths, changed(params, "target", name="dimensionality"))


@pytest.fixture
def on_profiles(params: Params) -> Params:
    return changed(changed(params, "train", model="oviedo"), "target", name="space_group")


def test_a_network_on_profiles_is_trained_and_scored_and_predicts(
    paths: Paths, on_profiles: Params, record: SimpleNamespace, tmp_path: Path
) -> None:
    train.run(paths, on_profiles)
    folder = paths.models / "oviedo"
    _, network, samples, labels = record.finished
    assert network.input_shape == (None, 901)
    assert (samples.shape, samples.dtype) == ((5, 901), np.float32)
    assert labels == ["P-1", "P2_1/c", "Pnma", "Fm-3m", "Fd-3m"]
    evaluate.run(paths, on_profiles)
    scores = json.loads((paths.reports / "scores.json").read_text())
    assert (scores["target"], scores["n"], len(scores["classes"])) == ("space_group", 20, 5)
    assert (paths.reports / "figures" / "pattern.svg").is_file()
    report.run(paths, on_profiles)

    model = load_model(folder)
    grid = np.arange(5, 90, 0.02)
    counts = sum(np.exp(-(((grid - angle - 0.3 * 225) / 0.1) ** 2)) for angle in (11.0, 13.0, 18.0))
    scan = Scan(grid, np.asarray(counts), 1.54184)
    (answer,) = model.predict([scan])
    (vector,) = model.encode([scan])
    expected = network.predict(np.asarray(vector)[None], verbose=0)[0]
    assert list(answer.class_probabilities.values()) == pytest.approx(expected.tolist(), abs=1e-5)
    assert (answer.target, answer.label) == ("space_group", model.recipe.classes[expected.argmax()])
    by_system = dict.fromkeys(CRYSTAL_SYSTEMS, 0.0)
    for label, system in zip(labels, ("triclinic", "monoclinic", "orthorhombic", "cubic", "cubic"), strict=True):
        by_system[system] += answer.class_probabilities[label]
    assert answer.probabilities == pytest.approx(by_system)
    assert answer.crystal_system == max(by_system, key=by_system.__getitem__)
    check_files(model, tmp_path, grid, np.asarray(counts))


def check_files(model: Model, folder: Path, grid: np.ndarray, counts: np.ndarray) -> None:
    """What the commands say of a model of another target."""
    lines = [f"{angle:.2f} {count:.5f}" for angle, count in zip(grid, counts, strict=True)]
    (folder / "scan.xy").write_text("# CuKa\n" + "\n".join(lines) + "\n")
    (answer,) = predict_files(lambda _: model, [folder / "scan.xy"])
    ranked = list(answer["class_probabilities"].items())
    assert (answer["target"], answer["class"], len(ranked)) == ("space_group", ranked[0][0], 5)
    assert [share for _, share in ranked] == sorted((share for _, share in ranked), reverse=True)
    assert answer["crystal_system"] in answer["probabilities"]
    patterns = {"two_theta": grid, "intensity": np.stack([counts] * 3), "wavelength": np.array(1.54184)}
    np.savez(folder / "numbers.npz", space_group=np.array([225, 225, 12]), **patterns)
    scores = score_patterns(model, folder / "numbers.npz", None)
    assert (scores["n"], scores["skipped"]) == (2, {"rare_class": 1})
    assert "2 patterns of 1 space groups" in score_table(scores)
    np.savez(folder / "none.npz", crystal_system=np.array(["cubic"] * 3), **patterns)
    with pytest.raises(XrdsymError, match="lacks space_group"):
        score_patterns(model, folder / "none.npz", None)


def test_trials_of_studies_train_networks_on_profiles(paths: Paths, on_profiles: Params) -> None:
    params = changed(on_profiles, "train", epochs=1)
    trials = Trials(paths, params)
    assert trials.rate(params).an_input > 0
    assert trials.epoch_cost(params) == pytest.approx(40 + 0.35 * 20)
    outcome = trials.run(params, trials.workspace(params), test=False, on_epoch=lambda *_: None)
    assert outcome.training_structures == 40
    assert set(outcome.predicted) <= set(range(5))
    assert "validation_recall_Fm-3m" in outcome.metrics


def test_a_network_on_profiles_says_what_to_set() -> None:
    content = preset_content()
    content["train"] |= {"model": "oviedo", "weights": "imagenet", "input": "images"}
    with pytest.raises(UsageError) as caught:
        params_from(content)
    assert "train.input: images: oviedo takes profiles" in str(caught.value)
    assert "set train.input: auto" in str(caught.value)
    assert "set train.weights: none" in str(caught.value)
    content["train"]["model"] = "ovideo"
    with pytest.raises(UsageError, match="did you mean oviedo"):
        params_from(content)


def test_too_few_points_for_a_network_say_what_to_set(paths: Paths, on_profiles: Params) -> None:
    coarse = changed(on_profiles, "profile", step=1.0)
    with pytest.raises(UsageError, match=r"profile: 91 points: oviedo needs 120 points or more"):
        train.run(paths, coarse)


def test_a_model_is_evaluated_on_augmented_patterns_where_the_parameters_say_so(paths: Paths, params: Params) -> None:
    lattices = {2: Lattice.from_parameters(5, 6, 7, 80, 85, 95), 14: Lattice.monoclinic(5, 6, 7, 100)}
    lattices |= {62: Lattice.orthorhombic(5, 6, 7), 225: Lattice.cubic(5), 227: Lattice.cubic(6)}
    crystals = [
        from_pymatgen(Structure(lattices[space_group(number)], ["Si"], [[0, 0, 0]]), f"mp-{number}")
        for number in range(COUNT)
    ]
    write_structures(paths.structures, crystals)
    write_peaks(paths.peaks, [(one.material_id, simulate_peaks(one, wavelength("CuKa"))) for one in crystals])
    noisy = changed(changed(params, "train", model="oviedo"), "effects", noise=(0.3, 0.3), in_evaluation=True)
    data, _ = parts.read_data(paths, noisy)
    train.run(paths, noisy)
    evaluate.run(paths, noisy)
    network = keras.saving.load_model(paths.models / "oviedo" / "model.keras")
    predictions = pd.read_csv(paths.reports / "predictions.csv")
    scored = predictions[list(data.classes)].to_numpy()
    np.testing.assert_allclose(scored, network.predict(data.validation.kept, verbose=0), atol=1e-4)
    # structures that are scored by name are drawn alike
    model, by_name = load_model(paths.models / "oviedo"), {one.material_id: one for one in crystals}
    vectors = labelled_vectors(model, [by_name[name] for name in predictions["material_id"]])
    found = model.predict_vectors([one for one in vectors if not isinstance(one, MaterialError)])
    np.testing.assert_allclose(found, scored, atol=1e-4)
    plain, _ = parts.read_data(paths, changed(noisy, "effects", in_evaluation=False))
    assert np.median(data.validation.kept) > np.median(plain.validation.kept) + 0.05
