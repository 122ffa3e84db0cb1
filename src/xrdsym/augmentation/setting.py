"""What every effect works with: the radiation, the grid and the source of random numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from xrdsym.diffraction.profile_grid import ProfileGrid
from xrdsym.diffraction.scattering import wavelength

Interval = tuple[float, float]
"""The two ends of a range that a value is drawn from."""


@dataclass(frozen=True)
class Setting:
    """What the pattern is simulated with and drawn on.

    Attributes:
        radiation: A name, or a wavelength in Å.
        two_theta_max: Last angle that is simulated, degrees.
        grid: The points.
        sigma: Standard deviation of the peaks where nothing else gives them a width, grid points.
    """

    radiation: str | float
    two_theta_max: float
    grid: ProfileGrid
    sigma: float

    @property
    def wavelength(self) -> float:
        """Å."""
        return wavelength(self.radiation)


@dataclass(frozen=True)
class Draw:
    """One draw of one effect.

    Attributes:
        setting: Radiation and points.
        rng: Source of all random numbers.
        rotations: The rotations of the space group in fractional coordinates, int (m, 3, 3); None where unknown.
        logarithmic: Values are drawn evenly in the logarithm.
    """

    setting: Setting
    rng: np.random.Generator
    rotations: NDArray[np.integer] | None
    logarithmic: bool

    def value(self, interval: Interval) -> float:
        """A value from the range of the effect."""
        return drawn_from(interval, self.rng, logarithmic=self.logarithmic)


def drawn_from(interval: Interval, rng: np.random.Generator, *, logarithmic: bool = False) -> float:
    """A value from a range, evenly drawn, or evenly in its logarithm."""
    if logarithmic:
        return math.exp(rng.uniform(math.log(interval[0]), math.log(interval[1])))
    return float(rng.uniform(*interval))


class PeakWidths(NamedTuple):
    """The widths of peaks, full ones at half maximum.

    Attributes:
        two_theta: Where the peaks are, float64 (peaks,), degrees.
        gaussian: Of the instrument, float64 (peaks,), degrees.
        lorentzian: Of the sample, float64 (peaks,), degrees.
    """

    two_theta: NDArray[np.float64]
    gaussian: NDArray[np.float64]
    lorentzian: NDArray[np.float64]


class Profile(NamedTuple):
    """A profile whose strongest peak is 1 high.

    Attributes:
        angles: The 2θ of the points, float64 (points,), degrees.
        values: float64 (points,), 0 or more.
    """

    angles: NDArray[np.float64]
    values: NDArray[np.float64]
