"""From peaks to the profile: the vector of intensities on a common grid that images and models see."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from xrdsym.diffraction.peaks import Peaks, SimulationError, SkipReason
from xrdsym.diffraction.smoothing import smooth_peaks
from xrdsym.errors import UsageError
from xrdsym.params import Axis

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from xrdsym.params import Scale

TRUNCATE = 4.0
"""Where the Gaussian ends, in σ: the default of `scipy.ndimage.gaussian_filter1d`."""
LOG_CONTRAST = 1000.0
"""k of the logarithmic scale log(1 + k x) / log(1 + k): a peak of 1/1000 of the strongest comes out at 0.1."""


SCALES = ("linear", "sqrt", "log")
"""What is made of an intensity x in [0, 1]: x, √x, or log(1 + k x) / log(1 + k) with k = `LOG_CONTRAST`."""


AXES: dict[str, Callable[[NDArray[np.float64]], NDArray[np.float64]]] = {
    "two_theta": lambda two_theta: two_theta,
    "q": lambda two_theta: np.sin(np.radians(two_theta / 2)),
    "q_squared": lambda two_theta: np.sin(np.radians(two_theta / 2)) ** 2,
    "ln_q": lambda two_theta: np.log(np.sin(np.radians(two_theta / 2))),
    "ln_q_ratio": lambda two_theta: np.log(np.sin(np.radians(two_theta / 2))),
}
"""What the points of a profile are evenly spaced in, up to a constant factor (q = 4π sin θ / λ) or, for its logarithm,
a constant: there a change of all lattice constants by one factor is a shift. On `ln_q_ratio` every pattern is shifted
so that its first peak stands at one place, and such a change is nothing at all."""
LOGARITHMIC = ("ln_q", "ln_q_ratio")
FIRST_SHARE = 0.003
"""The first peak of `ln_q_ratio` has this share of the strongest one's intensity or more."""
FIRST_RATIO = 1.05
"""Where it is put: q over that of the grid's first point."""


