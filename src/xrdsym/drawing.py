"""From peaks to pixels by one recipe: what the image folder, training on the fly and prediction share."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from xrdsym.diffraction.profile import ProfileGrid, normalised, profiles
from xrdsym.images import ImageSpec, Renderer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from xrdsym.params import ImagesParams, Params, ProfileParams


class Drawing:
    """Draws patterns as a recipe says.

    Args:
        profile: Range, grid, σ and intensity scale.
        images: Layout, downsampling, side and colormap.

    Attributes:
        grid: The profile's points.
        side: Pixels along one side.
    """

    def __init__(self, profile: ProfileParams, images: ImagesParams) -> None:
        self._profile = profile
        self.grid = ProfileGrid(profile.two_theta_min, profile.two_theta_max, profile.step, profile.axis)
        self.side = images.side
        spec = ImageSpec(images.layout, images.downsampling, images.side, images.colormap)
        self._renderer = Renderer(spec, self.grid.points)

    def profiles(
        self, offsets: NDArray[np.int64], two_theta: NDArray[np.float64], intensity: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """The profiles of many patterns, float32 (n, points); a pattern without a peak in range is all zero.

        Args:
            offsets: int64 (n + 1,): the peaks of pattern i are `offsets[i]` to `offsets[i + 1]`.
            two_theta: float64 (peaks,), degrees.
            intensity: float32 (peaks,).
        """
        return profiles(offsets, two_theta, intensity, self.grid, self._profile.sigma, self._profile.scale)

    def scaled(self, values: NDArray[np.float64]) -> NDArray[np.float32]:
        """The profile, float32 (points,), of intensities that have the grid's points and are not negative."""
        return normalised(values, self._profile.scale).astype(np.float32)

    def images(self, rows: NDArray[np.float32]) -> NDArray[np.uint8]:
        """The images of profiles (n, points), uint8 (n, side, side, 3)."""
        return self._renderer.render(rows)


def resolution(params: Params) -> dict[str, float]:
    """How fine the images are, on an axis other than 2θ on average.

    Returns:
        `fwhm_degrees`, the full width of a peak at half maximum, and `degrees_a_pixel`, no finer than the grid.
    """
    profile, images = params.profile, params.images
    span = profile.two_theta_max - profile.two_theta_min
    pixels = images.side if images.layout == "stripes" else images.side**2
    return {
        "fwhm_degrees": 2 * math.sqrt(2 * math.log(2)) * profile.sigma * profile.step,
        "degrees_a_pixel": max(span / pixels, profile.step),
    }


def check_drawing(profile: ProfileParams, images: ImagesParams) -> None:
    """Refuse at once what could not be drawn later.

    Raises:
        UsageError: The range is no whole number of steps, or the colormap is unknown.
    """
    ProfileGrid(profile.two_theta_min, profile.two_theta_max, profile.step, profile.axis)
    ImageSpec(images.layout, images.downsampling, images.side, images.colormap)
