"""Effects on the profile: what lies below the peaks, and how counting blurs it all."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


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
