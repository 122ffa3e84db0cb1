"""From peaks to the profile: the vector of intensities on a common grid that images and models see."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from xrdsym.common.errors import UsageError
from xrdsym.diffraction.peaks import Peaks, SimulationError, SkipReason
from xrdsym.diffraction.smoothing import smoothed
from xrdsym.measured.preprocessing import scan_on_grid

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from xrdsym.config.schema import Scale
    from xrdsym.diffraction.profile_grid import ProfileGrid
    from xrdsym.measured.scan import Scan

LOG_CONTRAST = 1000.0
"""k of the logarithmic scale log(1 + k x) / log(1 + k): a peak of 1/1000 of the strongest comes out at 0.1."""


SCALES = ("linear", "sqrt", "log")
"""What is made of an intensity x in [0, 1]: x, √x, or log(1 + k x) / log(1 + k) with k = `LOG_CONTRAST`."""


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


def scan_profile(
    scan: Scan, grid: ProfileGrid, scale: Scale, from_wavelength: float, wavelength: float
) -> NDArray[np.float32]:
    """The profile of a measured pattern: what `scan_on_grid` gives, with the normalisation of a simulated pattern.

    Args:
        scan: The pattern.
        grid: The points of the profile.
        scale: What is done to intensities in [0, 1].
        from_wavelength: The wavelength that the pattern was measured at, Å.
        wavelength: The wavelength of the model's own patterns, Å.

    Returns:
        float32 (points,), 0 to 1.

    Raises:
        MaterialError: See `scan_on_grid`.
    """
    return normalised(scan_on_grid(scan, grid, from_wavelength, wavelength), scale).astype(np.float32)
