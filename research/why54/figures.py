"""The figures of the answer, one function a figure; marks differ in shape as well as in colour, for gray print."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, MultipleLocator, ScalarFormatter

from research.why54.findings import LIMIT
from research.why54.verdict import EXPLAINS, HELPS, HURTS, NOTHING, mean_confusion
from research.why54.words import MOST_CHANGES, rounded
from xrdsym.crystal.symmetry import CRYSTAL_SYSTEMS
from xrdsym.reporting.confusion_figure import draw_cells, row_shares
from xrdsym.reporting.figure_style import (
    BAND,
    BLUE,
    GREEN,
    GREY,
    MARKERS,
    ORANGE,
    PERCENT,
    STYLE,
    VERMILLION,
    shade,
)
from xrdsym.reporting.paper import PAPER_ACCURACY, PAPER_TABLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from research.why54.findings import Arm, Findings
    from xrdsym.studies.effect_sizes import Estimate

MARKS = {EXPLAINS: ("*", GREEN, 11), HELPS: ("^", BLUE, 6), NOTHING: ("o", "white", 5), HURTS: ("v", VERMILLION, 6)}
"""Marker, colour and size (points) of each verdict."""
LONGEST_LABEL = 44
_SECTION = re.compile(r"[a-z]+\.[a-z_]+ ?=")
COLUMNS = 4


@mpl.rc_context(STYLE)
def forest(studies: Sequence[Findings]) -> Figure:
    """Every arm's effect on the accuracy with its interval, over a band of what would not have been seen."""
    rows: list[Arm | str] = []
    for found in studies:
        rows += [found.facts.name.replace("_", " "), *found.arms]
    figure = Figure(figsize=(9.0, 1.3 + 0.21 * len(rows)), layout="constrained")
    axes = figure.subplots()
    for place, row in enumerate(rows):
        if isinstance(row, str) or row.effect is None:
            continue
        effect = row.effect.accuracy
        axes.barh(place, 200 * effect.visible, 0.8, left=-100 * effect.visible, color=BAND, zorder=1)
        marker, color, size = MARKS[row.verdict]
        axes.errorbar(
            100 * effect.value,
            place,
            xerr=_whiskers([effect], 100),
            fmt=marker,
            color="black",
            markerfacecolor=color,
            markersize=size,
            elinewidth=1.1,
            zorder=3,
        )
    axes.axvline(0, color="black", linewidth=0.8, zorder=2)
    axes.set_yticks(range(len(rows)), [_short(row if isinstance(row, str) else row.name) for row in rows])
    for label, row in zip(axes.get_yticklabels(), rows, strict=True):
        label.set(fontsize=9 if isinstance(row, str) else 8, fontweight="bold" if isinstance(row, str) else "normal")
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("effect on the validation accuracy (points), 95 % interval; grey: seen with less than 80 %")
    axes.grid(axis="x")
    for name, (marker, color, size) in MARKS.items():
        if any(row.verdict == name for row in rows if not isinstance(row, str)):
            axes.plot([], [], marker, color=color, markeredgecolor="black", markersize=size, label=name)
    figure.legend(loc="outside upper center", ncols=4)
    return figure


@mpl.rc_context(STYLE)
def waterfall(found: Findings, labels: Sequence[str]) -> Figure:
    """From the baseline to the best, one factor added after the other; `labels` name what each step adds."""
    arms = found.all_arms
    levels = [arm.score.accuracy.value for arm in arms]
    figure = Figure(figsize=(9.0, 1.2 + 0.42 * len(arms)), layout="constrained")
    axes = figure.subplots()
    for place, arm in enumerate(arms):
        before = levels[place - 1] if place else 0.0
        change = levels[place] - before
        color = GREY if place == 0 else (BLUE if change >= 0 else VERMILLION)
        hatch = "////" if place and change < 0 else ""
        axes.barh(place, change, 0.62, left=before, color=color, edgecolor="black", linewidth=0.5, hatch=hatch)
        if place:
            axes.plot([before, before], [place - 1.31, place + 0.31], color="black", linewidth=0.6)
        score = arm.score.accuracy
        axes.errorbar(levels[place], place, xerr=_whiskers([score]), color="black", elinewidth=1.1, capsize=2)
        text = f"{score.value:.3f}" if place == 0 else f"{100 * change:+.1f} → {score.value:.3f}".replace("-", "−")
        axes.text(max(score.high, before) + 0.012, place, text, va="center", fontsize=8.5)
    axes.axvline(
        PAPER_ACCURACY, color="black", linestyle="--", linewidth=0.9, label="the paper, 0.54, by another protocol"
    )
    axes.set_yticks(range(len(arms)), [_short(label) for label in labels])
    axes.set_ylim(len(arms) - 0.4, -0.6)
    axes.set(xlim=(0, max(arm.score.accuracy.high for arm in arms) + 0.16), xlabel="accuracy, 95 % interval")
    axes.xaxis.set_major_formatter(PERCENT)
    axes.xaxis.set_major_locator(MultipleLocator(0.1))
    axes.grid(axis="x")
    figure.legend(loc="outside upper right")
    return figure


