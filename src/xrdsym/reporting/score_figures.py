"""Figures of numbers: classes in each part, scores of each class, scores of each epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from xrdsym.crystal.targets.classes import CRYSTAL_SYSTEM
from xrdsym.reporting.figure_style import BLUE, GREEN, GREY, ORANGE, PERCENT, STYLE, add_title
from xrdsym.reporting.paper import PAPER_STRUCTURES, PAPER_TABLE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

PART_COLORS = {"train": BLUE, "validation": ORANGE, "test": GREEN}
PAPER_LABEL = f"the paper (validation part, random split, {PAPER_STRUCTURES:,} structures in all parts)"
PAPER_BARS: dict[str, Any] = {"color": GREY, "edgecolor": "#666666", "hatch": "////", "linewidth": 0.5}


@mpl.rc_context(STYLE)
def class_figure(counts: Mapping[str, Sequence[int]], classes: Sequence[str]) -> Figure:
    """The number of structures of each class, stacked by part, and the share of each class in each part.

    Args:
        counts: Part to the number of structures of each class.
        classes: Names of the classes.
    """
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
def per_class_figure(
    per_class: Mapping[str, Mapping[str, float]], context: str, target: str = CRYSTAL_SYSTEM
) -> Figure:
    """Precision, recall and F1 of each class; with crystal systems beside those of the paper.

    Args:
        per_class: Class to `precision`, `recall` and `f1`.
        context: Part, data, split and number of classes behind the scores.
        target: What the classes are, as `target.name`.
    """
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
    add_title(figure, f"Scores by {target.replace('_', ' ')}", context)
    return figure


@mpl.rc_context(STYLE)
def training_figure(history: Sequence[Mapping[str, float]]) -> Figure:
    """Loss and accuracy of the training and the validation part by epoch, and the macro F1 of the validation part.

    Args:
        history: As of `evaluation_figures`; what a row lacks is left out.
    """
    figure = Figure(figsize=(9.0, 3.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    curves = [
        (left, "loss", "training", BLUE, "o-"),
        (left, "val_loss", "validation", ORANGE, "s-"),
        (right, "accuracy", "training", BLUE, "o-"),
        (right, "val_accuracy", "validation", ORANGE, "s-"),
        (right, "val_macro_f1", "validation, macro F1", GREEN, "^--"),
    ]
    epochs = [row["epoch"] for row in history]
    for axes, key, label, color, form in curves:
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


def _label_bars(axes: Axes, places: NDArray[Any], values: Sequence[float]) -> None:
    for place, value in zip(places, values, strict=True):
        if np.isfinite(value):
            axes.text(value + 0.015, place, f"{value:.2f}", va="center", fontsize=7.5)
