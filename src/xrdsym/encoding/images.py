"""Render profiles as square images, as `matplotlib.pyplot.imshow` does.

The paper made its images with `imshow`. With the default downsampling the pixels equal those of a figure with 100 dots
per inch whose axes fill it, drawn by `imshow(data, cmap=colormap, aspect="auto")`. As in `imshow`, the colour scale
runs from the smallest to the largest value of each profile.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, get_args

import numpy as np

from xrdsym.common.errors import UsageError, XrdsymError
from xrdsym.common.suggestions import nearest
from xrdsym.config.schema import Downsampling, Layout
from xrdsym.encoding.rendering import geometry
from xrdsym.encoding.rendering.colours import as_bytes, colour_indices, colour_table
from xrdsym.encoding.rendering.rasters import plan_rasters, raster_images
from xrdsym.encoding.rendering.stripes import plan_stripes, stripe_images
from xrdsym.encoding.rendering.values import downsampled, filtered_values, nearest_values

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

SMALLEST_SIDE = 32


@dataclass(frozen=True)
class ImageSpec:
    """The appearance of an image of a profile.

    Attributes:
        layout: `stripes`: the profile is one row of points, stretched over the square. `raster`: it is folded row by
            row into a square of ceil(sqrt(points)) rows and columns, padded with zeros.
        downsampling: How points become pixels. `imshow` is Matplotlib's default, which averages colours, not values,
            below 3 pixels a point. The other methods compute one value a pixel and then its colour: `nearest` uses
            the point under the pixel's centre (the lower one on an edge); `mean` and `maximum` use all points of the
            pixel, which are floor(p · points / side) up to floor((p + 1) · points / side) - 1 for pixel p of an axis,
            and equal `nearest` along an axis with fewer points than pixels. The colour scale is always that of the
            whole profile.
        side: Pixels along one side, at least 32.
        colormap: Name of a Matplotlib colormap.

    Raises:
        UsageError: A name is unknown, or the side is too small.
    """

    layout: Layout = "stripes"
    downsampling: Downsampling = "imshow"
    side: int = 224
    colormap: str = "viridis"

    def __post_init__(self) -> None:
        import matplotlib as mpl

        _check_name("layout", self.layout, list(get_args(Layout)))
        _check_name("downsampling", self.downsampling, list(get_args(Downsampling)))
        _check_name("colormap", self.colormap, list(mpl.colormaps))
        if self.side < SMALLEST_SIDE:
            msg = f"image side: received {self.side}, expected at least {SMALLEST_SIDE} pixels"
            raise UsageError(msg)


class Renderer:
    """Render profiles of one length; data that is common to all images is computed once.

    The rows of an image with the layout `stripes` are not all equal: Agg rounds its filter weights pixel by pixel, so
    single pixels can differ. `render` copies one row and recomputes those pixels.

    Args:
        spec: The appearance of the images.
        points: Number of points of every profile.
    """

    def __init__(self, spec: ImageSpec, points: int) -> None:
        self.spec = spec
        self.points = points
        self._table = colour_table(spec.colormap)
        rows = math.isqrt(points - 1) + 1
        self._shape = (1, points) if spec.layout == "stripes" else (rows, rows)
        self._draw = self._drawing_function()

    def _drawing_function(self) -> Callable[[NDArray[np.floating], NDArray[np.float64]], NDArray[np.uint8]]:
        """The function from values (n, rows · columns) and their limits (n, 2) to images."""
        spec, shape = self.spec, self._shape
        if spec.downsampling != "imshow":
            return partial(self._from_values, resample=partial(downsampled, how=spec.downsampling))
        if geometry.uses_nearest(shape, spec.side):
            return partial(self._from_values, resample=nearest_values)
        if not geometry.resamples_colours(shape, spec.side):
            return partial(self._from_values, resample=filtered_values)
        if spec.layout == "stripes":
            stripes = plan_stripes(self.points, spec.side, self._table)
            return partial(self._from_colours, draw=lambda indices, into: stripe_images(indices, stripes, into))
        rasters = plan_rasters(shape, spec.side, self._table)
        return partial(
            self._from_colours,
            draw=lambda indices, into: raster_images(indices.reshape(-1, *shape), rasters, into),
        )

    def render(self, profiles: NDArray[np.floating]) -> NDArray[np.uint8]:
        """Render profiles as RGB images; a profile starts at the left and at the top.

        Args:
            profiles: float (n, points); float32 is rendered in float32, as in Matplotlib.

        Returns:
            uint8 (n, side, side, 3).

        Raises:
            XrdsymError: The profiles have another number of points, or a value is not finite.
        """
        if profiles.ndim != 2 or profiles.shape[1] != self.points:
            msg = f"expected profiles of {self.points} points each, received an array of shape {profiles.shape}"
            raise XrdsymError(msg)
        precision = np.float32 if profiles.dtype == np.float32 else np.float64
        values: NDArray[np.floating] = np.ascontiguousarray(profiles, dtype=precision)
        if values.shape[1] < self._shape[0] * self._shape[1]:
            values = np.pad(values, ((0, 0), (0, self._shape[0] * self._shape[1] - self.points)))
        limits = np.empty((len(values), 2))
        values.min(axis=1, out=limits[:, 0])
        values.max(axis=1, out=limits[:, 1])
        if not np.isfinite(limits).all():
            wrong = np.flatnonzero(~np.isfinite(limits).all(axis=1))[0]
            msg = f"profile {wrong} of {len(values)} has a value that is not finite; expected numbers in [0, 1]"
            raise XrdsymError(msg)
        return self._draw(values, limits)

    def _from_colours(
        self,
        values: NDArray[np.floating],
        limits: NDArray[np.float64],
        draw: Callable[[NDArray[np.int16], NDArray[np.uint8]], None],
    ) -> NDArray[np.uint8]:
        side = self.spec.side
        images = np.empty((len(values), side, 3 * side), dtype=np.uint8)
        draw(colour_indices(values, limits, len(self._table)), images)
        return images.reshape(-1, side, side, 3)

    def _from_values(
        self,
        values: NDArray[np.floating],
        limits: NDArray[np.float64],
        resample: Callable[[NDArray[np.floating], int], NDArray[np.floating]],
    ) -> NDArray[np.uint8]:
        side = self.spec.side
        pixels = resample(values.reshape(-1, *self._shape), side)
        indices = colour_indices(pixels.reshape(len(pixels), math.prod(pixels.shape[1:])), limits, len(self._table))
        colours = as_bytes(self._table)[indices].reshape(*pixels.shape, 3)
        return np.ascontiguousarray(np.broadcast_to(colours, (len(values), side, side, 3)))


def _check_name(what: str, name: str, known: list[str]) -> None:
    if name not in known:
        msg = f"image {what}: received {name!r}; {nearest(name, known)}"
        raise UsageError(msg)
