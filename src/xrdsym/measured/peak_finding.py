"""Peaks that stand out from the noise of a pattern."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import gaussian_filter1d, median_filter
from scipy.signal import find_peaks

if TYPE_CHECKING:
    from numpy.typing import NDArray

SMOOTHING = 0.03
"""Standard deviation of the smoothing, degrees. It is near that of a laboratory's peaks, which is the best filter."""
NOISE_BLOCK = 2.5
"""Degrees over which the noise is taken as constant."""
MIN_SIGNIFICANCE = 6.5
"""Smallest prominence of a peak, in standard deviations of the smoothed noise. Of patterns with the effects of
`presets/measured.yaml`, every second had noise as its first peak at 5, and every fifth at 6."""
MIN_RELATIVE_INTENSITY = 0.004
"""Smallest prominence of a peak, relative to the highest point."""
MIN_PROMINENCE = 0.05
"""Smallest prominence of a peak, relative to its own height: counting noise is larger on a peak than beside it."""
MAX_WIDTH = 0.8
"""Largest full width at half prominence, degrees. What is wider is a hump of the background."""
INDEPENDENT = 4.0
"""Distance between points with independent noise, in standard deviations of the smoothing."""
DOUBLET_DISTANCE = 0.04
"""Largest distance of a Kα2 peak from its position calculated from the Kα1 peak, degrees."""
DOUBLET_RATIOS = (0.3, 0.75)
"""Smallest and largest height of a Kα2 peak relative to the Kα1 peak."""
MAD_TO_STANDARD_DEVIATION = 1.4826
"""Standard deviation over median absolute deviation of a normal distribution."""


def find_scan_peaks(
    values: NDArray[np.floating],
    two_theta_min: float,
    step: float,
    doublet: tuple[float, float] | None = None,
    *,
    calculated: bool = False,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The peaks of a pattern at even angles without a background.

    The pattern is smoothed; those of its maxima that stand out from the noise on both sides are peaks. A parabola
    through the three highest points gives the position.

    Args:
        values: Floating (n,), 0 or more, on any scale.
        two_theta_min: Angle of the first point, degrees.
        step: Distance between two points, degrees.
        doublet: Wavelengths of Kα1 and Kα2, Å: Kα2 peaks are left out. None where the pattern has one wavelength.
        calculated: Whether zeros at the ends are part of the pattern. Otherwise they are angles that were not
            measured.

    Returns:
        two_theta: float64 (m,), degrees, ascending: the highest point at least, or nothing where all values are zero.
        height: float64 (m,), of the smoothed pattern, relative to its highest point.
    """
    sigma = SMOOTHING / step
    smooth = gaussian_filter1d(np.asarray(values, np.float64), sigma)
    top = float(smooth.max(initial=0.0))
    if top <= 0:
        return np.zeros(0), np.zeros(0)
    smooth /= top
    maxima, shapes = find_peaks(smooth, prominence=0, width=0, rel_height=0.5)
    noise = _noise(smooth, step) if calculated else _noise_where_measured(values, smooth, step)
    least = np.maximum(
        np.maximum(MIN_SIGNIFICANCE * noise[maxima], MIN_RELATIVE_INTENSITY), MIN_PROMINENCE * smooth[maxima]
    )
    maxima = maxima[(shapes["prominences"] > least) & (shapes["widths"] * step < MAX_WIDTH)]
    if not len(maxima):
        maxima = np.array([int(smooth.argmax())])
    two_theta = two_theta_min + step * (maxima + _vertex(smooth, maxima))
    height = smooth[maxima]
    if doublet is None:
        return two_theta, height
    kept = ~_second_of_doublet(two_theta, height, doublet[1] / doublet[0])
    return two_theta[kept], height[kept]


def _noise_where_measured(
    values: NDArray[np.floating], smooth: NDArray[np.float64], step: float
) -> NDArray[np.float64]:
    """`_noise` of the measured angles only: the zeros beside them would make it look smaller."""
    measured = np.flatnonzero(values)
    before, after = int(measured[0]), len(values) - 1 - int(measured[-1])
    # fewer zeros than a block are left by the subtraction of the background
    block = round(NOISE_BLOCK / step)
    before, after = (count if count >= block else 0 for count in (before, after))
    if len(values) - before - after < block:
        return _noise(smooth, step)
    return np.pad(_noise(smooth[before : len(smooth) - after], step), (before, after), mode="edge")


def _noise(values: NDArray[np.float64], step: float) -> NDArray[np.float64]:
    """The standard deviation of a smoothed pattern's noise at each point, from regions without peaks.

    It is estimated from differences of points at a distance, because smoothing correlates the noise of neighbours.
    """
    apart = min(max(round(INDEPENDENT * SMOOTHING / step), 1), len(values) - 1)
    differences = np.abs(values[apart:] - values[:-apart]) / np.sqrt(2)
    differences = np.append(differences, differences[len(differences) - apart :])
    block = min(max(round(NOISE_BLOCK / step), 1), len(values))
    count = len(values) // block
    medians = MAD_TO_STANDARD_DEVIATION * np.median(differences[: count * block].reshape(count, block), axis=1)
    # a block full of peaks gets the noise of the blocks beside it
    level = median_filter(medians, min(5, count), mode="nearest")
    return np.asarray(np.interp(np.arange(len(values)), (np.arange(count) + 0.5) * block, level), np.float64)


def _vertex(values: NDArray[np.float64], maxima: NDArray[np.int64]) -> NDArray[np.float64]:
    """The vertex of the parabola through each maximum and its neighbours, -0.5 to 0.5 points from the maximum."""
    last = len(values) - 1
    before, at, after = values[np.maximum(maxima - 1, 0)], values[maxima], values[np.minimum(maxima + 1, last)]
    bend = before - 2 * at + after
    curved = bend < 0
    return np.clip(np.where(curved, 0.5 * (before - after) / np.where(curved, bend, 1.0), 0.0), -0.5, 0.5)


def _second_of_doublet(two_theta: NDArray[np.float64], height: NDArray[np.float64], ratio: float) -> NDArray[np.bool_]:
    """Which peaks have the position and the height of the Kα2 peak of another one."""
    sine = np.sin(np.radians(two_theta / 2)) * ratio
    expected = np.degrees(2 * np.arcsin(np.minimum(sine, 1.0)))
    near = np.abs(two_theta[:, None] - expected) < DOUBLET_DISTANCE
    relative = height[:, None] / height
    low, high = DOUBLET_RATIOS
    fits = near & (relative > low) & (relative < high)
    np.fill_diagonal(fits, val=False)
    return np.asarray(fits.any(axis=1))
