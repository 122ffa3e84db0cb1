"""The effects side by side: the pattern of one structure with each at the end of its default range that shows most."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zlib import crc32

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from xrdsym.augmentation.compose import apply
from xrdsym.augmentation.effects import EFFECTS, Effect, View
from xrdsym.augmentation.parameters import DEFAULT_RANGES, EffectsParams
from xrdsym.augmentation.setting import Setting
from xrdsym.diffraction.profile_grid import ProfileGrid
from xrdsym.reporting.figure_style import BLUE, ORANGE, STYLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

    from xrdsym.crystal.structure_table import CrystalStructure

SETTING = Setting("CuKa", 90.0, ProfileGrid(5.0, 90.0, 0.01), 5.0)
"""The paper's step and σ, which make a full width at half maximum of 0.118°."""
COLUMNS = 4
DRAWS = 4
"""Draws of each effect, of which the one that changes the pattern most is shown: some remove no peak, say."""
CLOSE_UP_FROM = 50.0
"""The strongest peak beyond this angle is shown, degrees: positions and widths change more at higher angles."""
CLOSE_UP_WIDTH = 2.0


@dataclass(frozen=True, eq=False)
class Example:
    """A pattern with one effect.

    Attributes:
        title: Its caption with the value of the effect.
        values: float64 (points,), of the strongest point.
        view: What part of the pattern shows it.
    """

    title: str
    values: NDArray[np.float64]
    view: View = "whole"


def effect_examples(
    structure: CrystalStructure, rotations: NDArray[np.integer], seed: int
) -> tuple[NDArray[np.float64], list[Example]]:
    """The plain pattern on the points of `SETTING`, and one with each effect and with all of them together.

    Args:
        structure: The structure.
        rotations: The rotations of its space group in fractional coordinates, int (m, 3, 3).
        seed: Of all draws.

    Returns:
        float64 (points,), and the examples in the order of the parameters.

    Raises:
        SimulationError: The structure has no peaks.
    """

    def drawn(effects: EffectsParams, name: str, draw: int = 0) -> NDArray[np.float64]:
        # by its name, so that a further effect changes no other panel
        rng = np.random.default_rng([seed, crc32(name.encode()), draw])
        values = apply(structure, rotations, effects, SETTING, rng)
        return np.asarray(values / max(values.max(), np.finfo(np.float64).tiny))

    plain = drawn(EffectsParams(), "plain")
    examples = []
    for name, effect in EFFECTS.items():
        settings = [
            (shown, drawn(EffectsParams(**{name: value}), name, draw))
            for value, shown in _ends(effect)
            for draw in range(DRAWS)
        ]
        shown, values = max(settings, key=lambda setting: float(np.abs(setting[1] - plain).sum()))
        examples.append(Example(effect.caption.format(shown.replace("-", "−")), values, effect.view))
    examples.append(Example("all together", drawn(DEFAULT_RANGES, "all")))
    return plain, examples


def _ends(effect: Effect) -> list[tuple[Any, str]]:
    """Values of an effect, and how they are written: both ends of its default range, or what it has in their place.

    A value from within could be one that changes nothing, such as r = 1 of March and Dollase.
    """
    usual: Any = effect.default_range
    if not isinstance(usual, tuple):
        return [(usual, f"{usual:g}")]
    if effect.many_values:
        return [(usual, f"{usual[0]:g} to {usual[1]:g}")]
    if isinstance(usual[0], tuple):
        ends = [tuple(one[place] for one in usual) for place in (0, 1)]
        return [(tuple((value, value) for value in end), ", ".join(f"{value:g}" for value in end)) for end in ends]
    return [((value, value), f"{value:,g}") for value in usual]


@mpl.rc_context(STYLE)
def effects_figure(plain: NDArray[np.float64], examples: Sequence[Example], title: str) -> Figure:
    """One panel for the plain pattern and one for each example with the plain one behind it, or upside down below.

    Args:
        plain: float64 (points,), of the strongest point.
        examples: What `effect_examples` gives.
        title: Above all panels.
    """
    rows = -(-(len(examples) + 1) // COLUMNS)
    figure = Figure(figsize=(3.2 * COLUMNS, 2.1 * rows + 0.6), layout="constrained")
    figure.suptitle(title)
    panels = figure.subplots(rows, COLUMNS, squeeze=False)
    axes: list[Axes] = list(panels.flat)
    (line,) = axes[0].plot(SETTING.grid.positions, plain, color=ORANGE, linewidth=1.0)
    axes[0].set_title("plain")
    for panel, example in zip(axes[1:], examples, strict=False):
        panel.set_title("\n".join(textwrap.wrap(example.title, 40)))
        drawn = _draw_example(panel, plain, example)
    for panel in axes[len(examples) + 1 :]:
        panel.set_axis_off()
    for panel in panels[:, 0]:
        panel.set_ylabel("intensity")
    for panel in axes[max(0, len(examples) + 1 - COLUMNS) : len(examples) + 1]:
        panel.set_xlabel("2θ (degrees)")
    figure.legend([line, drawn], ["plain", "with the effect"], loc="lower right")
    return figure


def _draw_example(panel: Axes, plain: NDArray[np.float64], example: Example) -> Line2D:
    angles = SETTING.grid.positions
    shown = np.ones(len(angles), dtype=bool)
    sign, thickness = 1, 2.2
    if example.view == "close_up":
        centre = _close_up(angles, plain)
        shown = np.abs(angles - centre) <= CLOSE_UP_WIDTH / 2
    elif example.view == "below":
        panel.set_ylim(-0.01, 0.15)
        thickness = 1.0
    else:
        sign, thickness = -1, 1.0
        panel.yaxis.set_major_formatter(lambda value, _: f"{abs(value):g}")
    panel.plot(angles[shown], sign * plain[shown], color=ORANGE, linewidth=thickness)
    line: Line2D = panel.plot(angles[shown], example.values[shown], color=BLUE, linewidth=0.8)[0]
    return line


def _close_up(angles: NDArray[np.float64], plain: NDArray[np.float64]) -> float:
    """Where the strongest peak of the far part lies, or of the whole pattern where that has none, degrees."""
    far = np.where(angles >= CLOSE_UP_FROM, plain, 0.0)
    return float(angles[np.argmax(far if far.any() else plain)])
