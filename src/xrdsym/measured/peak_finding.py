"""The lines that can be told from noise in a pattern: what a person marks before looking a phase up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import gaussian_filter1d, median_filter
from scipy.signal import find_peaks

if TYPE_CHECKING:
    from numpy.typing import NDArray

SMOOTHING = 0.03
"""Standard deviation of the smoothing, degrees: near that of a laboratory's peaks, which is what shows them best."""
NOISE_BLOCK = 2.5
"""Degrees over which the noise is taken to be the same."""
SIGNIFICANCE = 6.5
"""A line stands out from both its sides by so many standard deviations of the smoothed noise. Fewer let noise through:
at 5 the first line of every second pattern drawn with the effects of `presets/measured.yaml` was none, at 6 of every
fifth."""
APART = 4.0
"""Standard deviations of the smoothing between points whose noise has nothing in common."""
FLOOR = 0.004
"""And by this share of the strongest line,"""
OWN_SHARE = 0.05
"""and of its own height: the noise of counting is larger on a peak than beside it."""
WIDEST = 0.8
"""Full width at half of what stands out, degrees: what is wider is a hump of the background."""
DOUBLET_WITHIN = 0.04
"""Degrees within which a line lies where the Kα2 of another would."""
DOUBLET_SHARES = (0.3, 0.75)
"""Height of such a line as a share of the other's."""
TO_DEVIATION = 1.4826
"""From the median absolute deviation to the standard deviation of a normal distribution."""


def find_scan_peaks(
    values: NDArray[np.floating],
    two_theta_min: float,
    step: float,
    doublet: tuple[float, float] | None = None,
    *,
    calculated: bool = False,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The lines of a pattern at even angles, its background taken away.

    The pattern is smoothed, and of its maxima those are lines that stand out from the noise on both sides. The place
    of a line is that of the parabola through its three highest points.

    Args:
        values: Floating (n,), 0 or more, on any scale.
        two_theta_min: The angle of the first, degrees.
        step: Degrees between two.
        doublet: Wavelengths of Kα1 and Kα2, Å: of the two lines of a doublet the second is left out. None where the
            pattern has but one wavelength.
        calculated: Zeros at the ends belong to the pattern; else they are angles that were not measured.

    Returns:
        two_theta: float64 (m,), degrees, ascending; the highest point at least, or nothing where all is zero.
        height: float64 (m,), of the smoothed pattern, the highest 1.
    """
    sigma = SMOOTHING / step
    smooth = gaussian_filter1d(np.asarray(values, np.float64), sigma)
    top = float(smooth.max(initial=0.0))
    if top <= 0:
        return np.zeros(0), np.zeros(0)
    smooth /= top
    places, shapes = find_peaks(smooth, prominence=0, width=0, rel_height=0.5)
    noise = _noise(smooth, step) if calculated else _noise_where_measured(values, smooth, step)
    least = np.maximum(np.maximum(SIGNIFICANCE * noise[places], FLOOR), OWN_SHARE * smooth[places])
    places = places[(shapes["prominences"] > least) & (shapes["widths"] * step < WIDEST)]
    if not len(places):
        places = np.array([int(smooth.argmax())])
    two_theta = two_theta_min + step * (places + _vertex(smooth, places))
    height = smooth[places]
    if doublet is None:
        return two_theta, height
    kept = ~_second_of_doublet(two_theta, height, doublet[1] / doublet[0])
    return two_theta[kept], height[kept]


def _noise_where_measured(
    values: NDArray[np.floating], smooth: NDArray[np.float64], step: float
) -> NDArray[np.float64]:
    """`_noise` from the angles that were measured alone: the zeros beside them would make it look smaller."""
    measured = np.flatnonzero(values)
    before, after = int(measured[0]), len(values) - 1 - int(measured[-1])
    # fewer zeros than a block are what the removal of a background leaves
    block = round(NOISE_BLOCK / step)
    before, after = (count if count >= block else 0 for count in (before, after))
    if len(values) - before - after < block:
        return _noise(smooth, step)
    return np.pad(_noise(smooth[before : len(smooth) - after], step), (before, after), mode="edge")


def _noise(values: NDArray[np.float64], step: float) -> NDArray[np.float64]:
    """The standard deviation of a smoothed pattern's noise at each point, from places without a peak.

    It is that of points so far apart that the smoothing does not join them: neighbours of a scan that was averaged are
    alike before, too.
    """
    apart = min(max(round(APART * SMOOTHING / step), 1), len(values) - 1)
    differences = np.abs(values[apart:] - values[:-apart]) / np.sqrt(2)
    differences = np.append(differences, differences[len(differences) - apart :])
    block = min(max(round(NOISE_BLOCK / step), 1), len(values))
    count = len(values) // block
    medians = TO_DEVIATION * np.median(differences[: count * block].reshape(count, block), axis=1)
    # a block full of peaks is as noisy as those beside it
    level = median_filter(medians, min(5, count), mode="nearest")
    return np.asarray(np.interp(np.arange(len(values)), (np.arange(count) + 0.5) * block, level), np.float64)


def _vertex(values: NDArray[np.float64], places: NDArray[np.int64]) -> NDArray[np.float64]:
    """Where between -0.5 and 0.5 points from its highest point each maximum lies."""
    last = len(values) - 1
    before, at, after = values[np.maximum(places - 1, 0)], values[places], values[np.minimum(places + 1, last)]
    bend = before - 2 * at + after
    curved = bend < 0
    return np.clip(np.where(curved, 0.5 * (before - after) / np.where(curved, bend, 1.0), 0.0), -0.5, 0.5)


def _second_of_doublet(two_theta: NDArray[np.float64], height: NDArray[np.float64], ratio: float) -> NDArray[np.bool_]:
    """Which lines lie where the second line of another's doublet would, and are as high as it would be."""
    sine = np.sin(np.radians(two_theta / 2)) * ratio
    expected = np.degrees(2 * np.arcsin(np.minimum(sine, 1.0)))
    near = np.abs(two_theta[:, None] - expected) < DOUBLET_WITHIN
    share = height[:, None] / height
    low, high = DOUBLET_SHARES
    fits = near & (share > low) & (share < high)
    np.fill_diagonal(fits, val=False)
    return np.asarray(fits.any(axis=1))
