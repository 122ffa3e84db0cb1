"""The look of all figures: colours, fonts, titles, and how a figure becomes a file; without pyplot's global state."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.ticker import PercentFormatter

from xrdsym.common.files import atomic_path

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.figure import Figure

BLUE, ORANGE, GREEN, GREY = "#0072B2", "#E69F00", "#009E73", "#BBBBBB"
"""From the palette of Okabe and Ito, which is safe for colour-blind readers."""

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

PERCENT = PercentFormatter(1.0, decimals=0, symbol=" %")
LETTERS_PER_INCH = 11
LONGEST_ID = 24


def save_figure(figure: Figure, path: Path) -> Path:
    """Write a figure as a PNG file, atomically, and return its path.

    Raises:
        XrdsymError: The disk is full.
    """
    with mpl.rc_context(STYLE), atomic_path(path) as temporary:
        figure.savefig(temporary, format="png")
    return path


def add_title(figure: Figure, title: str, context: str) -> None:
    """Add a title and, below it, its context, wrapped to the width of the figure.

    Args:
        figure: The figure.
        title: What it shows.
        context: Part, data, split and number of classes behind the numbers.
    """
    lines = textwrap.wrap(context, int(LETTERS_PER_INCH * figure.get_figwidth()))
    figure.suptitle("\n".join([title, *lines]))


def short_id(material_id: str) -> str:
    """A material id of at most `LONGEST_ID` letters; of a longer one the middle is left out."""
    if len(material_id) <= LONGEST_ID:
        return material_id
    kept = (LONGEST_ID - 1) // 2
    return f"{material_id[:kept]}…{material_id[-kept:]}"
