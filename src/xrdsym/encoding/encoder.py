"""The one way from patterns to a model's input: structures, peak lists, measured scans and augmented patterns.

A pattern first becomes a vector: its profile, or the features of its peaks. Models on images read a picture of the
profile, all others the vector itself.
"""

from __future__ import annotations

import dataclasses
import math
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from xrdsym.common.errors import MaterialError
from xrdsym.config.model_specs import InputKind, PatternType, model_spec
from xrdsym.diffraction.peaks import SimulationError, SkipReason, simulate_batch
from xrdsym.diffraction.peaks_table import PeakArrays
from xrdsym.diffraction.scattering import wavelength
from xrdsym.encoding.images import ImageSpec, Renderer
from xrdsym.encoding.profile import normalised, profiles, scan_profile
from xrdsym.encoding.recipe import Recipe, feature_settings
from xrdsym.measured.preprocessing import converted, without_background

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from xrdsym.config.schema import ImagesParams, Params, PeaksParams, ProfileParams
    from xrdsym.crystal.structure_table import CrystalStructure
    from xrdsym.diffraction.profile_grid import ProfileGrid
    from xrdsym.encoding.features.settings import FeatureSettings
    from xrdsym.measured.scan import Scan

NO_WAVELENGTH = (
    "the wavelength of the scan is unknown: give it with --radiation CuKa or --wavelength 1.5406 (Å); in Python, to "
    "the Scan"
)
TOLERANCE = 1.0
"""Degrees that a scan may lack at either end of a model's range before a warning names them."""


