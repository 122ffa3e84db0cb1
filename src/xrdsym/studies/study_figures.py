"""The figures of one study: effects with their intervals, and its trainings by epoch.

Verdicts differ in shape as well as in colour, and colours are safe for colour-blind readers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from xrdsym.reporting.figure_style import BLUE, GREY, MARKERS, ORANGE, PERCENT, STYLE, shade
from xrdsym.studies.arm_effects import HELPS, HIGHER, HURTS, LOWER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xrdsym.studies.arm_effects import ArmEffect

MARKS = {HELPS: ("^", BLUE), HIGHER: ("^", BLUE), HURTS: ("v", ORANGE), LOWER: ("v", ORANGE)}
"""Marker and colour of an effect beyond its interval; all others are white circles."""
PANELS, COLUMNS = 12, 3
"""Most arms whose training is drawn, and their panels in a row."""
LONGEST_LABEL = 40


@mpl.rc_context(STYLE)
def effects_figure(arms: Sequence[ArmEffect], metric: str) -> Figure:
    """The effect of each arm that has one, with its 95 % interval.

    Args:
        arms: In the order from above.
        metric: What the effects are on, in words.
    """
    drawn = [arm for arm in arms if arm.effect is not None]
    figure = Figure(figsize=(7.0, 1.1 + 0.34 * len(drawn)), layout="constrained")
    axes = figure.subplots()
    for place, arm in enumerate(drawn):
        if arm.effect is None:
            continue
        value, low, high = (100 * number for number in (arm.effect.value, arm.effect.low, arm.effect.high))
        marker, color = MARKS.get(arm.verdict, ("o", "white"))
        axes.plot([low, high], [place, place], color="black", linewidth=1.2)
        axes.plot(value, place, marker, color=color, markeredgecolor="black", markersize=8)
    axes.axvline(0, color="black", linewidth=0.8, linestyle="--")
    axes.set_yticks(range(len(drawn)), [_label(arm.name) for arm in drawn])
    axes.set_ylim(len(drawn) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    # below the whole figure: long names leave the axes too narrow for it
    figure.supxlabel(f"difference in {metric} (points), 95 % interval", fontsize=10)
    axes.grid(axis="x")
    return figure


@mpl.rc_context(STYLE)
def epochs_figure(arms: Sequence[ArmEffect], baseline: ArmEffect | None) -> Figure:
    """Accuracy by epoch, one panel an arm, with the validation accuracy of the baseline in each.

    Args:
        arms: At most `PANELS`, each with a history.
        baseline: Drawn in grey; None where the study has none.
    """
    columns = min(COLUMNS, len(arms))
    rows = -(-len(arms) // columns)
    figure = Figure(figsize=(2.6 * columns + 0.8, 2.2 * rows + 0.7), layout="constrained")
    panels = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
    for axes in panels[len(arms) :]:
        axes.set_axis_off()
    for axes, arm in zip(panels, arms, strict=False):
        if baseline is not None and arm is not baseline:
            _curves(axes, baseline, {"val_accuracy": ("-", GREY, "baseline, validation")})
        _curves(axes, arm, {"accuracy": (":", ORANGE, "training"), "val_accuracy": ("-", BLUE, "validation")})
        axes.set_title(_label(arm.name, 26), fontsize=9, parse_math=False)
        axes.tick_params(labelbottom=True)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        axes.yaxis.set_major_formatter(PERCENT)
        axes.grid()
    figure.supxlabel("epoch", fontsize=10)
    figure.supylabel("accuracy", fontsize=10)
    figure.legend(*panels[len(arms) - 1].get_legend_handles_labels(), loc="outside upper center", ncols=3)
    return figure


def _curves(axes: mpl.axes.Axes, arm: ArmEffect, metrics: Mapping[str, tuple[str, str, str]]) -> None:
    """Metrics of each training of an arm by epoch; of each its line, its colour and its name in the legend."""
    for key, (line, color, name) in metrics.items():
        for place, trial in enumerate(arm.trials):
            epochs = [row["epoch"] for row in trial.history]
            values = [row.get(key, np.nan) for row in trial.history]
            axes.plot(
                epochs,
                values,
                linestyle=line,
                marker=MARKERS[place % len(MARKERS)],
                color=shade(color, place),
                label=None if place else name,
                markersize=4,
                linewidth=1.4,
            )


def _label(name: str, longest: int = LONGEST_LABEL) -> str:
    """A name that fits: of a long one the number of its changes, or its beginning."""
    if len(name) <= longest:
        return name
    first, *others = name.split(", ")
    if not others:
        return f"{name[: longest - 1]}…"
    return f"{first[: longest - 12]}, … ({1 + len(others)} changes)"
