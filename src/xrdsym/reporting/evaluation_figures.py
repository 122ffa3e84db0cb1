"""All figures of an evaluated model, one PNG file each, and those that show patterns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from xrdsym.crystal.targets.classes import CRYSTAL_SYSTEM
from xrdsym.evaluation.confusions import lumped, most_frequent
from xrdsym.reporting.confusion_figure import confusion_figure
from xrdsym.reporting.figure_style import BLUE, STYLE, add_title, save_figure, short_id
from xrdsym.reporting.score_figures import class_figure, per_class_figure, training_figure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

GRID_COLUMNS = 4


@dataclass(frozen=True)
class ExamplePattern:
    """One pattern as a curve and as the input of the model.

    Attributes:
        material_id: Which material.
        label: Its class.
        two_theta: Grid, float (n,), degrees.
        intensity: Profile, float (n,), relative to the strongest.
        image: Input of the model: uint8 (side, side, 3), or the profile itself, which is drawn once.
    """

    material_id: str
    label: str
    two_theta: NDArray[np.floating[Any]]
    intensity: NDArray[np.floating[Any]]
    image: NDArray[Any]


@dataclass(frozen=True)
class ConfusedExample:
    """A pattern with a wrong prediction.

    Attributes:
        material_id: Which material.
        actual: Its class.
        predicted: The predicted class.
        probability: Of the predicted class.
        image: Input of the model: uint8 (side, side, 3), or the profile, float (points,).
    """

    material_id: str
    actual: str
    predicted: str
    probability: float
    image: NDArray[Any]


def evaluation_figures(  # noqa: PLR0913 - each argument is what one figure shows
    folder: Path,
    *,
    scores: Mapping[str, Any],
    context: str,
    counts: Mapping[str, Sequence[int]],
    history: Sequence[Mapping[str, float]],
    pattern: ExamplePattern | None,
    confused: Sequence[ConfusedExample],
) -> list[Path]:
    """Draw all figures of an evaluated model; one whose data is empty is left out.

    With more than `evaluation.confusions.MANY_CLASSES` classes the figures show the most frequent ones.

    Args:
        folder: Where the PNG files go.
        scores: As returned by `evaluation.metrics.evaluate`; `target` names the classes.
        context: As returned by `evaluation.metrics.score_context`: part, data, split and number of classes.
        counts: Structures of each class, in the order of the classes, by part.
        history: One row an epoch: `epoch`, `loss`, `accuracy`, `val_loss`, `val_accuracy`, `val_macro_f1`.
        pattern: An example.
        confused: Wrong predictions, in the order of the figure.

    Returns:
        The files, of `classes.png`, `pattern.png`, `confusion_counts.png`, `confusion_shares.png`, `per_class.png`,
        `training.png` and `confused.png`.

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
        "confused": confused_figure(confused, context) if confused else None,
    }
    return [save_figure(figure, folder / f"{name}.png") for name, figure in drawn.items() if figure is not None]


@mpl.rc_context(STYLE)
def pattern_figure(pattern: ExamplePattern) -> Figure:
    """An example pattern as a curve and, for a model that reads images, as its image beside it."""
    figure = Figure(figsize=(9.0, 3.4), layout="constrained")
    if pattern.image.ndim == 1:
        curve, image = figure.subplots(), None
    else:
        curve, image = figure.subplots(1, 2, width_ratios=[2.1, 1])
    curve.plot(pattern.two_theta, pattern.intensity, color=BLUE, linewidth=0.9)
    curve.set(xlabel="2θ (degrees)", ylabel="intensity (of the strongest)", ylim=(0, 1.04))
    curve.set_xlim(float(pattern.two_theta[0]), float(pattern.two_theta[-1]))
    curve.set_title(f"{short_id(pattern.material_id)}, {pattern.label}", parse_math=False)
    if image is not None:
        image.imshow(pattern.image, interpolation="nearest")
        image.set_axis_off()
        image.set_title("its image, {} × {} pixels".format(*pattern.image.shape[:2]))
    return figure


@mpl.rc_context(STYLE)
def confused_figure(confused: Sequence[ConfusedExample], context: str) -> Figure:
    """Wrong predictions with their inputs: actual class, predicted class and its probability."""
    rows = -(-len(confused) // GRID_COLUMNS)
    figure = Figure(figsize=(9.0, 2.52 * rows + 0.5), layout="constrained")
    panels = figure.subplots(rows, GRID_COLUMNS, squeeze=False).ravel()
    for axes in panels:
        axes.set_axis_off()
    for axes, example in zip(panels, confused, strict=False):
        if example.image.ndim == 1:
            axes.plot(example.image, color=BLUE, linewidth=0.6)
        else:
            axes.imshow(example.image, interpolation="nearest")
        name, percent = short_id(example.material_id), f"{100 * example.probability:.0f} %"
        title = f"{example.actual} → {example.predicted}\n{name} ({percent})"
        axes.set_title(title, fontsize=8, parse_math=False)
    add_title(figure, "Wrong predictions: actual → predicted (probability of the predicted class)", context)
    return figure
