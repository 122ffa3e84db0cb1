"""Model and one part → scores, predictions, confusion matrix and figures."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from xrdsym.common.errors import XrdsymError
from xrdsym.common.files import write_json, write_text
from xrdsym.common.formatting import with_interval
from xrdsym.common.progress import progress_bar
from xrdsym.crystal.chemistry import family
from xrdsym.crystal.labels import read_labels
from xrdsym.crystal.targets.classes import class_indices, target_values
from xrdsym.data.augmented import evaluated_with_augmentation, evaluation_profiles, load_augmented
from xrdsym.data.datasets import LabelledInputs
from xrdsym.data.split import PARTS, read_split
from xrdsym.diffraction.peaks_table import load_peaks, read_skipped
from xrdsym.evaluation.confusions import worst_confusions
from xrdsym.evaluation.metrics import context_of, evaluate
from xrdsym.models.predictor import load_model
from xrdsym.reporting.evaluation_figures import evaluation_figures
from xrdsym.reporting.pattern_figure import ExamplePattern
from xrdsym.scoring.mistakes import mistakes_of
from xrdsym.tracking import models as runs
from xrdsym.tracking.provenance import history_rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any

    from numpy.typing import NDArray

    from xrdsym.config.paths import Paths
    from xrdsym.config.schema import Params
    from xrdsym.encoding.recipe import Recipe
    from xrdsym.models.predictor import Model

ROWS_AT_ONCE = 512
EXAMPLES = 1
"""Mistakes of each confused pair in `mistakes.json` and in the figures."""


def run(paths: Paths, params: Params) -> None:
    """Score the model on one part; write tables and figures.

    Raises:
        XrdsymError: The part is empty or a table is missing.
    """
    folder = paths.models / params.train.model
    model = load_model(folder)
    everything, members, left_out = _members(paths, params.evaluate.part, model.recipe)
    patterns = _Patterns(paths, model)
    probabilities, in_range = _probabilities(model, patterns, members["material_id"].tolist())
    members = members[in_range].reset_index(drop=True)
    if members.empty:
        msg = f"no pattern of the {params.evaluate.part} part has a peak in range. Change split, or evaluate.part."
        raise XrdsymError(msg)
    classes = model.recipe.classes
    actual = members["label"].to_numpy(dtype=np.int64)
    counts = _counts(everything, classes)
    context = {"part": params.evaluate.part, "split": params.split.by, "sources": list(params.structures.sources)}
    scores = (
        context
        | {"target": model.recipe.target.name}
        | evaluate(
            actual,
            probabilities,
            members["composition"].to_numpy(dtype=str),
            classes=classes,
            bootstrap=params.evaluate.bootstrap,
            training_counts=counts["train"],
        )
    )
    if left_out:
        scores["left_out_rare"] = left_out
    tables = _write_tables(paths, scores, members, probabilities)
    figures = _write_figures(paths, params, scores, members, probabilities, patterns, counts)
    runs.log_evaluation(paths, params, folder, scores, figures, tables)
    accuracy = with_interval(scores["accuracy"], *scores["intervals"]["accuracy"])
    print(
        f"evaluate: accuracy {accuracy}, macro F1 {scores['macro_f1']:.3f}, "
        f"majority {scores['majority_accuracy']:.3f}; {context_of(scores)}"
        + (f"; {left_out} structures of classes that the model does not have left out" if left_out else "")
    )


def _members(paths: Paths, part: str, recipe: Recipe) -> tuple[pd.DataFrame, pd.DataFrame, int]:
    """The materials to score.

    Returns:
        The labels and parts of all materials of the model's family and classes; those of a part that have peaks; and
        how many of the part have a class that the model does not have. The columns `class` and `label` are the class
        and its position among the model's.
    """
    labels = read_labels(paths.labels)
    values = target_values(labels, recipe.target.name)
    labels = labels.assign(label=class_indices(values, recipe.classes))
    members = labels.merge(read_split(paths.split), on="material_id")
    if recipe.train.chemistry != "all":
        members = members[members["composition"].map(family) == recipe.train.chemistry]
    unknown = members["label"] < 0
    left_out = int((unknown & (members["part"] == part)).sum())
    members = members[~unknown]
    members = members.assign(**{"class": np.array(recipe.classes)[members["label"]]})
    blank = members["material_id"].isin(list(read_skipped(paths.peaks)))
    return members, members[(members["part"] == part) & ~blank], left_out


class _Patterns:
    """The patterns of materials with which the model is evaluated."""

    def __init__(self, paths: Paths, model: Model) -> None:
        self._paths = paths
        self._recipe = model.recipe
        self._augmented = evaluated_with_augmentation(model.recipe)
        self.encoder = model.encoder

    def vectors(self, material_ids: list[str]) -> Iterator[NDArray[np.float32]]:
        """Vectors, some at a time; a row of zeros without a peak in the model's range."""
        starts = range(0, len(material_ids), ROWS_AT_ONCE)
        if self._augmented:
            profiles = self._augmented_profiles(material_ids)
            yield from (profiles[first : first + ROWS_AT_ONCE] for first in starts)
            return
        peaks = load_peaks(self._paths.peaks, material_ids)
        for first in starts:
            part = peaks.take(np.arange(first, min(first + ROWS_AT_ONCE, len(material_ids))))
            yield self.encoder.from_peaks(part.offsets, part.two_theta, part.intensity)

    def profiles(self, material_ids: list[str]) -> NDArray[np.float32]:
        """Profiles for figures, also of models on features."""
        if self._augmented:
            return self._augmented_profiles(material_ids)
        peaks = load_peaks(self._paths.peaks, material_ids)
        return self.encoder.profiles(peaks.offsets, peaks.two_theta, peaks.intensity)

    def examples(self, labels: dict[str, str]) -> list[ExamplePattern]:
        """Patterns for figures; `labels` has their titles by material id."""
        if not labels:
            return []
        names = list(labels)
        peaks = load_peaks(self._paths.peaks, names)
        grid = self.encoder.grid
        shifts = np.broadcast_to(grid.shifts(peaks.offsets, peaks.two_theta, peaks.intensity), len(peaks.two_theta))
        profiles = self.profiles(names)
        images = self.encoder.inputs(profiles)
        return [
            ExamplePattern(
                name,
                labels[name],
                # a shifted pattern has its own angles on the points of the grid
                grid.angles(float(shifts[start]) if start < end else 0.0),
                profile,
                image,
                peaks.two_theta[start:end],
                self._recipe.images.layout,
                self._recipe.profile.scale,
            )
            for name, profile, image, start, end in zip(
                names, profiles, images, peaks.offsets[:-1].tolist(), peaks.offsets[1:].tolist(), strict=True
            )
        ]

    def _augmented_profiles(self, material_ids: list[str]) -> NDArray[np.float32]:
        no_labels = np.zeros(len(material_ids), dtype=np.int64)
        plain = LabelledInputs(tuple(material_ids), no_labels, np.zeros((0, *self.encoder.shape)), None)
        return evaluation_profiles(load_augmented(self._paths.structures, plain, self._recipe))


