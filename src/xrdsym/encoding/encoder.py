"""From peaks to a model's input by one recipe: what the image folder, training on the fly and prediction share."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from xrdsym.config.model_specs import InputKind, model_spec
from xrdsym.diffraction.peaks_table import PeakArrays
from xrdsym.encoding.images import ImageSpec, Renderer
from xrdsym.encoding.profile import normalised, profiles
from xrdsym.encoding.recipe import Recipe, feature_settings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from xrdsym.config.schema import ImagesParams, Params, ProfileParams
    from xrdsym.encoding.features.settings import FeatureSettings


class InputEncoder:
    """Draws patterns as a recipe says.

    Args:
        profile: Range, grid, σ and intensity scale.
        images: Layout, downsampling, side and colormap.
        takes: What the model takes, whose input `inputs` makes.
        features: How lines are told apart, for a model that takes features.

    Attributes:
        grid: The profile's points.
        side: Pixels along one side.
        shape: The shape of one input of the model.
        dtype: Its type.
    """

    def __init__(
        self,
        profile: ProfileParams,
        images: ImagesParams,
        takes: InputKind = "images",
        features: FeatureSettings | None = None,
    ) -> None:
        self._profile = profile
        self._takes = takes
        self._features = features
        self.grid = profile.grid
        self.side = images.side
        self.shape = self._shape()
        self.dtype = np.dtype(np.uint8 if takes == "images" else np.float32)
        spec = ImageSpec(images.layout, images.downsampling, images.side, images.colormap)
        self._renderer = Renderer(spec, self.grid.points)

    def _shape(self) -> tuple[int, ...]:
        if self._takes == "images":
            return (self.side, self.side, 3)
        if self._takes == "profile":
            return (self.grid.points,)
        from xrdsym.encoding.features import feature_names

        return (len(feature_names()),)

    def vectors(
        self, offsets: NDArray[np.int64], two_theta: NDArray[np.float64], intensity: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """What the inputs of many patterns are made of: features where the model takes them, else profiles.

        Features are of all peaks, whatever the range of the profile. Arguments as for `profiles`.

        Raises:
            UsageError: Features are wanted of a pattern without a peak.
        """
        if self._takes != "features":
            return self.profiles(offsets, two_theta, intensity)
        from xrdsym.encoding.features import feature_matrix

        names = [f"pattern {row}" for row in range(len(offsets) - 1)]
        return feature_matrix(PeakArrays(names, offsets, two_theta, intensity), self._features)

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

    def inputs(self, rows: NDArray[np.float32]) -> NDArray[Any]:
        """What the model takes of `vectors` (n, numbers): the images of profiles, or the vectors themselves."""
        return self.images(rows) if self._takes == "images" else rows


def encoder_of(params: Params | Recipe) -> InputEncoder:
    """The drawing of the input of the model that parameters or a recipe name."""
    features = params.features if isinstance(params, Recipe) else feature_settings(params)
    return InputEncoder(params.profile, params.images, model_spec(params.train.model).input, features)


def resolution(params: Params) -> dict[str, float]:
    """How fine the model's input is, on an axis other than 2θ on average.

    Returns:
        `fwhm_degrees`, the full width of a peak at half maximum, and `degrees_a_pixel` (or a point of a profile),
        no finer than the grid; of features the latter alone, the width within which peaks are one line.
    """
    profile, images, features = params.profile, params.images, feature_settings(params)
    if features is not None:
        return {"degrees_a_pixel": features.resolution}
    span = profile.two_theta_max - profile.two_theta_min
    pixels = images.side if images.layout == "stripes" else images.side**2
    if model_spec(params.train.model).input == "profile":
        pixels = profile.grid.points - 1
    return {
        "fwhm_degrees": 2 * math.sqrt(2 * math.log(2)) * profile.sigma * profile.resolved_step,
        "degrees_a_pixel": max(span / pixels, profile.resolved_step),
    }


def check_encoding(profile: ProfileParams, images: ImagesParams) -> None:
    """Refuse at once what could not be drawn later.

    Raises:
        UsageError: The range is no whole number of steps, or the colormap is unknown.
    """
    profile.grid
    ImageSpec(images.layout, images.downsampling, images.side, images.colormap)
