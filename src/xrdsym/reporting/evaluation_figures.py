"""All figures of an evaluated model, one SVG file each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xrdsym.crystal.targets.classes import CRYSTAL_SYSTEM
from xrdsym.evaluation.confusions import lumped, most_frequent
from xrdsym.reporting.confusion_figure import confusion_figure
from xrdsym.reporting.figure_style import save_figure
from xrdsym.reporting.pattern_figure import pattern_figure
from xrdsym.reporting.score_figures import class_figure, per_class_figure, training_figure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from xrdsym.reporting.pattern_figure import ExamplePattern


def evaluation_figures(  # noqa: PLR0913 - each argument is what one figure shows
    folder: Path,
    *,
    scores: Mapping[str, Any],
    context: str,
    counts: Mapping[str, Sequence[int]],
    history: Sequence[Mapping[str, float]],
    pattern: ExamplePattern | None,
    mistakes: Sequence[ExamplePattern],
) -> list[Path]:
    """Draw all figures of an evaluated model; one whose data is empty is left out.

    With more than `evaluation.confusions.MANY_CLASSES` classes the figures show the most frequent ones.

    Args:
        folder: Where the SVG files go.
        scores: As returned by `evaluation.metrics.evaluate`; `target` names the classes.
        context: As returned by `evaluation.metrics.score_context`: part, data, split and number of classes.
        counts: Structures of each class, in the order of the classes, by part.
        history: One row an epoch: `epoch`, `loss`, `accuracy`, `val_loss`, `val_accuracy`, `val_macro_f1`.
        pattern: An example.
        mistakes: Patterns with a wrong prediction.

    Returns:
        The files, of `classes.svg`, `pattern.svg`, `confusion_counts.svg`, `confusion_shares.svg`, `per_class.svg`,
        `training.svg` and, from 1 on, `mistake_1.svg`.

    Raises:
        XrdsymError: The disk is full.
    """
    whole = np.asarray(scores["confusion_matrix"])
    matrix, classes = lumped(whole, scores["classes"])
    places = most_frequent(whole)
    frequent = [scores["classes"][place] for place in places]
    counts = {part: np.asarray(members)[places].tolist() for part, members in counts.items()}
    target = scores.get("target", CRYSTAL_SYSTEM)
    drawn = {
        "classes": class_figure(counts, frequent) if counts else None,
        "pattern": pattern_figure(pattern) if pattern else None,
        "confusion_counts": confusion_figure(matrix, classes, context, shares=False),
        "confusion_shares": confusion_figure(matrix, classes, context, shares=True),
        "per_class": per_class_figure({name: scores["per_class"][name] for name in frequent}, context, target),
        "training": training_figure(history) if history else None,
    }
    drawn |= {mistake_name(number): pattern_figure(mistake) for number, mistake in enumerate(mistakes)}
    return [save_figure(figure, folder / f"{name}.svg") for name, figure in drawn.items() if figure is not None]


def mistake_name(place: int) -> str:
    """The name of the figure of the mistake at a place, from 0, of `reports/mistakes.json`."""
    return f"mistake_{place + 1}"