def _probabilities(
    model: Model, patterns: _Patterns, material_ids: list[str]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Probabilities of the patterns that have a peak in the model's range, and which those are."""
    probabilities, in_range = [np.zeros((0, len(model.recipe.classes)))], [np.zeros(0, dtype=bool)]
    with progress_bar(total=len(material_ids), description="evaluate", unit="pattern") as bar:
        for vectors in patterns.vectors(material_ids):
            usable: NDArray[np.bool_] = np.any(vectors, axis=1)
            in_range.append(usable)
            probabilities.append(model.predict_vectors(list(vectors[usable])))
            bar.update(len(vectors))
    return np.concatenate(probabilities), np.concatenate(in_range)


def _counts(everything: pd.DataFrame, classes: tuple[str, ...]) -> dict[str, list[int]]:
    """Structures of each class in each part, in the order of the classes."""
    found = everything.value_counts(["part", "class"])
    return {part: [int(found.get((part, name), 0)) for name in classes] for part in PARTS}


def _write_tables(
    paths: Paths, scores: dict[str, Any], members: pd.DataFrame, probabilities: NDArray[np.float64]
) -> list[Path]:
    classes = scores["classes"]
    predictions = pd.DataFrame(
        {
            "material_id": members["material_id"],
            "actual": members["class"],
            "predicted": np.array(classes)[probabilities.argmax(axis=1)],
        }
    ).join(pd.DataFrame(probabilities, columns=classes))
    confusion = pd.DataFrame(scores["confusion_matrix"], columns=classes, index=pd.Index(classes, name="actual"))
    per_class = pd.DataFrame.from_dict(scores["per_class"], orient="index").rename_axis("class")
    write_json(paths.reports / "metrics.json", _metrics(scores))
    write_json(paths.reports / "scores.json", scores)
    write_text(paths.reports / "predictions.csv", predictions.to_csv(index=False, float_format="%.6g"))
    write_text(paths.reports / "confusion.csv", confusion.to_csv())
    write_text(paths.reports / "per_class.csv", per_class.to_csv())
    return [paths.reports / name for name in ("scores.json", "predictions.csv", "confusion.csv", "per_class.csv")]


def _metrics(scores: dict[str, Any]) -> dict[str, float | int | None]:
    """The numbers that DVC compares; every one is a column of `dvc exp show`."""
    low, high = scores["intervals"]["accuracy"]
    return {
        "accuracy": scores["accuracy"],
        "low": low,
        "high": high,
        "macro_f1": scores["macro_f1"],
        "loss": scores["log_loss"],
        "n": scores["n"],
    }


def _write_figures(  # noqa: PLR0913, PLR0917 - all that the figures show
    paths: Paths,
    params: Params,
    scores: dict[str, Any],
    members: pd.DataFrame,
    probabilities: NDArray[np.float64],
    patterns: _Patterns,
    counts: dict[str, list[int]],
) -> list[Path]:
    actual = members["label"].to_numpy(dtype=np.int64)
    confusions = worst_confusions(
        actual, probabilities, members["material_id"].tolist(), classes=scores["classes"], examples=EXAMPLES
    )
    mistakes = mistakes_of(confusions, members, probabilities, paths.structures)
    write_json(paths.reports / "mistakes.json", [dataclasses.asdict(mistake) for mistake in mistakes])
    first = members.iloc[0]
    labels = {first["material_id"]: first["class"]}
    taken = {mistake.material_id: f"{mistake.actual} taken for {mistake.predicted}" for mistake in mistakes}
    (pattern,), wrong = patterns.examples(labels), patterns.examples(taken)
    history = history_rows(paths.models / params.train.model)
    return evaluation_figures(
        paths.reports / "figures",
        scores=scores,
        context=context_of(scores),
        counts=counts,
        history=[{"epoch": epoch, **row} for epoch, row in history.items()],
        pattern=pattern,
        mistakes=wrong,
    )
