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

from xrdsym import checkpoints, tracking
from xrdsym.diffraction.peaks_table import read_skipped
from xrdsym.errors import XrdsymError
from xrdsym.files import atomic_path, file_digest, write_json, write_text
from xrdsym.labels import read_labels
from xrdsym.paths import project_root
from xrdsym.quiet import import_keras
from xrdsym.recipe import MODEL_FILE, recipe_of, write_recipe
from xrdsym.skips import SkipCounts
from xrdsym.split import read_split
from xrdsym.symmetry import CRYSTAL_SYSTEMS

if TYPE_CHECKING:
    from collections.abc import Mapping

    import keras
    import pandas as pd
    from numpy.typing import NDArray

    from xrdsym.inputs import ImageSource
    from xrdsym.params import Params
    from xrdsym.paths import Paths
    from xrdsym.training import TrainingData, TrainingResult

CODE = (
    "training.py",
    "optimisation.py",
    "weighting.py",
    "inputs.py",
    "drawing.py",
    "images.py",
    "models",
    "rendering",
    "diffraction",
)
"""The modules below the package that decide what a training does from one epoch to the next."""
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
    _tell(data, skipped, counts)
    digests = {name: file_digest(path) for name, path in _tables(paths).items() if path.is_file()}
    checkpoint = _checkpoint_folder(paths, params, digests)
    with tracking.training_run(paths, params, _facts(counts), checkpoint.name) as tracked:
        keras.utils.set_random_seed(params.train.seed)
        settings = dataclasses.replace(params.train, weights=_weights(paths, params.train.weights))
        network = build(params.images.side, len(CRYSTAL_SYSTEMS), settings)
        reporter = _Reporter(params.train.epochs, tracked)
        result = train(network, data, params.train, checkpoint, reporter.on_epoch)
        folder = paths.models / params.train.model
        _write_model(folder, network)
        _write_history(folder, result)
        write_json(folder / "training.json", _summary(result, counts, skipped))
        write_recipe(folder, recipe_of(params, digests, _versions()))
        tracked.finish(folder, network, *_samples(data))
    checkpoints.remove(checkpoint)
    print(_last_line(folder, result))


def read_data(paths: Paths, params: Params) -> tuple[TrainingData, SkipCounts]:
    """The training and the validation part, and what had to be left out.

    Raises:
        XrdsymError: A table is missing or broken, or no training structure is left.
    """
    from xrdsym.inputs import BUDGET, load_images
    from xrdsym.training import TrainingData
    from xrdsym.weighting import stratified_subset

    members = _members(paths)
    parts = {part: members[members["part"] == part] for part in ("train", "validation")}
    if params.train.limit is not None:
        chosen = stratified_subset(parts["train"]["label"].to_numpy(), params.train.limit, params.train.seed)
        parts["train"] = parts["train"].iloc[chosen]
    wanted = [name for frame in parts.values() for name in frame["material_id"]]
    source = _source(paths, params, wanted)
    skips, images, budget = SkipCounts(), {}, BUDGET
    # a material without peaks has no image either, and its own reason says more than the missing image
    without_peaks = read_skipped(paths.peaks) if paths.peaks.is_file() else {}
    for part, members in parts.items():
        blank = members["material_id"].isin(list(without_peaks))
        for name in members["material_id"][blank]:
            skips.add(name, *without_peaks[name])
        frame = members[~blank]
        labels = frame["label"].to_numpy(dtype=np.int64)
        images[part], skipped = load_images(source, list(frame["material_id"]), labels, params.images.side, budget)
        budget -= images[part].kept.nbytes
        for one in skipped:
            skips.add(one.name, one.reason, one.detail)
    if not len(images["train"]):
        skips.report()
        found = ", ".join(f"{count} {reason}" for reason, count in skips.summary().items()) or "none was assigned to it"
        msg = (
            f"no structure is left to train on ({found}). "
            f"Run `dvc repro {params.train.input}` and look at {paths.split} and {paths.labels}."
        )
        raise XrdsymError(msg)
    return TrainingData(CRYSTAL_SYSTEMS, images["train"], images["validation"]), skips