class InputEncoder:
    """Turns patterns into what a model reads; `encoder_of` makes one from parameters or a recipe.

    Args:
        profile: Range, grid, σ and intensity scale.
        images: Layout, downsampling, side and colormap.
        peaks: Radiation and last angle of the simulation.
        reads: What the model reads.
        features: Which peaks count, for a model on features.

    Attributes:
        grid: The points of the profile.
        sigma: Standard deviation of the peaks, grid points.
        side: Pixels along one side of an image.
        shape: The shape of one input of the model.
        dtype: The type of its numbers.
        wavelength: Å.

    Raises:
        UsageError: The range is no whole number of steps, or the radiation or the colormap is unknown.
    """

    def __init__(
        self,
        profile: ProfileParams,
        images: ImagesParams,
        peaks: PeaksParams,
        reads: InputKind,
        features: FeatureSettings | None,
    ) -> None:
        self._scale = profile.scale
        self._peaks = peaks
        self._reads = reads
        self._features = features
        self.grid = profile.grid
        self.sigma = profile.sigma
        self.side = images.side
        self.wavelength = wavelength(peaks.radiation)
        self.shape = self._shape()
        self.dtype = np.dtype(np.uint8 if reads == "images" else np.float32)
        self._image_spec = _image_spec(images)

    @cached_property
    def _renderer(self) -> Renderer:
        # its plan takes seconds to compile, and only models on images need it
        return Renderer(self._image_spec, self.grid.points)

    def _shape(self) -> tuple[int, ...]:
        if self._reads == "images":
            return (self.side, self.side, 3)
        if self._reads == "profile":
            return (self.grid.points,)
        from xrdsym.encoding.features import feature_names

        return (len(feature_names()),)

    def from_structures(self, structures: Sequence[CrystalStructure]) -> list[NDArray[np.float32] | MaterialError]:
        """The vectors of structures, simulated as for training.

        Returns:
            For each structure float32 (numbers,), or why it has no pattern.
        """
        vectors: list[NDArray[np.float32] | MaterialError] = []
        for peaks in simulate_batch(structures, self.wavelength, (0.0, self._peaks.two_theta_max)):
            if isinstance(peaks, MaterialError):
                vectors.append(peaks)
                continue
            ends = np.array([0, len(peaks.two_theta)])
            # the type of the peaks table, from which training reads
            vector = self.from_peaks(ends, peaks.two_theta, peaks.intensity.astype(np.float32))[0]
            vectors.append(vector if vector.any() else self._no_peak_in_range())
        return vectors

    def _no_peak_in_range(self) -> SimulationError:
        low, high = self.grid.two_theta_min, self.grid.two_theta_max
        msg = f"no peak from {low:g} to {high:g} degrees; widen the range of the profile"
        return SimulationError(SkipReason.NO_REFLECTION_IN_RANGE, msg)

    def from_peaks(
        self, offsets: NDArray[np.int64], two_theta: NDArray[np.float64], intensity: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """The vectors of peak lists, float32 (n, numbers).

        Features are of all peaks, whatever the range of the profile. Arguments as for `profiles`.

        Raises:
            UsageError: The model reads features, and a pattern has no peak.
        """
        if self._reads != "features":
            return self.profiles(offsets, two_theta, intensity)
        from xrdsym.encoding.features import feature_matrix

        names = [f"pattern {row}" for row in range(len(offsets) - 1)]
        return feature_matrix(PeakArrays(names, offsets, two_theta, intensity), self._features)

    def from_scan(self, scan: Scan) -> NDArray[np.float32]:
        """The vector of a measured scan, float32 (numbers,), converted to the model's wavelength.

        Raises:
            MaterialError: The model reads no scans, the wavelength of the scan is unknown, or no peak stands in the
                model's range.
        """
        reason = self.refusal("measured")
        if reason is not None:
            raise reason
        if scan.wavelength is None:
            raise MaterialError("no_wavelength", NO_WAVELENGTH)
        return scan_profile(scan, self.grid, self._scale, scan.wavelength, self.wavelength)

    def from_intensities(self, values: NDArray[np.float64], *, as_scan: bool) -> NDArray[np.float32]:
        """The profile of intensities that are on the grid already, float32 (points,).

        Args:
            values: Intensities at the points of `simulation_grid`, 0 or more, float64 (points,).
            as_scan: Remove the background as from a scan.

        Returns:
            Numbers in [0, 1]; all zero where nothing is left.
        """
        if as_scan:
            values = without_background(self.simulation_grid(as_scan=True).positions, values, self.grid)
        return normalised(values, self._scale).astype(np.float32)

    def simulation_grid(self, *, as_scan: bool) -> ProfileGrid:
        """The points at which augmented patterns are simulated.

        Args:
            as_scan: Even angles, as those of a scan, whatever the axis of the profile.
        """
        return dataclasses.replace(self.grid, axis="two_theta") if as_scan else self.grid

    def profiles(
        self, offsets: NDArray[np.int64], two_theta: NDArray[np.float64], intensity: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """The profiles of peak lists, float32 (n, points); a pattern without a peak in range is all zero.

        Args:
            offsets: int64 (n + 1,): the peaks of pattern i are `offsets[i]` to `offsets[i + 1]`.
            two_theta: float64 (peaks,), degrees.
            intensity: float32 (peaks,).
        """
        return profiles(offsets, two_theta, intensity, self.grid, self.sigma, self._scale)

    def images(self, rows: NDArray[np.float32]) -> NDArray[np.uint8]:
        """The images of profiles (n, points), uint8 (n, side, side, 3)."""
        return self._renderer.render(rows)

    def inputs(self, vectors: NDArray[np.float32]) -> NDArray[Any]:
        """What the model reads of vectors (n, numbers): their images, or the vectors themselves."""
        return self.images(vectors) if self._reads == "images" else vectors

    def refusal(self, pattern_type: PatternType) -> MaterialError | None:
        """Why patterns of a type have no such input; None where they have."""
        if pattern_type == "ideal":
            return None
        if self._features is not None:
            msg = (
                f"this model reads the peaks of a calculated pattern, resolved at {self._features.resolution:g}°, "
                "which a measured pattern does not show: give it the structure, or leave out --model and use the "
                "model for measured patterns"
            )
            return MaterialError("no_lines", msg)
        if self.grid.axis == "ln_q_ratio":
            msg = (
                "this model puts the first peak of every pattern at one place (profile.axis: ln_q_ratio), and noise "
                "hides which one is the first of a measured pattern; use a model with another axis"
            )
            return MaterialError("no_first_peak", msg)
        return None

    def missing_angles(self, scan: Scan) -> str:
        """Ranges that the model needs and the scan does not cover, as `5 to 20.01° (CuKa)`; empty where it covers all.

        Up to `TOLERANCE` degrees at either end do not count. The model reads missing angles as free of peaks.
        """
        if scan.wavelength is None or self._features is not None:
            return ""
        angles, _ = converted(scan.two_theta, scan.intensity, scan.wavelength, self.wavelength)
        low, high = self.grid.two_theta_min, self.grid.two_theta_max
        first, last = (min(max(angles[end], low), high) for end in (0, -1)) if len(angles) else (high, high)
        gaps = [(begin, end) for begin, end in ((low, first), (last, high)) if end - begin > TOLERANCE]
        ranges = " and ".join(f"{begin:.4g} to {end:.4g}°" for begin, end in gaps)
        return f"{ranges} ({self._peaks.radiation})" if ranges else ""


def encoder_of(params: Params | Recipe) -> InputEncoder:
    """The encoder for the model that parameters or a recipe name."""
    features = params.features if isinstance(params, Recipe) else feature_settings(params)
    reads = model_spec(params.train.model).input
    return InputEncoder(params.profile, params.images, params.peaks, reads, features)


def resolution(params: Params) -> dict[str, float]:
    """How fine the model's input is, on an axis other than 2θ on average.

    Returns:
        `fwhm_degrees`, the full width of a peak at half maximum, and `degrees_a_pixel` (or a point of a profile),
        no finer than the grid; of features the latter alone, the width within which peaks are one.
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
    """Refuse at once what could not be encoded later.

    Raises:
        UsageError: The range is no whole number of steps, or the colormap is unknown.
    """
    Renderer(_image_spec(images), profile.grid.points)


def _image_spec(images: ImagesParams) -> ImageSpec:
    return ImageSpec(images.layout, images.downsampling, images.side, images.colormap)
