"""The grid of a profile: points evenly spaced in 2θ, q, q², ln q, or the ratio to the first peak."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import numpy as np

from xrdsym.common.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

Axis = Literal["two_theta", "q", "q_squared", "ln_q", "ln_q_ratio"]
AXES: dict[str, Callable[[NDArray[np.float64]], NDArray[np.float64]]] = {
    "two_theta": lambda two_theta: two_theta,
    "q": lambda two_theta: np.sin(np.radians(two_theta / 2)),
    "q_squared": lambda two_theta: np.sin(np.radians(two_theta / 2)) ** 2,
    "ln_q": lambda two_theta: np.log(np.sin(np.radians(two_theta / 2))),
    "ln_q_ratio": lambda two_theta: np.log(np.sin(np.radians(two_theta / 2))),
}
"""From 2θ in degrees to the axis of each name, up to the constant 4π / λ (q = 4π sin θ / λ).

On `ln_q` a change of all lattice constants by one factor shifts the pattern. On `ln_q_ratio` every pattern is shifted
so that its first peak has a fixed place, so such a change has no effect."""
LOGARITHMIC = ("ln_q", "ln_q_ratio")
FIRST_SHARE = 0.003
"""Smallest intensity of the first peak on `ln_q_ratio`, relative to the strongest peak."""
FIRST_RATIO = 1.05
"""The place of the first peak on `ln_q_ratio`: its q relative to that of the grid's first point."""


@dataclass(frozen=True)
class ProfileGrid:
    """A grid of points evenly spaced on an axis, both ends included.

    Attributes:
        two_theta_min: First point, degrees; above 0 on a logarithmic axis.
        two_theta_max: Last point, degrees.
        step: Distance between neighbouring points, degrees; on an axis other than 2θ the mean distance. The range is
            a whole number of steps.
        axis: One of `AXES`.

    Raises:
        UsageError: The range is empty or not a whole number of steps, or starts at 0 on a logarithmic axis.
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
                f"whole number; use a step of {(high - low) / max(1, round(steps)):.9g}"
            )
            raise UsageError(msg)
        if self.axis in LOGARITHMIC and low <= 0:
            msg = (
                f"grid from {low} degrees on the axis {self.axis}: expected two_theta_min above 0, as ln 0 is undefined"
            )
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
        """The 2θ that a shifted pattern has on the grid points.

        Args:
            shift: Shift of the pattern along an axis other than 2θ, in the unit of the axis.

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
        """Positions of angles on the grid, scaled so that the grid is evenly spaced.

        Args:
            two_theta: float64 (n,), degrees.
            shift: Shift of each angle along an axis other than 2θ, in the unit of the axis.

        Returns:
            float64 (n,): `two_theta_min` at the first grid point, `two_theta_max` at the last.
        """
        if self.axis == "two_theta":
            return two_theta
        first, last = self._ends()
        # ln q of a peak at 0 degrees is minus infinity
        with np.errstate(divide="ignore"):
            share = (AXES[self.axis](two_theta) + shift - first) / (last - first)
        return np.asarray(self.two_theta_min + share * (self.two_theta_max - self.two_theta_min))

    def shifts(
        self, offsets: NDArray[np.int64], two_theta: NDArray[np.float64], intensity: NDArray[np.floating]
    ) -> NDArray[np.float64] | float:
        """The shift that moves the first peak of each pattern to its place on `ln_q_ratio`; 0 on other axes.

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