@dataclass(frozen=True)
class ProfileGrid:
    """A grid of points evenly spaced on an axis, both ends included.

    Attributes:
        two_theta_min: First point, degrees; above 0 for `ln_q`.
        two_theta_max: Last point, degrees.
        step: Distance of neighbours, degrees: on an axis other than 2θ the mean one; the range is a whole number of
            steps.
        axis: One of `AXES`.

    Raises:
        UsageError: The range is empty or no whole number of steps, or the axis has no such range.
    """

    two_theta_min: float
    two_theta_max: float
    step: float
    axis: Axis = "two_theta"

    def __post_init__(self) -> None:
        low, high, step = self.two_theta_min, self.two_theta_max, self.step
        if not (math.isfinite(step) and step > 0 and 0 <= low < high <= 180):
            msg = f"grid from {low} to {high} degrees in steps of {step}: expected 0 <= min < max <= 180, step > 0"
            raise UsageError(msg)
        steps = (high - low) / step
        if round(steps) < 1 or abs(steps - round(steps)) > 1e-6 * steps:
            msg = (
                f"grid from {low} to {high} degrees in steps of {step}: the range is {steps:.6g} steps, expected a "
                f"whole number; take a step of {(high - low) / max(1, round(steps)):.9g}"
            )
            raise UsageError(msg)
        if self.axis in LOGARITHMIC and low <= 0:
            msg = f"grid from {low} degrees on the axis {self.axis}: ln 0 is no number; begin above 0 (two_theta_min)"
            raise UsageError(msg)

    @property
    def points(self) -> int:
        """The number of points."""
        return round((self.two_theta_max - self.two_theta_min) / self.step) + 1

    @property
    def positions(self) -> NDArray[np.float64]:
        """The 2θ of every point, float64 (points,), degrees."""
        return self.angles(0.0)

    def angles(self, shift: float) -> NDArray[np.float64]:
        """The 2θ that come to lie on the points when a pattern is moved.

        Args:
            shift: By how much it is moved along an axis other than 2θ, in its own unit.

        Returns:
            float64 (points,), degrees, not descending.
        """
        even = np.linspace(self.two_theta_min, self.two_theta_max, self.points)
        if self.axis == "two_theta":
            return even
        first, last = self._ends() - shift
        values = first + (even - self.two_theta_min) / (self.two_theta_max - self.two_theta_min) * (last - first)
        sine = np.exp(values) if self.axis in LOGARITHMIC else np.sqrt(values) if self.axis == "q_squared" else values
        return np.asarray(np.degrees(2 * np.arcsin(np.minimum(sine, 1.0))))

    def places(self, two_theta: NDArray[np.float64], shift: NDArray[np.float64] | float = 0.0) -> NDArray[np.float64]:
        """Where angles lie among the points, as if these were evenly spaced in 2θ.

        Args:
            two_theta: float64 (n,), degrees.
            shift: By how much each is moved along an axis other than 2θ, in its own unit.

        Returns:
            float64 (n,), from `two_theta_min` at the first point to `two_theta_max` at the last one.
        """
        if self.axis == "two_theta":
            return two_theta
        first, last = self._ends()
        # a peak at 0 degrees lies infinitely far below the range of ln q
        with np.errstate(divide="ignore"):
            share = (AXES[self.axis](two_theta) + shift - first) / (last - first)
        return np.asarray(self.two_theta_min + share * (self.two_theta_max - self.two_theta_min))

    def shifts(
        self, offsets: NDArray[np.int64], two_theta: NDArray[np.float64], intensity: NDArray[np.floating]
    ) -> NDArray[np.float64] | float:
        """What brings the first peak of each pattern to its place on `ln_q_ratio`; 0 on the other axes.

        Args:
            offsets: int64 (n + 1,): the peaks of pattern i are `offsets[i]` to `offsets[i + 1]`.
            two_theta: float64 (peaks,), degrees, ascending within a pattern.
            intensity: float (peaks,), of any unit.

        Returns:
            float64 (peaks,), in ln q.
        """
        if self.axis != "ln_q_ratio":
            return 0.0
        shifts = np.zeros(len(two_theta))
        place = self._ends()[0] + math.log(FIRST_RATIO)
        for begin, end in pairwise(offsets.tolist()):
            heights = intensity[begin:end]
            if len(heights):
                first = begin + int(np.argmax(heights >= FIRST_SHARE * heights.max()))
                shifts[begin:end] = place - AXES[self.axis](two_theta[first : first + 1])
        return shifts

    def _ends(self) -> NDArray[np.float64]:
        return AXES[self.axis](np.array([self.two_theta_min, self.two_theta_max]))


def profile(peaks: Peaks, grid: ProfileGrid, sigma: float, scale: Scale) -> NDArray[np.float32]:
    """The profile of one pattern; the same as one row of `profiles`.

    Args:
        peaks: The peaks; those outside the grid are left out.
        grid: The points.
        sigma: Standard deviation of the Gaussian, grid points; 0 leaves the peaks as they are.
        scale: What is done to intensities in [0, 1]: one of `SCALES`.

    Returns:
        float32 (points,), in [0, 1].

    Raises:
        SimulationError: No peak lies on the grid.
        UsageError: `sigma` or `scale` makes no sense.
    """
    offsets = np.array([0, len(peaks.two_theta)], dtype=np.int64)
    row: NDArray[np.float32] = profiles(offsets, peaks.two_theta, peaks.intensity, grid, sigma, scale)[0]
    if not row.any():
        raise SimulationError(
            SkipReason.NO_REFLECTION_IN_RANGE,
            f"no peak from {grid.two_theta_min:g} to {grid.two_theta_max:g} degrees; widen the range of the profile",
        )
    return row


