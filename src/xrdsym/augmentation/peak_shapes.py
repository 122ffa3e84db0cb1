"""Compiled: peaks of pseudo-Voigt shape, each with its own width, added up on the points of a profile."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

TAIL = 2e-5
"""Where a peak ends: at this share of the highest one."""
NARROWEST = 2.0
"""Points that a peak is wide at least at half of its height, or points would miss it."""


@njit(cache=True, nogil=True, error_model="numpy")
def thompson_cox_hastings(gaussian: float, lorentzian: float) -> tuple[float, float]:
    """The pseudo-Voigt that is close to a Gaussian folded with a Lorentzian.

    P. Thompson, D. E. Cox and J. B. Hastings, J. Appl. Cryst. 20, 79 (1987).

    Args:
        gaussian: Full width at half maximum of the Gaussian.
        lorentzian: The same of the Lorentzian.

    Returns:
        The full width at half maximum, and the share η of the Lorentzian in the area.
    """
    g, l_ = gaussian, lorentzian
    total = g**5 + 2.69269 * g**4 * l_ + 2.42843 * g**3 * l_**2 + 4.47163 * g**2 * l_**3 + 0.07842 * g * l_**4 + l_**5
    if total <= 0.0:
        return 0.0, 0.0
    width = total**0.2
    share = l_ / width
    return width, min(share * (1.36603 + share * (-0.47719 + 0.11116 * share)), 1.0)


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"reassoc", "contract", "nsz", "arcp"})
def _add_lorentzian(
    angles: NDArray[np.float64], centre: float, height: float, width: float, profile: NDArray[np.float64]
) -> None:
    sharpness = 4.0 / (width * width)
    for i in range(len(angles)):
        x = angles[i] - centre
        profile[i] += height / (1.0 + sharpness * x * x)


@njit(cache=True, nogil=True, error_model="numpy")
def add_peaks(  # noqa: PLR0913, PLR0917 - four columns of one table
    angles: NDArray[np.float64],
    two_theta: NDArray[np.float64],
    area: NDArray[np.float64],
    gaussian: NDArray[np.float64],
    lorentzian: NDArray[np.float64],
    profile: NDArray[np.float64],
) -> None:
    """Add peaks to a profile; those outside it with the tails that reach in.

    Args:
        angles: The 2θ of every point, float64 (points,), degrees, not descending.
        two_theta: float64 (peaks,), degrees.
        area: The integrated intensity of each peak, over degrees, float64 (peaks,).
        gaussian: Full width at half maximum of its Gaussian part, float64 (peaks,), degrees.
        lorentzian: The same of its Lorentzian part.
        profile: float64 (points,); intensities a degree are added.
    """
    peaks, points = len(two_theta), len(angles)
    width, share, gauss_height, lorentz_height = np.empty(peaks), np.empty(peaks), np.empty(peaks), np.empty(peaks)
    highest = 0.0
    for peak in range(peaks):
        width[peak], share[peak] = thompson_cox_hastings(gaussian[peak], lorentzian[peak])
        place = min(max(np.searchsorted(angles, two_theta[peak]), 1), points - 1)
        # at 180 degrees points fall together
        width[peak] = max(width[peak], NARROWEST * (angles[place] - angles[place - 1]), 1e-6)
        density = area[peak] / width[peak]
        gauss_height[peak] = (1.0 - share[peak]) * density * 2.0 * math.sqrt(math.log(2.0) / math.pi)
        lorentz_height[peak] = share[peak] * density * 2.0 / math.pi
        highest = max(highest, gauss_height[peak] + lorentz_height[peak])
    floor = TAIL * highest
    for peak in range(peaks):
        centre = two_theta[peak]
        if lorentz_height[peak] > floor:
            reach = 0.5 * width[peak] * math.sqrt(lorentz_height[peak] / floor - 1.0)
            begin, end = np.searchsorted(angles, centre - reach), np.searchsorted(angles, centre + reach)
            _add_lorentzian(angles[begin:end], centre, lorentz_height[peak], width[peak], profile[begin:end])
        if gauss_height[peak] > floor:
            decay = 4.0 * math.log(2.0) / width[peak] ** 2
            reach = math.sqrt(math.log(gauss_height[peak] / floor) / decay)
            begin, end = np.searchsorted(angles, centre - reach), np.searchsorted(angles, centre + reach)
            for i in range(begin, end):
                profile[i] += gauss_height[peak] * math.exp(-decay * (angles[i] - centre) ** 2)
