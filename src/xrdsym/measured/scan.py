"""One measured pattern in memory."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xrdsym.common.errors import MaterialError

MIN_POINTS = 50
"""A shorter list is a list of peaks or a fragment of a scan; interpolating it would invent a pattern."""

MAX_INTENSITY = 1e30
"""A larger number marks a missing value."""


@dataclass(frozen=True, eq=False)
class Scan:
    """One measured pattern.

    Attributes:
        two_theta: Angles, float64 (n,), degrees, strictly ascending.
        intensity: Intensities, float64 (n,), 0 or more, in the units of the file.
        wavelength: Wavelength, Å, or None where the file does not give it.
    """

    two_theta: NDArray[np.float64]
    intensity: NDArray[np.float64]
    wavelength: float | None


def scan_of(
    two_theta: NDArray[np.float64], intensity: NDArray[np.float64], wavelength: float | None, name: str
) -> Scan:
    """Make a scan from raw numbers: sort the angles, average repeated ones, leave out values that are not finite.

    Negative intensities, which the subtraction of a background leaves in the noise, become zero.

    Args:
        two_theta: Angles, float (n,), degrees.
        intensity: Intensities, float (n,).
        wavelength: Wavelength, Å, or None where it is not known.
        name: Name of the pattern in error messages.

    Raises:
        MaterialError: `too_few_points`, `angles_out_of_range` (0° to 180°), or `no_intensity` above zero.
    """
    finite = np.isfinite(two_theta) & (np.abs(intensity) < MAX_INTENSITY)
    angles, position = np.unique(two_theta[finite].astype(np.float64), return_inverse=True)
    if len(angles) < MIN_POINTS:
        msg = f"{name} has {len(angles)} different angles; a measured pattern needs {MIN_POINTS} or more."
        raise MaterialError("too_few_points", msg)
    if angles[0] < 0 or angles[-1] >= 180:
        msg = f"{name} has angles from {angles[0]:g} to {angles[-1]:g}; expected 2θ in degrees, between 0 and 180."
        raise MaterialError("angles_out_of_range", msg)
    sums = np.bincount(position, weights=intensity[finite].astype(np.float64))
    means = np.maximum(sums / np.bincount(position), 0.0)
    if not means.any():
        msg = f"{name} has no intensity above zero; expected counts or relative intensities."
        raise MaterialError("no_intensity", msg)
    return Scan(angles, means, wavelength)
