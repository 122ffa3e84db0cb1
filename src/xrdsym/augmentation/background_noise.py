"""Effects on the profile: what lies below the peaks, and how counting blurs it all."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from xrdsym.augmentation.setting import drawn_from

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from xrdsym.augmentation.setting import Draw, Interval, Profile

ORDER = 6
"""Of the background's polynomial."""
HALO_SPACING = (3.0, 5.0)
"""d at the amorphous hump's highest point, Å: silica has 4.1."""
HALO_WIDTH = (0.2, 0.5)
"""Its full width at half maximum, of its angle."""


def with_background(profile: Profile, interval: Interval, draw: Draw) -> Profile:
    """A profile on a smooth background; its height is drawn from a range, of the strongest peak."""
    height = draw.value(interval)
    coefficients = draw.rng.standard_normal(ORDER + 1) / np.arange(1, ORDER + 2)
    slope = draw.rng.random()
    background = height * (1 - slope + slope * smooth_background(profile.angles, coefficients))
    return profile._replace(values=profile.values + background)


def with_amorphous_hump(profile: Profile, interval: Interval, draw: Draw) -> Profile:
    """A profile with the hump of an amorphous share; its height is drawn from a range, of the strongest peak."""
    height = draw.value(interval)
    sine = min(draw.setting.wavelength / (2 * drawn_from(HALO_SPACING, draw.rng)), 1.0)
    centre = math.degrees(2 * math.asin(sine))
    hump = height * amorphous_hump(profile.angles, centre, centre * drawn_from(HALO_WIDTH, draw.rng))
    return profile._replace(values=profile.values + hump)


def counted(profile: Profile, interval: Interval, draw: Draw) -> Profile:
    """A profile with the noise of counting; the counts at its strongest point are drawn from a range."""
    return profile._replace(values=poisson_noise(profile.values, draw.value(interval), draw.rng))


def with_detector_noise(profile: Profile, interval: Interval, draw: Draw) -> Profile:
    """A profile with Gaussian noise; its σ is drawn from a range, of the strongest point."""
    return profile._replace(values=gaussian_noise(profile.values, draw.value(interval), draw.rng))


def smooth_background(two_theta: NDArray[np.float64], coefficients: NDArray[np.float64]) -> NDArray[np.float64]:
    """A smooth background: a Chebyshev polynomial from 0 at its lowest point to 1 at its highest.

    B. Cao et al., SimXRD-4M (2024) take order 6 and a height of 5 % of the strongest peak.

    Args:
        two_theta: Ascending angles, float64 (points,), degrees.
        coefficients: Of order 0, 1, …, float64 (orders,); the polynomial is of the angle, the range mapped to [−1, 1].

    Returns:
        float64 (points,), in [0, 1]; zeros where the polynomial is constant.
    """
    low, high = two_theta[0], two_theta[-1]
    values = np.polynomial.chebyshev.chebval(2 * (two_theta - low) / (high - low) - 1, coefficients)
    lowest, highest = values.min(), values.max()
    if not highest > lowest:
        return np.zeros(len(values))
    return np.asarray((values - lowest) / (highest - lowest))


def amorphous_hump(two_theta: NDArray[np.float64], centre: float, width: float) -> NDArray[np.float64]:
    """The hump of a glass, of height 1: a Gaussian.

    Args:
        two_theta: float64 (points,), degrees.
        centre: Its highest point, degrees: silica glass has it at 22° of Cu Kα.
        width: Its full width at half maximum, degrees.

    Returns:
        float64 (points,).
    """
    return np.asarray(np.exp(-4 * math.log(2) * ((two_theta - centre) / width) ** 2))


def poisson_noise(values: NDArray[np.float64], counts: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """What is counted of a pattern whose strongest point gets `counts` on average.

    Args:
        values: Intensities, 0 or more, some of them positive, float64 (points,).
        counts: Above 0. AlphaDiffract takes 1 to 100, a laboratory pattern has 1,000 to 100,000.
        rng: Source of the noise.

    Returns:
        float64 (points,), in the unit of `values`; the mean over many draws is `values`.
    """
    unit = values.max() / counts
    return np.asarray(rng.poisson(values / unit) * unit)


def gaussian_noise(values: NDArray[np.float64], sigma: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """A pattern with the noise of a detector on it; what would be negative is 0.

    Args:
        values: Intensities, 0 or more, float64 (points,).
        sigma: σ of the noise, of the strongest point. Szymanski et al., Chem. Mater. 33, 4204 (2021) take 0.0025.
        rng: Source of the noise.

    Returns:
        float64 (points,), 0 or more.
    """
    noisy = values + sigma * values.max() * rng.standard_normal(len(values))
    return np.asarray(np.maximum(noisy, 0.0))
