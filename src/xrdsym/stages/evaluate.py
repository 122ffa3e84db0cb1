"""Model and one part → scores, predictions, confusion matrix and figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from xrdsym.common.errors import XrdsymError
from xrdsym.common.files import write_json, write_text
from xrdsym.common.progress import progress_bar
from xrdsym.crystal.chemistry import family
from xrdsym.crystal.labels import read_labels
from xrdsym.crystal.targets.classes import class_indices, target_values
from xrdsym.data.augmented import augmented_profiles_once, load_augmented
from xrdsym.data.datasets import LabelledInputs
from xrdsym.data.split import PARTS, read_split
from xrdsym.diffraction.peaks_table import load_peaks, read_skipped
from xrdsym.encoding.encoder import encoder_of
from xrdsym.evaluation.confusions import worst_confusions
from xrdsym.evaluation.metrics import context_of, evaluate
from xrdsym.models.predictor import load_model
from xrdsym.reporting.evaluation_figures import ConfusedExample, ExamplePattern, evaluation_figures
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
EXAMPLES = 2
"""Mistakes that are shown of each confused pair."""


def run(paths: Paths, params: Params) -> None:
    """Score the model on one part and write what a person would look at.

    Raises:
        XrdsymError: The part is empty or a table is missing.
    """
    folder = paths.models / params.train.model
    model = load_model(folder)
    everything, members, left_out = _members(paths, params.evaluate.part, model.recipe)
    patterns = _Patterns(paths, model.recipe)
    probabilities, drawn = _probabilities(model, patterns, members["material_id"].tolist())
    members = members[drawn].reset_index(drop=True)
    if members.empty:
        msg = f"no pattern of the {params.evaluate.part} part can be drawn. Change split, or evaluate.part."
        raise XrdsymError(msg)
    classes = model.recipe.classes
    actual = members["label"].to_numpy(dtype=np.int64)
    counts = _counts(everything, classes)
    told = {"part": params.evaluate.part, "split": params.split.by, "sources": list(params.structures.sources)}
    scores = (
        told
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
    low, high = scores["intervals"]["accuracy"]
    print(
        f"evaluate: accuracy {scores['accuracy']:.3f} ({low:.3f} to {high:.3f}), macro F1 {scores['macro_f1']:.3f}, "
        f"majority {scores['majority_accuracy']:.3f}; {context_of(scores)}"
        + (f"; {left_out} structures of classes that the model does not know left out" if left_out else "")
    )


def _members(paths: Paths, part: str, recipe: Recipe) -> tuple[pd.DataFrame, pd.DataFrame, int]:
    """Who is scored.

    Returns:
        The labels and parts of all materials of the model's family and classes; those of a part that have peaks; and
        how many of the part have a class that the model does not know. The columns `class` and `label` are the class
        and where it stands among the model's.
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
    """The patterns of materials as the model is judged by them."""

    def __init__(self, paths: Paths, recipe: Recipe) -> None:
        self._paths = paths
        self._recipe = recipe
        self.encoder = encoder_of(recipe)

    def vectors(self, material_ids: list[str]) -> Iterator[NDArray[np.float32]]:
        """What the model's inputs are made of, some at a time; a row of zeros without a peak in the model's range."""
        starts = range(0, len(material_ids), ROWS_AT_ONCE)
        if self._with_effects:
            drawn = self._drawn(material_ids)
            yield from (drawn[first : first + ROWS_AT_ONCE] for first in starts)
            return
        peaks = load_peaks(self._paths.peaks, material_ids)
        for first in starts:
            part = peaks.take(np.arange(first, min(first + ROWS_AT_ONCE, len(material_ids))))
            yield self.encoder.vectors(part.offsets, part.two_theta, part.intensity)

    def profiles(self, material_ids: list[str]) -> NDArray[np.float32]:
        """What figures show, of a model that takes features, too."""
        if self._with_effects:
            return self._drawn(material_ids)
        peaks = load_peaks(self._paths.peaks, material_ids)
        return self.encoder.profiles(peaks.offsets, peaks.two_theta, peaks.intensity)

    @property
    def _with_effects(self) -> bool:
        return self._recipe.effects.in_evaluation and bool(self._recipe.effects.on)

    def _drawn(self, material_ids: list[str]) -> NDArray[np.float32]:
        nowhere = np.zeros(len(material_ids), dtype=np.int64)
        named = LabelledInputs(tuple(material_ids), nowhere, np.zeros((0, *self.encoder.shape)), None)
        return augmented_profiles_once(load_augmented(self._paths.structures, named, self._recipe))


def _probabilities(
    model: Model, patterns: _Patterns, material_ids: list[str]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Probabilities of the patterns that have a peak in the model's range, and which those are."""
    answers, drawn = [np.zeros((0, len(model.recipe.classes)))], [np.zeros(0, dtype=bool)]
    with progress_bar(total=len(material_ids), description="evaluate", unit="pattern") as bar:
        for vectors in patterns.vectors(material_ids):
            there: NDArray[np.bool_] = np.any(vectors, axis=1)
            drawn.append(there)
            answers.append(model.probabilities(list(vectors[there])))
            bar.update(len(vectors))
    return np.concatenate(answers), np.concatenate(drawn)


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
    write_json(paths.reports / "metrics.json", scores)
    write_text(paths.reports / "predictions.csv", predictions.to_csv(index=False, float_format="%.6g"))
    write_text(paths.reports / "confusion.csv", confusion.to_csv())
    return [paths.reports / "metrics.json", paths.reports / "predictions.csv", paths.reports / "confusion.csv"]


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
    mistakes = [(pair, example) for pair in confusions for example in pair["examples"]]
    first = members.iloc[0]
    names = [first["material_id"], *(example["material_id"] for _, example in mistakes)]
    profiles = patterns.profiles(names)
    inputs = patterns.encoder.inputs(profiles)
    pattern = ExamplePattern(
        first["material_id"], first["class"], patterns.encoder.grid.positions, profiles[0], inputs[0]
    )
    confused = [
        ConfusedExample(example["material_id"], pair["actual"], pair["predicted"], example["probability"], image)
        for (pair, example), image in zip(mistakes, inputs[1:], strict=True)
    ]
    history = history_rows(paths.models / params.train.model)
    return evaluation_figures(
        paths.reports / "figures",
        scores=scores,
        context=context_of(scores),
        counts=counts,
        history=[{"epoch": epoch, **row} for epoch, row in history.items()],
        pattern=pattern,
        confused=confused,
    )
