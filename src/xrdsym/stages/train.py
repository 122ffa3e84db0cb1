"""Images or peaks → models/<name>: a trained network or a baseline with its recipe, its history and its summary."""

from __future__ import annotations

import csv
import io
import logging
import os
from typing import TYPE_CHECKING, Any

import numpy as np

from xrdsym.common.files import write_json, write_text
from xrdsym.common.progress import duration
from xrdsym.common.quiet import import_keras
from xrdsym.config.model_specs import model_spec
from xrdsym.config.paths import project_root
from xrdsym.crystal.targets.classes import CRYSTAL_SYSTEM, OTHER
from xrdsym.data.load import read_data
from xrdsym.encoding.encoder import resolution
from xrdsym.encoding.recipe import pattern_type, recipe_of, write_recipe
from xrdsym.models.fit import fit
from xrdsym.models.networks.cache import NetworkCache
from xrdsym.models.protocol import Workspace
from xrdsym.models.registry import classifier_type
from xrdsym.stages.exclusive import LOCKS, only_process
from xrdsym.tracking import models as runs
from xrdsym.tracking.digests import checkpoint_folder, table_digests, versions
from xrdsym.training import checkpoints

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from xrdsym.common.skips import SkipCounts
    from xrdsym.config.paths import Paths
    from xrdsym.config.schema import Params
    from xrdsym.data.training_data import TrainingData, TrainingResult

_logger = logging.getLogger(__name__)


def run(paths: Paths, params: Params) -> None:
    """Train a network, or fit a baseline, and write its folder; an interrupted training resumes after its last epoch.

    Raises:
        XrdsymError: A table is missing, no structure can be used, the weights do not fit, or the training failed.
    """
    if model_spec(params.train.model).network:
        import_keras()
    data, skipped = read_data(paths, params)
    counts = class_counts(data)
    _print_counts(data, params, skipped, counts)
    digests = table_digests(paths)
    checkpoint = checkpoint_folder(paths, params, digests)
    facts = resolution(params) | {"pattern_type": pattern_type(params.effects)}
    with (
        # a queued experiment with these parameters would continue from this checkpoint and in this run
        only_process(project_root(paths) / "data" / LOCKS / checkpoint.name, "trains this very model"),
        runs.training_run(paths, params, facts, checkpoint.name) as tracked,
    ):
        reporter = _Reporter(classifier_type(params.train.model).epochs(params.train), tracked)
        folder = paths.models / params.train.model
        workspace = Workspace(paths, checkpoint, NetworkCache())
        classifier, result = fit(params, data, workspace, reporter.on_epoch)
        classifier.save(folder)
        _write_history(folder, result)
        write_json(folder / "training.json", _summary(result, counts, skipped) | _rare(data, params))
        write_recipe(folder, recipe_of(params, digests, versions(params.train.model), data.classes))
        tracked.finish(folder, classifier.keras_model, *_samples(data, params))
    checkpoints.remove(checkpoint)
    print(_last_line(folder, result))


def class_counts(data: TrainingData) -> dict[str, dict[str, int]]:
    """The number of structures of each class in each part."""
    return {
        part: dict(zip(data.classes, np.bincount(labels, minlength=len(data.classes)).tolist(), strict=True))
        for part, labels in (("train", data.train.labels), ("validation", data.validation.labels))
    }


def _rare(data: TrainingData, params: Params) -> dict[str, Any]:
    """What happened to rare classes, for `training.json`; empty where there are none."""
    return {"rare_classes": {"became": params.target.rare, "training_structures": dict(data.rare)}} if data.rare else {}


def _print_counts(
    data: TrainingData, params: Params, skipped: SkipCounts, counts: Mapping[str, Mapping[str, int]]
) -> None:
    skipped.report()
    for name, count in counts["train"].items():
        if count == 0:
            _logger.warning("no %s structure to train on: the model cannot learn this class.", name)
    line = f"train: {len(data.train)} structures to train on, {len(data.validation)} to validate on"
    if params.target.name != CRYSTAL_SYSTEM or data.rare:
        line += f"; {len(data.classes)} classes of {params.target.name}"
    if data.rare:
        became = "dropped" if params.target.rare == "drop" else f"merged into `{OTHER}`"
        structures = f"{sum(data.rare.values())} training structures"
        rare = f"rarer than target.fewest: {params.target.fewest} {became} ({structures})"
        line += f", {len(data.rare)} " + (rare if any(data.rare.values()) else "others have no training structure")
    print(line, flush=True)


class _Reporter:
    """Prints one line an epoch and tracks its metrics."""

    def __init__(self, epochs: int, tracked: runs.TrainingRun) -> None:
        self._epochs = epochs
        self._tracked = tracked
        self._seconds: list[float] = []

    def on_epoch(self, epoch: int, metrics: Mapping[str, float]) -> None:
        self._tracked.log_epoch(epoch, {name: value for name, value in metrics.items() if name != "epoch"})
        self._seconds.append(metrics["seconds"])
        names = ("loss", "accuracy", "val_loss", "val_accuracy", "val_macro_f1")
        scores = "  ".join(f"{name} {metrics[name]:.4f}" for name in names if name in metrics)
        left = (self._epochs - epoch) * sum(self._seconds) / len(self._seconds)
        print(
            f"epoch {epoch}/{self._epochs}  {scores}  {metrics['seconds']:.1f} s  about {duration(left)} left",
            flush=True,
        )


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


def _samples(data: TrainingData, params: Params) -> tuple[NDArray[Any], list[str]]:
    """The first training image, or profile, of each class that has one; none of features, which are no picture."""
    if model_spec(params.train.model).input == "features":
        return data.train.read(np.zeros(0, dtype=np.int64)), []
    present, first = np.unique(data.train.labels, return_index=True)
    return data.train.read(first.astype(np.int64)), [data.classes[label] for label in present]


def _last_line(folder: Path, result: TrainingResult) -> str:
    kept = result.history[result.kept_epoch - 1]
    score = f", validation accuracy {kept['val_accuracy']:.3f}" if "val_accuracy" in kept else ""
    epochs = f"epoch {result.kept_epoch} of {len(result.history)}"
    return f"train: {os.path.relpath(folder)} has the model of {epochs}{score}"