@mpl.rc_context(STYLE)
def learning_curve(found: Findings) -> Figure:
    """Accuracy and macro F1 by the number of training structures."""
    arms = sorted(found.all_arms, key=lambda arm: arm.trained)
    sizes = [arm.trained for arm in arms]
    figure = Figure(figsize=(6.4, 4.0), layout="constrained")
    axes = figure.subplots()
    for label, form, color, scores in (
        ("accuracy", "o-", BLUE, [arm.score.accuracy for arm in arms]),
        ("macro F1", "s--", ORANGE, [arm.score.macro_f1 for arm in arms]),
    ):
        values = [score.value for score in scores]
        axes.errorbar(sizes, values, yerr=_whiskers(scores), fmt=form, color=color, label=label, capsize=2)
    axes.axhline(PAPER_ACCURACY, color="black", linestyle=":", label="the paper's accuracy")
    axes.set_xscale("log")
    axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
    axes.xaxis.set_minor_formatter(ScalarFormatter())
    axes.minorticks_off()
    axes.set(xlabel=f"training structures ({LIMIT})", ylabel="score on the validation part, 95 % interval", ylim=(0, 1))
    axes.yaxis.set_major_formatter(PERCENT)
    axes.grid()
    axes.legend()
    return figure


@mpl.rc_context(STYLE)
def recalls(before: Arm, after: Arm) -> Figure:
    """The recall of each system before and after, with the paper's."""
    names = [name for name in CRYSTAL_SYSTEMS if name in before.score.recalls and name in after.score.recalls]
    figure = Figure(figsize=(7.4, 4.0), layout="constrained")
    axes = figure.subplots()
    for place, name in enumerate(names):
        ends = (before.score.recalls[name], after.score.recalls[name])
        axes.plot([end.value for end in ends], [place, place], color="#888888", linewidth=1.2, zorder=1)
        for end, form, color, shift in zip(ends, "os", ("white", BLUE), (-0.1, 0.1), strict=True):
            axes.errorbar(
                end.value, place + shift, xerr=_whiskers([end]), fmt=form, color="black", markerfacecolor=color
            )
        axes.plot(PAPER_TABLE[name].recall, place, "x", color=VERMILLION, markersize=8, markeredgewidth=1.8, zorder=3)
    sides = ((_short(before.name), "o", "white"), (_short(after.name), "s", BLUE), ("the paper", "x", ""))
    for label, form, color in sides:
        axes.plot(
            [], [], form, color=VERMILLION if form == "x" else "black", markerfacecolor=color or None, label=label
        )
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.set(xlabel="recall, 95 % interval", xlim=(0, 1))
    axes.xaxis.set_major_formatter(PERCENT)
    axes.grid(axis="x")
    figure.legend(loc="outside upper center", ncols=3)
    return figure


@mpl.rc_context(STYLE)
def confusions(before: Arm, after: Arm) -> Figure:
    """What each system was taken for, before and after, in shares of the row."""
    figure = Figure(figsize=(9.6, 4.9), layout="constrained")
    panels = figure.subplots(1, 2, sharey=True)
    for axes, arm, title in zip(panels, (before, after), (before.name, after.name), strict=True):
        part = row_shares(mean_confusion(arm.runs))
        draw_cells(axes, part, [f"{100 * share:.0f}" for share in part.flat], CRYSTAL_SYSTEMS, fontsize=8.5)
        axes.set_title(
            "\n".join(textwrap.wrap(f"accuracy {arm.score.accuracy.value:.3f}: {_short(title)}", 62)), fontsize=8.5
        )
        axes.set_xlabel("predicted")
    panels[0].set_ylabel("actual")
    panels[0].set_yticks(range(len(CRYSTAL_SYSTEMS)), CRYSTAL_SYSTEMS)
    return figure


@mpl.rc_context(STYLE)
def epochs(found: Findings, arms: Sequence[Arm]) -> Figure:
    """Training and validation accuracy by epoch, one panel an arm: a gap that is no overfitting shows here."""
    count = len(arms)
    columns = min(COLUMNS, count)
    rows = -(-count // columns)
    figure = Figure(figsize=(9.0, 2.5 * rows + 0.7), layout="constrained")
    panels = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
    for axes in panels[count:]:
        axes.set_axis_off()
    for axes, arm in zip(panels, arms, strict=False):
        for place, run in enumerate(arm.runs):
            numbers = [row["epoch"] for row in run.history]
            for key, line, color, name in (
                ("accuracy", "-", BLUE, "training"),
                ("val_accuracy", "--", ORANGE, "validation"),
            ):
                axes.plot(
                    numbers,
                    [row.get(key, np.nan) for row in run.history],
                    linestyle=line,
                    marker=MARKERS[place % len(MARKERS)],
                    color=shade(color, place),
                    label=None if place else name,
                    markersize=3.5,
                    linewidth=1.3,
                )
        axes.set_title("\n".join(textwrap.wrap(_short(arm.name), 30)), fontsize=8.5, parse_math=False)
        axes.set(ylim=(0, 1), xlabel="epoch")
        axes.tick_params(labelbottom=True)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        axes.yaxis.set_major_formatter(PERCENT)
        axes.grid()
    panels[0].set_ylabel("accuracy")
    figure.suptitle(f"study {found.facts.name}")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure


def _whiskers(scores: Sequence[Estimate], scale: float = 1.0) -> NDArray[np.float64]:
    """Lengths of the two whiskers of each score, (2, n)."""
    below = [scale * (score.value - score.low) for score in scores]
    above = [scale * (score.high - score.value) for score in scores]
    return np.array([below, above])


def _short(text: str) -> str:
    """A label that fits: parameters without their sections, counted where they are many, cut where still too long."""
    parts = text.split(", ")
    if len(parts) > MOST_CHANGES:
        return f"{len(parts)} changes together"
    plain = _plain(parts)
    return plain if len(plain) <= LONGEST_LABEL else f"{plain[: LONGEST_LABEL - 1]}…"


def _plain(parts: Sequence[str]) -> str:
    """Changes without the sections of their parameters."""
    return rounded(", ".join(part.partition(".")[2] if _SECTION.match(part) else part for part in parts))
