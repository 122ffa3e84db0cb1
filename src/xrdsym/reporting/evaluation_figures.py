"""The figures of a run: one function a figure, one PNG each, drawn without any global state of pyplot."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter
from numpy.typing import NDArray

from xrdsym.common.files import atomic_path
from xrdsym.crystal.targets.classes import CRYSTAL_SYSTEM
from xrdsym.evaluation.confusions import MANY_CLASSES, lumped, most_frequent
from xrdsym.reporting.paper import PAPER_STRUCTURES, PAPER_TABLE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from matplotlib.axes import Axes

BLUE, ORANGE, GREEN, GREY = "#0072B2", "#E69F00", "#009E73", "#BBBBBB"
"""Of Okabe and Ito's palette, which readers with any colour vision can tell apart."""

PART_COLORS = {"train": BLUE, "validation": ORANGE, "test": GREEN}

STYLE: dict[Any, Any] = {
    "font.size": 10,
    "axes.titlesize": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "figure.titlesize": 11,
    "grid.color": "#DDDDDD",
    "legend.frameon": False,
    "savefig.dpi": 160,
}

PAPER_LABEL = f"the paper (validation part, random split, {PAPER_STRUCTURES:,} structures in all parts)"
PAPER_BARS: dict[str, Any] = {"color": GREY, "edgecolor": "#666666", "hatch": "////", "linewidth": 0.5}
PERCENT = PercentFormatter(1.0, decimals=0, symbol=" %")
LETTERS_AN_INCH = 11
LONGEST_ID = 24
GRID_COLUMNS = 4


@dataclass(frozen=True)
class ExamplePattern:
    """One pattern as a curve and as the network sees it.

    Attributes:
        material_id: Which material.
        label: Its class.
        two_theta: Grid, float (n,), degrees.
        intensity: Profile, float (n,), relative to the strongest.
        image: What the network sees: uint8 (side, side, 3), or the profile itself, which is drawn but once.
    """

    material_id: str
    label: str
    two_theta: NDArray[np.floating[Any]]
    intensity: NDArray[np.floating[Any]]
    image: NDArray[Any]


@dataclass(frozen=True)
class ConfusedExample:
    """A pattern that was taken for another class, with the probability of that class; its image or its profile."""

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

    Of more classes than `confusions.MANY_CLASSES` the most frequent are shown.

    Args:
        folder: Where the PNG files go.
        scores: What `metrics.evaluate` returned.
        context: What the scores hold for, e.g. "validation part, n = 300, split by prototype, 7 classes".
        counts: Structures of each class, in the order of the classes, by part.
        history: One row an epoch: `epoch`, `loss`, `accuracy`, `val_loss`, `val_accuracy`, `val_macro_f1`.
        pattern: The example.
        confused: Mistakes, in the order in which they are shown.

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


def save_figure(figure: Figure, path: Path) -> Path:
    """Write a figure as a PNG file, atomically, and return its path.

    Raises:
        XrdsymError: The disk is full.
    """
    with mpl.rc_context(STYLE), atomic_path(path) as temporary:
        figure.savefig(temporary, format="png")
    return path


@mpl.rc_context(STYLE)
def class_figure(counts: Mapping[str, Sequence[int]], classes: Sequence[str]) -> Figure:
    """How many structures of each class there are, stacked by part, and the share of each class in each part."""
    figure = Figure(figsize=(9.0, 3.8), layout="constrained")
    left, right = figure.subplots(1, 2)
    places = np.arange(len(classes))
    bottom = np.zeros(len(classes))
    width = 0.8 / len(counts)
    for index, (part, members) in enumerate(counts.items()):
        values = np.asarray(members, dtype=float)
        color = PART_COLORS.get(part, GREY)
        left.bar(places, values, 0.7, bottom=bottom, color=color, label=f"{part} ({int(values.sum()):,})")
        bottom += values
        shares = values / max(values.sum(), 1.0)
        right.bar(places + (index - (len(counts) - 1) / 2) * width, shares, width, color=color)
    for place, total in zip(places, bottom, strict=True):
        left.annotate(f"{int(total):,}", (place, total), (0, 2), textcoords="offset points", ha="center", fontsize=8)
    left.set(ylabel="structures", title=f"counts (all: {int(bottom.sum()):,})")
    left.margins(y=0.1)
    right.set(ylabel="share of the part", title="shares")
    right.yaxis.set_major_locator(MaxNLocator(steps=[1, 2, 5, 10]))
    right.yaxis.set_major_formatter(PERCENT)
    for axes in (left, right):
        axes.set_xticks(places, classes, rotation=35, ha="right", rotation_mode="anchor")
        axes.grid(axis="y")
    figure.legend(loc="outside upper center", ncols=len(counts))
    return figure


