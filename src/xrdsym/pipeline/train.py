"""Images or peaks → models/<name>: a trained network with its recipe, its history and what happened."""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import importlib.metadata
import io
import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from xrdsym import checkpoints, runs
from xrdsym.classes import CRYSTAL_SYSTEM, OTHER
from xrdsym.drawing import drawing_of, resolution
from xrdsym.evaluation import MANY_CLASSES
from xrdsym.files import atomic_path, file_digest, write_json, write_text
from xrdsym.paths import project_root
from xrdsym.pipeline.parts import read_data
from xrdsym.progress import duration
from xrdsym.quiet import import_keras
from xrdsym.recipe import MODEL_FILE, recipe_of, write_recipe

if TYPE_CHECKING:
    from collections.abc import Mapping

    import keras
    from numpy.typing import NDArray

    from xrdsym.params import Params
    from xrdsym.paths import Paths
    from xrdsym.skips import SkipCounts
    from xrdsym.training import TrainingData, TrainingResult

CODE = (
    "pipeline/parts.py",
    "chemistry.py",
    "classes.py",
    "targets.py",
    "training.py",
    "optimisation.py",
    "weighting.py",
    "inputs.py",
    "drawing.py",
    "images.py",
    "models",
    "rendering",
    "diffraction",
    "effects",
    "drawn_anew.py",
)
"""The modules below the package that decide what a training does from one epoch to the next."""
SECTIONS = ("profile", "images", "effects", "target", "train")
"""The parameters that do."""
_logger = logging.getLogger(__name__)


def run(paths: Paths, params: Params) -> None:
    """Train a network and write its folder; an interrupted training goes on from its last epoch.

    Raises:
        XrdsymError: A table is missing, no structure can be used, the weights do not fit, or the training failed.
    """
    keras = import_keras()
    from xrdsym.models import build
    from xrdsym.training import train

    data, skipped = read_data(paths, params)
    counts = class_counts(data)
    _tell(data, params, skipped, counts)
    digests = table_digests(paths)
    checkpoint = checkpoint_folder(paths, params, digests)
    facts = _facts(counts) | resolution(params)
    with runs.training_run(paths, params, facts, checkpoint.name) as tracked:
        keras.utils.set_random_seed(params.train.seed)
        settings = dataclasses.replace(params.train, weights=weights_path(paths, params.train.weights))
        network = build(drawing_of(params).shape[0], len(data.classes), settings)
        reporter = _Reporter(params.train.epochs, tracked)
        result = train(network, data, params.train, checkpoint, reporter.on_epoch)
        folder = paths.models / params.train.model
        _write_model(folder, network)
        _write_history(folder, result)
        write_json(folder / "training.json", _summary(result, counts, skipped) | _rare(data, params))
        write_recipe(folder, recipe_of(params, digests, versions(), data.classes))
        tracked.finish(folder, network, *_samples(data))
    checkpoints.remove(checkpoint)
    print(_last_line(folder, result))


def weights_path(paths: Paths, weights: str) -> str:
    """A path of weights made absolute: below the working tree, else (in a clone of DVC's) below the project."""
    if weights in {"none", "imagenet"} or Path(weights).is_absolute():
        return weights
    here = paths.root / weights
    return str(here if here.is_file() else project_root(paths) / weights)


def table_digests(paths: Paths) -> dict[str, str]:
    """The SHA-256 of each table that a training reads."""
    tables = {"labels": paths.labels, "peaks": paths.peaks, "split": paths.split}
    return {name: file_digest(path) for name, path in tables.items() if path.is_file()}


def checkpoint_folder(paths: Paths, params: Params, digests: Mapping[str, str]) -> Path:
    """A folder that belongs to this training alone: its parameters, its data, its code."""
    package = Path(__file__).resolve().parents[1]
    code = hashlib.sha256()
    for name in CODE:
        for file in sorted([package / name] if name.endswith(".py") else (package / name).rglob("*.py")):
            code.update(file.read_bytes())
    content = {
        "params": {name: dataclasses.asdict(getattr(params, name)) for name in SECTIONS},
        "data": dict(digests),
        "code": code.hexdigest(),
        "versions": versions(),
    }
    return project_root(paths) / "models" / ".checkpoints" / checkpoints.fingerprint(content)


def versions() -> dict[str, str]:
    """The versions of what decides the weights; a backend may be installed under another name."""
    import keras

    backend = keras.backend.backend()
    found = {name: importlib.metadata.version(name) for name in ("xrdsym", "keras", "numpy")}
    installed = importlib.metadata.packages_distributions().get(backend, [backend])
    return found | {backend: importlib.metadata.version(installed[0])}


