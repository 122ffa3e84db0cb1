"""A pattern as a curve with its peaks and, for a model that reads images, as its image."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from numpy.typing import NDArray

from xrdsym.reporting.figure_style import BLUE, STYLE, VERMILLION, short_id

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TICKS = 5
CONTRAST_POWER = 0.5
"""A weak peak differs little from the background; a power below 1 shows it beside a strong one."""


@dataclass(frozen=True)
class ExamplePattern:
    """One pattern as a curve and as the input of the model.

    Attributes:
        material_id: Which material.
        label: Its class, or what it was taken for.
        two_theta: 2θ of each point of the profile, float (n,), degrees, not descending.
        intensity: Profile, float (n,), relative to the strongest.
        image: Input of the model: uint8 (side, side, 3), or a vector, which is not drawn.
        peaks: 2θ of the peaks, float (m,), degrees.
        layout: How the image holds the profile: `stripes`, one row of points over the whole square, or `raster`,
            folded row by row into a square of points.
        scale: Scale of the intensities: `linear`, `sqrt` or `log`.
    """

    material_id: str
    label: str
    two_theta: NDArray[np.floating[Any]]
    intensity: NDArray[np.floating[Any]]
    image: NDArray[Any]
    peaks: NDArray[np.floating[Any]] = field(default_factory=lambda: np.zeros(0))
    layout: str = "stripes"
    scale: str = "linear"


@mpl.rc_context(STYLE)
def pattern_figure(pattern: ExamplePattern) -> Figure:
    """A pattern as a curve, its peaks marked below it; of an image also the pixels and their contrast.

    The contrast shows what is nearly one colour to the eye: the distance of each pixel's colour from that of the
    background, to the power of `CONTRAST_POWER`, dark where it is large.
    """
    # the labels at the ends of neighbouring axes stay apart
    figure = Figure(figsize=(9.0, 2.8), layout=ConstrainedLayoutEngine(wspace=0.08))
    if pattern.image.ndim == 1:
        _draw_curve(figure.subplots(), pattern)
        return figure
    curve, image, contrast = figure.subplots(1, 3, width_ratios=[1.75, 1, 1])
    _draw_curve(curve, pattern)
    side = len(pattern.image)
    image.imshow(pattern.image, interpolation="none")
    image.set_title(f"its image, {side} × {side} pixels", fontsize=9)
    contrast.imshow(contrast_of(pattern.image), cmap="gray_r", vmin=0, vmax=1, interpolation="none")
    contrast.set_title("contrast of the image", fontsize=9)
    for axes in (image, contrast):
        _label_pixels(axes, pattern)
    return figure


def contrast_of(image: NDArray[np.uint8]) -> NDArray[np.float64]:
    """How far the colour of each pixel is from the most frequent colour, float64 (side, side), in [0, 1].

    Args:
        image: uint8 (side, side, 3).
    """
    colours, counts = np.unique(image.reshape(-1, 3), axis=0, return_counts=True)
    distance = np.linalg.norm(image.astype(np.float64) - colours[counts.argmax()], axis=-1)
    return np.asarray((distance / max(distance.max(), 1.0)) ** CONTRAST_POWER)


def _draw_curve(axes: Axes, pattern: ExamplePattern) -> None:
    first, last = float(pattern.two_theta[0]), float(pattern.two_theta[-1])
    inside = pattern.peaks[(pattern.peaks >= first) & (pattern.peaks <= last)]
    axes.plot(pattern.two_theta, pattern.intensity, color=BLUE, linewidth=0.9)
    axes.plot(inside, np.full(len(inside), -0.055), "|", color=VERMILLION, markersize=6, markeredgewidth=0.8)
    low = -0.11 if len(inside) else 0.0
    axes.set(xlabel="2θ (degrees)", xlim=(first, last), ylim=(low, 1.04), yticks=np.linspace(0, 1, 6))
    axes.set_ylabel("intensity" if pattern.scale == "linear" else f"intensity ({pattern.scale} scale)")
    axes.set_title(f"{short_id(pattern.material_id)}, {pattern.label}", fontsize=9, parse_math=False)


def _label_pixels(axes: Axes, pattern: ExamplePattern) -> None:
    """Say which 2θ the columns of stripes, or the rows of a raster, begin with."""
    side, points = len(pattern.image), len(pattern.two_theta)
    pixels = np.linspace(0, side - 1, TICKS).round().astype(int)
    rows = int(np.ceil(np.sqrt(points)))
    first = pixels * rows // side * rows if pattern.layout == "raster" else pixels * points // side
    angles = [f"{angle:.0f}" for angle in pattern.two_theta[np.minimum(first, points - 1)]]
    axes.spines[:].set(visible=True, linewidth=0.6)
    if pattern.layout == "raster":
        axes.set_yticks(pixels, angles)
        axes.set(xticks=[], ylabel="2θ of the row (degrees)")
    else:
        axes.set_xticks(pixels, angles)
        axes.set(yticks=[], xlabel="2θ (degrees)")