@mpl.rc_context(STYLE)
def pattern_figure(pattern: ExamplePattern) -> Figure:
    """An example pattern as a curve and, beside it, as its image where the network takes one."""
    figure = Figure(figsize=(9.0, 3.4), layout="constrained")
    if pattern.image.ndim == 1:
        curve, image = figure.subplots(), None
    else:
        curve, image = figure.subplots(1, 2, width_ratios=[2.1, 1])
    curve.plot(pattern.two_theta, pattern.intensity, color=BLUE, linewidth=0.9)
    curve.set(xlabel="2θ (degrees)", ylabel="intensity (of the strongest)", ylim=(0, 1.04))
    curve.set_xlim(float(pattern.two_theta[0]), float(pattern.two_theta[-1]))
    curve.set_title(f"{_short(pattern.material_id)}, {pattern.label}", parse_math=False)
    if image is not None:
        image.imshow(pattern.image, interpolation="nearest")
        image.set_axis_off()
        image.set_title("its image, {} × {} pixels".format(*pattern.image.shape[:2]))
    return figure


@mpl.rc_context(STYLE)
def confusion_figure(matrix: NDArray[Any], classes: Sequence[str], context: str, *, shares: bool) -> Figure:
    """The confusion matrix as counts, or as shares of each row; colours always show the shares.

    Args:
        matrix: Counts, int (k, k), rows actual, columns predicted.
        classes: Names of the k classes.
        context: What the counts hold for.
        shares: Print percentages of the row in place of counts.
    """
    support = matrix.sum(axis=1, keepdims=True)
    part = matrix / np.maximum(support, 1)
    # room for each class's own cells; seven have the size that they always had
    wider = max(0.0, 0.5 * (len(classes) - 7))
    figure = Figure(figsize=(6.4 + wider, 5.2 + wider), layout="constrained")
    axes = figure.subplots()
    picture = axes.imshow(part, cmap="Blues", vmin=0, vmax=1)
    for (row, column), share in np.ndenumerate(part):
        if len(classes) > MANY_CLASSES and not share:
            continue
        text = f"{100 * share:.0f} %" if shares else f"{matrix[row, column]:,}"
        color = "white" if share > 0.5 else "black"
        axes.text(column, row, text, ha="center", va="center", color=color, fontsize=9)
    places = np.arange(len(classes))
    axes.set_xticks(places, classes, rotation=35, ha="right", rotation_mode="anchor")
    axes.set_yticks(places, [f"{name} ({count:,})" for name, count in zip(classes, support[:, 0], strict=True)])
    axes.set(xlabel="predicted", ylabel="actual (number of patterns)")
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    bar = figure.colorbar(picture, ax=axes, shrink=0.7, format=PERCENT)
    bar.set_label("share of the actual class")
    _title(figure, f"Confusion matrix, {'shares of each row' if shares else 'counts'}", context)
    return figure