def class_counts(data: TrainingData) -> dict[str, dict[str, int]]:
    """The number of structures of each class in each part."""
    return {
        part: dict(zip(data.classes, np.bincount(labels, minlength=len(data.classes)).tolist(), strict=True))
        for part, labels in (("train", data.train.labels), ("validation", data.validation.labels))
    }


def _rare(data: TrainingData, params: Params) -> dict[str, Any]:
    """What became of rare classes, for `training.json`; empty where there are none."""
    return {"rare_classes": {"became": params.target.rare, "training_structures": dict(data.rare)}} if data.rare else {}


def _tell(data: TrainingData, params: Params, skipped: SkipCounts, counts: Mapping[str, Mapping[str, int]]) -> None:
    skipped.report()
    for name, count in counts["train"].items():
        if count == 0:
            _logger.warning("no %s structure to train on: the network will not learn what one looks like.", name)
    line = f"train: {len(data.train)} structures to train on, {len(data.validation)} to validate on"
    if params.target.name != CRYSTAL_SYSTEM or data.rare:
        line += f"; {len(data.classes)} classes of {params.target.name}"
    if data.rare:
        became = "dropped" if params.target.rare == "drop" else f"merged into `{OTHER}`"
        line += (
            f", {len(data.rare)} rarer than target.fewest: {params.target.fewest} {became} "
            f"({sum(data.rare.values())} training structures)"
        )
    print(line, flush=True)


def _facts(counts: Mapping[str, Mapping[str, int]]) -> dict[str, float | str]:
    if len(counts["train"]) > MANY_CLASSES:
        return {f"{part}_count": float(sum(by.values())) for part, by in counts.items()}
    return {f"{part}_count_{name}": float(count) for part, by in counts.items() for name, count in by.items()}


class _Reporter:
    """Prints one line an epoch and hands its metrics to the tracking."""

    def __init__(self, epochs: int, tracked: runs.TrainingRun) -> None:
        self._epochs = epochs
        self._tracked = tracked
        self._seconds: list[float] = []

    def on_epoch(self, epoch: int, metrics: Mapping[str, float]) -> None:
        self._tracked.log_epoch(epoch, {name: value for name, value in metrics.items() if name != "epoch"})
        self._seconds.append(metrics["seconds"])
        shown = ("loss", "accuracy", "val_loss", "val_accuracy", "val_macro_f1")
        scores = "  ".join(f"{name} {metrics[name]:.4f}" for name in shown if name in metrics)
        left = (self._epochs - epoch) * sum(self._seconds) / len(self._seconds)
        print(
            f"epoch {epoch}/{self._epochs}  {scores}  {metrics['seconds']:.1f} s  about {duration(left)} left",
            flush=True,
        )


def _write_model(folder: Path, network: keras.Model) -> None:
    """Save the network without its optimizer, which is twice its size and of no use to prediction."""
    import keras

    bare = keras.Model(network.inputs, network.outputs[0], name=network.name)
    with atomic_path(folder / MODEL_FILE) as temporary:
        bare.save(temporary)


def _write_history(folder: Path, result: TrainingResult) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(result.history[0]), lineterminator="\n")
    writer.writeheader()
    for row in result.history:
        writer.writerow({**row, "epoch": int(row["epoch"])})
    write_text(folder / "history.csv", text.getvalue())


def _summary(result: TrainingResult, counts: Mapping[str, Mapping[str, int]], skipped: SkipCounts) -> dict[str, Any]:
    return {
        "structures": {part: sum(by_class.values()) for part, by_class in counts.items()},
        "classes": counts,
        "skipped": skipped.summary(),
        "epochs": len(result.history),
        "kept_epoch": result.kept_epoch,
        "best_epoch": result.best_epoch,
        "stopped_early": result.stopped_early,
        "resumed_epochs": result.resumed_epochs,
        "seconds": round(sum(row["seconds"] for row in result.history), 1),
        "images_per_second": round(result.images_per_second, 1),
        "accuracy": result.accuracies,
    }


def _samples(data: TrainingData) -> tuple[NDArray[Any], list[str]]:
    """The first training image of each class that has one."""
    present, first = np.unique(data.train.labels, return_index=True)
    return data.train.read(first.astype(np.int64)), [data.classes[label] for label in present]


def _last_line(folder: Path, result: TrainingResult) -> str:
    kept = result.history[result.kept_epoch - 1]
    score = f", validation accuracy {kept['val_accuracy']:.3f}" if "val_accuracy" in kept else ""
    where = os.path.relpath(folder)
    return f"train: {where} has the weights of epoch {result.kept_epoch} of {len(result.history)}{score}"