def profiles(  # noqa: PLR0913, PLR0917 - the first three are one table
    offsets: NDArray[np.int64],
    two_theta: NDArray[np.float64],
    intensity: NDArray[np.float32] | NDArray[np.float64],
    grid: ProfileGrid,
    sigma: float,
    scale: Scale,
) -> NDArray[np.float32]:
    """The profiles of many patterns.

    Peaks go to the nearest grid point and add up where they meet; then comes what
    `scipy.ndimage.gaussian_filter1d` does by default, division by the maximum, and the intensity scale.

    Args:
        offsets: int64 (n + 1,): the peaks of pattern i are `offsets[i]` to `offsets[i + 1]`.
        two_theta: float64 (peaks,), degrees.
        intensity: float (peaks,), of any unit.
        grid: The points; peaks outside it are left out.
        sigma: Standard deviation of the Gaussian, grid points; 0 leaves the peaks as they are.
        scale: What is done to intensities in [0, 1]: one of `SCALES`.

    Returns:
        float32 (n, points), each row in [0, 1]; a pattern without a peak on the grid gives a row of zeros.

    Raises:
        UsageError: `sigma` or `scale` makes no sense.
    """
    result = np.empty((len(offsets) - 1, grid.points), dtype=np.float32)
    for i, row in enumerate(smoothed(offsets, two_theta, intensity, grid, sigma)):
        result[i] = normalised(row, scale)
    return result


def smoothed(
    offsets: NDArray[np.int64],
    two_theta: NDArray[np.float64],
    intensity: NDArray[np.float32] | NDArray[np.float64],
    grid: ProfileGrid,
    sigma: float,
) -> Iterator[NDArray[np.float64]]:
    """What `profiles` does up to the division by the maximum.

    Args:
        offsets: As for `profiles`.
        two_theta: As for `profiles`.
        intensity: As for `profiles`.
        grid: The points; peaks outside it are left out.
        sigma: Standard deviation of the Gaussian, grid points.

    Yields:
        float64 (points,), one for each pattern, overwritten by the next.

    Raises:
        UsageError: `sigma` makes no sense.
    """
    weights = _gaussian(sigma)
    ends = (float(grid.two_theta_min), float(grid.two_theta_max), float(grid.step))
    shifts = grid.shifts(offsets, two_theta, intensity)
    places = np.ascontiguousarray(grid.places(two_theta, shifts), dtype=np.float64)
    heights = np.ascontiguousarray(intensity, dtype=np.float64)
    row = np.empty(grid.points)
    for begin, end in pairwise(offsets.tolist()):
        smooth_peaks(places[begin:end], heights[begin:end], ends, weights, row)
        yield row


def normalised(values: NDArray[np.float64], scale: Scale) -> NDArray[np.float64]:
    """Intensities divided by their maximum, on an intensity scale.

    Args:
        values: Intensities that are not negative, float64 (points,).
        scale: What is done to intensities in [0, 1]: one of `SCALES`.

    Returns:
        float64 (points,), in [0, 1]; zeros stay zeros.

    Raises:
        UsageError: `scale` is none of `SCALES`.
    """
    if scale not in SCALES:
        msg = f"intensity scale {scale!r}: expected one of {', '.join(SCALES)}"
        raise UsageError(msg)
    maximum = values.max()
    shares = values / maximum if maximum > 0 else values.copy()
    if scale == "sqrt":
        return np.asarray(np.sqrt(shares))
    if scale == "log":
        return np.asarray(np.log1p(LOG_CONTRAST * shares) / math.log1p(LOG_CONTRAST))
    return shares


def _gaussian(sigma: float) -> NDArray[np.float64]:
    """The weights that scipy takes, float64 (2 radius + 1,), their sum 1."""
    if not (math.isfinite(sigma) and sigma >= 0):
        msg = f"sigma {sigma}: expected a number of grid points that is not negative"
        raise UsageError(msg)
    radius = int(TRUNCATE * sigma + 0.5)
    if radius == 0:
        return np.ones(1)
    weights = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    return np.asarray(weights / weights.sum())
