"""The look of all figures: colours, fonts, titles, and how a figure becomes a file; without pyplot's global state."""

from __future__ import annotations

import io
import textwrap
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.colors import to_hex, to_rgb
from matplotlib.ticker import PercentFormatter

from xrdsym.common.files import atomic_path

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.figure import Figure

BLUE, ORANGE, GREEN, VERMILLION, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#BBBBBB"
"""From the palette of Okabe and Ito, which is safe for colour-blind readers."""
INK = "#1B1F24"
"""Of a text on a light colour, which stays dark on a dark page; other black becomes light there."""
BAND = "#E4E4E4"
"""Of areas behind the data."""

STYLE: dict[Any, Any] = {
    "font.size": 10,
    # a reader without the first has the second on Windows and macOS: both have the same widths
    "font.sans-serif": ["DejaVu Sans", "Verdana", "sans-serif"],
    "axes.facecolor": "none",
    "axes.titlesize": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "figure.titlesize": 10,
    "grid.color": "#DDDDDD",
    "legend.frameon": False,
    "savefig.dpi": 160,
    "svg.fonttype": "none",
    "svg.hashsalt": "xrdsym",
}

_SVG_STYLE = """
svg { background: #fff }
@media (prefers-color-scheme: dark) {
  svg { background: #0d1117; color-scheme: dark }
  text:not([style*="fill"]) { fill: #e6edf3 }
  [style*="stroke: #000000"] { stroke: #e6edf3 !important }
  [style*="stroke: #dddddd"] { stroke: #30363d !important }
  [style*="fill: #e4e4e4"] { fill: #30363d !important }
}
"""
"""An SVG file brings its background and its colours for dark pages, so it is legible in a page and by itself."""

MARKERS = "os^Dv"
"""Of the repetitions of one run, in turn."""
_SHADES = (0.0, 0.45, -0.25)

PERCENT = PercentFormatter(1.0, decimals=0, symbol=" %")
LETTERS_PER_INCH = 12
LONGEST_ID = 24


def save_figure(figure: Figure, path: Path) -> Path:
    """Write a figure as an SVG file where `path` ends so, else as a PNG file, atomically, and return its path.

    Raises:
        XrdsymError: The disk is full.
    """
    with mpl.rc_context(STYLE), atomic_path(path) as temporary:
        if path.suffix == ".svg":
            temporary.write_bytes(svg_bytes(figure))
        else:
            figure.savefig(temporary, format="png", facecolor="white")
    return path


def svg_bytes(figure: Figure) -> bytes:
    """A figure as an SVG file whose texts are text and whose colours follow a dark page; equal figures, equal bytes."""
    target = io.BytesIO()
    with mpl.rc_context(STYLE):
        # the date would differ from run to run
        figure.savefig(target, format="svg", facecolor="none", metadata={"Date": None})
    return target.getvalue().replace(b"</style>", _SVG_STYLE.encode() + b"</style>", 1)


def add_title(figure: Figure, title: str, context: str) -> None:
    """Add a title and, below it, its context, wrapped to the width of the figure.

    Args:
        figure: The figure.
        title: What it shows.
        context: Part, data, split and number of classes behind the numbers.
    """
    lines = textwrap.wrap(context, int(LETTERS_PER_INCH * figure.get_figwidth()))
    figure.suptitle("\n".join([title, *lines]))


def shade(color: str, place: int) -> str:
    """The colour of one of several repetitions that belong together: `color` itself, a lighter one, a darker one.

    Args:
        color: `#rrggbb`.
        place: Which repetition, from 0; after three the shades begin again.
    """
    share = _SHADES[place % len(_SHADES)]
    target = 1.0 if share > 0 else 0.0
    red, green, blue = (part + abs(share) * (target - part) for part in to_rgb(color))
    return to_hex((red, green, blue))


def short_id(material_id: str) -> str:
    """A material id of at most `LONGEST_ID` letters; of a longer one the middle is left out."""
    if len(material_id) <= LONGEST_ID:
        return material_id
    kept = (LONGEST_ID - 1) // 2
    return f"{material_id[:kept]}…{material_id[-kept:]}"