def _members(paths: Paths) -> pd.DataFrame:
    """Columns material_id, part, label of every material that has a part and a label, in the order of the split."""
    split = read_split(paths.split)
    labels = read_labels(paths.labels)
    index = {system: position for position, system in enumerate(CRYSTAL_SYSTEMS)}
    label_of = dict(zip(labels["material_id"], labels["crystal_system"].map(index), strict=True))
    members = split[split["material_id"].isin(label_of.keys())].reset_index(drop=True)
    return members.assign(label=members["material_id"].map(label_of).astype(np.int64))


def _source(paths: Paths, params: Params, material_ids: list[str]) -> ImageSource:
    from xrdsym.inputs import FolderImages, PeakImages

    if params.train.input == "peaks":
        return PeakImages(paths.peaks, material_ids, params.profile, params.images)
    if not paths.images.is_dir():
        msg = (
            f"no images at {paths.images}. Run `dvc repro images` to render them, or set train.input=peaks "
            "to render on the fly."
        )
        raise XrdsymError(msg)
    return FolderImages(paths.images, CRYSTAL_SYSTEMS, params.images.side)


def _weights(paths: Paths, weights: str) -> str:
    """A path of weights made absolute: below the working tree, else (in a clone of DVC's) below the project."""
    if weights in {"none", "imagenet"} or Path(weights).is_absolute():
        return weights
    here = paths.root / weights
    return str(here if here.is_file() else project_root(paths) / weights)


def _tables(paths: Paths) -> dict[str, Path]:
    return {"labels": paths.labels, "peaks": paths.peaks, "split": paths.split}


def _checkpoint_folder(paths: Paths, params: Params, digests: Mapping[str, str]) -> Path:
    """A folder that belongs to this training alone: its parameters, its data, its code."""
    package = Path(__file__).resolve().parents[1]
    code = hashlib.sha256()
    for name in CODE:
        for file in sorted([package / name] if name.endswith(".py") else (package / name).rglob("*.py")):
            code.update(file.read_bytes())
    content = {
        "params": {name: dataclasses.asdict(getattr(params, name)) for name in ("profile", "images", "train")},
        "data": dict(digests),
        "code": code.hexdigest(),
        "versions": _versions(),
    }
    return project_root(paths) / "models" / ".checkpoints" / checkpoints.fingerprint(content)


def _versions() -> dict[str, str]:
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


def _tell(data: TrainingData, skipped: SkipCounts, counts: Mapping[str, Mapping[str, int]]) -> None:
    skipped.report()
    for name, count in counts["train"].items():
        if count == 0:
            _logger.warning("no %s structure to train on: the network will not learn what one looks like.", name)
    print(f"train: {len(data.train)} structures to train on, {len(data.validation)} to validate on", flush=True)


def _facts(counts: Mapping[str, Mapping[str, int]]) -> dict[str, float | str]:
    return {f"{part}_count_{name}": float(count) for part, by in counts.items() for name, count in by.items()}


class _Reporter:
    """Prints one line an epoch and hands its metrics to the tracking."""

    def __init__(self, epochs: int, tracked: tracking.TrainingRun) -> None:
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
            f"epoch {epoch}/{self._epochs}  {scores}  {metrics['seconds']:.1f} s  about {_duration(left)} left",
            flush=True,
        )


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


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


def _samples(data: TrainingData) -> tuple[NDArray[np.uint8], list[str]]:
    """The first training image of each class that has one."""
    present, first = np.unique(data.train.labels, return_index=True)
    return data.train.read(first.astype(np.int64)), [data.classes[label] for label in present]


def _last_line(folder: Path, result: TrainingResult) -> str:
    kept = result.history[result.kept_epoch - 1]
    score = f", validation accuracy {kept['val_accuracy']:.3f}" if "val_accuracy" in kept else ""
    where = os.path.relpath(folder)
    return f"train: {where} has the weights of epoch {result.kept_epoch} of {len(result.history)}{score}"