@mpl.rc_context(STYLE)
def per_class_figure(
    per_class: Mapping[str, Mapping[str, float]], context: str, target: str = CRYSTAL_SYSTEM
) -> Figure:
    """Precision, recall and F1 of each class, those of crystal systems beside the paper's."""
    beside_paper = target == CRYSTAL_SYSTEM
    figure = Figure(figsize=(9.0, 4.2 + max(0.0, 0.3 * (len(per_class) - 7))), layout="constrained")
    places = np.arange(len(per_class))
    panels = figure.subplots(1, 3, sharey=True)
    for axes, (name, title) in zip(
        panels, [("precision", "precision"), ("recall", "recall"), ("f1", "F1")], strict=True
    ):
        own = [row[name] for row in per_class.values()]
        axes.barh(places - 0.2 * beside_paper, own, 0.38, color=BLUE, label="this model")
        _label_bars(axes, places - 0.2 * beside_paper, own)
        if beside_paper:
            paper = [getattr(PAPER_TABLE[system], name) if system in PAPER_TABLE else np.nan for system in per_class]
            axes.barh(places + 0.2, paper, 0.38, label=PAPER_LABEL, **PAPER_BARS)
            _label_bars(axes, places + 0.2, paper)
        axes.set(title=title, xlim=(0, 1.12), xticks=[0, 0.5, 1], xticklabels=["0", "0.5", "1"])
        axes.grid(axis="x")
    panels[0].set_yticks(places, list(per_class))
    panels[0].invert_yaxis()
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    _title(figure, f"Scores by {target.replace('_', ' ')}", context)
    return figure


@mpl.rc_context(STYLE)
def training_figure(history: Sequence[Mapping[str, float]]) -> Figure:
    """Loss and accuracy of the training and the validation part by epoch, and the validation macro F1."""
    figure = Figure(figsize=(9.0, 3.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    lines = [
        (left, "loss", "training", BLUE, "o-"),
        (left, "val_loss", "validation", ORANGE, "s-"),
        (right, "accuracy", "training", BLUE, "o-"),
        (right, "val_accuracy", "validation", ORANGE, "s-"),
        (right, "val_macro_f1", "validation, macro F1", GREEN, "^--"),
    ]
    epochs = [row["epoch"] for row in history]
    for axes, key, label, color, form in lines:
        if any(key in row for row in history):
            values = [row.get(key, np.nan) for row in history]
            axes.plot(epochs, values, form, color=color, label=label, markersize=4, linewidth=1.4)
    left.update_datalim([(epochs[0], 0)])
    left.autoscale_view()
    left.set(ylabel="loss", title="loss", ylim=(0, None))
    right.set(ylabel="score", title="accuracy", ylim=(0, 1))
    for axes in (left, right):
        axes.set_xlabel("epoch")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        axes.grid()
        axes.legend()
    return figure


@mpl.rc_context(STYLE)
def confused_figure(confused: Sequence[ConfusedExample], context: str) -> Figure:
    """Mistakes with their images: the actual class, what it was taken for, and how certainly."""
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
        title = (
            f"{example.actual} → {example.predicted}\n{_short(example.material_id)} ({100 * example.probability:.0f} %)"
        )
        axes.set_title(title, fontsize=8, parse_math=False)
    _title(figure, "Mistakes: actual → predicted (the probability that the model gave it)", context)
    return figure


def _title(figure: Figure, title: str, context: str) -> None:
    """What the figure shows, and below it what it holds for, in lines no longer than the figure."""
    lines = textwrap.wrap(context, int(LETTERS_AN_INCH * figure.get_figwidth()))
    figure.suptitle("\n".join([title, *lines]))


def _label_bars(axes: Axes, places: NDArray[Any], values: Sequence[float]) -> None:
    for place, value in zip(places, values, strict=True):
        if np.isfinite(value):
            axes.text(value + 0.015, place, f"{value:.2f}", va="center", fontsize=7.5)


def _short(material_id: str) -> str:
    """The id, its middle left out where it would run into its neighbour."""
    if len(material_id) <= LONGEST_ID:
        return material_id
    kept = (LONGEST_ID - 1) // 2
    return f"{material_id[:kept]}…{material_id[-kept:]}"
