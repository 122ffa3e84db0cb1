"""Targets of fuzzing: parameters, studies, recipes, models, checkpoints, journals and tables of a project."""

from __future__ import annotations

import functools
import io
import shutil
import tempfile
from pathlib import Path

import numpy as np
import optuna
import pyarrow.parquet as pq
from fuzz_target import Broken, Target

from xrdsym.config.params_file import load_params
from xrdsym.crystal.labels import LABEL_SCHEMA, read_labels
from xrdsym.diffraction.peaks import Peaks
from xrdsym.diffraction.peaks_table import read_peak_batches, write_peaks
from xrdsym.encoding.recipe import read_recipe
from xrdsym.models.baselines import trees
from xrdsym.models.baselines.trees import BoostedTrees
from xrdsym.studies.definition import load_study
from xrdsym.studies.record import BEGUN
from xrdsym.studies.storage import open_storage, read_record, stored_studies
from xrdsym.training import checkpoints

ROOT = Path(__file__).resolve().parents[1]


def _params_seeds() -> list[bytes]:
    return [(ROOT / "params.yaml").read_bytes(), (ROOT / "presets" / "measured.yaml").read_bytes()]


def _read_params(path: Path) -> None:
    load_params(path)


def _study_seeds() -> list[bytes]:
    return [(ROOT / "studies" / f"{name}.yaml").read_bytes() for name in ("sigma", "steps", "class_weighting")]


def _read_study(path: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="xrdsym-fuzz-") as name:
        root = Path(name)
        shutil.copy(ROOT / "params.yaml", root)
        shutil.copytree(ROOT / "presets", root / "presets")
        (root / "studies").mkdir()
        shutil.copy(path, root / "studies" / "fuzzed.yaml")
        load_study(root, "fuzzed")


def _recipe_seeds() -> list[bytes]:
    return [(ROOT / "models" / "released" / name / "recipe.json").read_bytes() for name in ("ideal", "measured")]


def _read_recipe(path: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="xrdsym-fuzz-") as name:
        shutil.copy(path, Path(name) / "recipe.json")
        read_recipe(Path(name))


def _checkpoint_seeds() -> list[bytes]:
    with tempfile.TemporaryDirectory(prefix="xrdsym-fuzz-") as name:
        arrays = {"network": [np.zeros((3, 3), np.float32), np.ones(5, np.float32)], "best": [np.array(7)]}
        checkpoints.save(Path(name), checkpoints.Checkpoint(arrays, {"progress": {}, "looks": []}))
        return [(Path(name) / checkpoints.FILE_NAME).read_bytes()]


def _read_checkpoint(path: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="xrdsym-fuzz-") as name:
        shutil.copy(path, Path(name) / checkpoints.FILE_NAME)
        checkpoints.load(Path(name))


def _journal_seeds() -> list[bytes]:
    with tempfile.TemporaryDirectory(prefix="xrdsym-fuzz-") as name:
        file = Path(name) / "studies.journal"
        storage = open_storage(file)
        study = optuna.create_study(study_name="one", storage=storage, direction="maximize")
        study.set_user_attr(BEGUN, {"baseline": {"train": {"epochs": 2}}, "data": {}})
        for sigma in (1.0, 2.0):
            trial = study.ask()
            for name_, value in {"settings": {"profile.sigma": sigma}, "seed": 0, "reason": "made up"}.items():
                trial.set_user_attr(name_, value)
            study.tell(trial, state=optuna.trial.TrialState.FAIL)
        return [file.read_bytes()]


def _read_journal(path: Path) -> None:
    storage = open_storage(path)
    for name in stored_studies(storage):
        read_record(storage, name)


@functools.cache
def _model_seed() -> bytes:
    rng = np.random.default_rng(0)
    iterations, trees.ITERATIONS = trees.ITERATIONS, 2
    try:
        fitted = BoostedTrees.fit_rows(rng.random((60, 4), np.float32), np.arange(60) % 3, ("a", "b", "c"), 0)
    finally:
        trees.ITERATIONS = iterations
    with tempfile.TemporaryDirectory(prefix="xrdsym-fuzz-") as name:
        return fitted.save(Path(name)).read_bytes()


def _read_model(path: Path) -> None:
    probabilities = BoostedTrees.read(path).predict_proba(np.zeros((2, 4), np.float32))
    if not np.allclose(probabilities.sum(axis=1), 1, atol=1e-3):
        msg = "probabilities that do not sum to 1"
        raise Broken(msg)


def _labels_seeds() -> list[bytes]:
    row = {"material_id": "a", "space_group": 225, "crystal_system": "cubic", "composition": "NaCl"}
    row |= {"anonymous_formula": "AB", "prototype": "AB 225", "skipped": None, "detail": None}
    stream = io.BytesIO()
    pq.write_table(pq.read_table(_parquet([row, row | {"material_id": "b"}])), stream)
    return [stream.getvalue()]


def _parquet(rows: list[dict[str, object]]) -> io.BytesIO:
    import pyarrow as pa

    stream = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema=LABEL_SCHEMA), stream)
    stream.seek(0)
    return stream


def _read_labels(path: Path) -> None:
    read_labels(path)


def _peaks_seeds() -> list[bytes]:
    with tempfile.TemporaryDirectory(prefix="xrdsym-fuzz-") as name:
        file = Path(name) / "peaks.parquet"
        peaks = Peaks(np.array([20.0, 30.0]), np.array([1.0, 0.5]))
        write_peaks(file, [("a", peaks), ("b", peaks)])
        return [file.read_bytes()]


def _read_peaks(path: Path) -> None:
    for batch in read_peak_batches(path):
        if batch.offsets[-1] != len(batch.two_theta) or len(batch.two_theta) != len(batch.intensity):
            msg = "peaks without an intensity"
            raise Broken(msg)


PROJECT_TARGETS = {
    "params": Target(_params_seeds, ".yaml", _read_params, several=True),
    "study": Target(_study_seeds, ".yaml", _read_study, several=True),
    "recipe": Target(_recipe_seeds, ".json", _read_recipe, several=True),
    "model": Target(lambda: [_model_seed()], ".skops", _read_model),
    "checkpoint": Target(_checkpoint_seeds, ".npz", _read_checkpoint),
    "journal": Target(_journal_seeds, ".journal", _read_journal),
    "labels": Target(_labels_seeds, ".parquet", _read_labels),
    "peaks": Target(_peaks_seeds, ".parquet", _read_peaks),
}
