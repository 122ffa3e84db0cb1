"""The peaks of a pattern as positions Q = 1/d², merged at the resolution of a measurement.

A position is known to the width of a bin of 2θ and no better. Peaks in one bin become one peak at its centre, so that
no feature depends on digits that a diffractometer does not give.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from xrdsym.common.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

MIN_RELATIVE_TOLERANCE = 1e-7
"""Smallest tolerance as a share of Q. Near 180° an error of 2θ hardly changes Q, and the tolerance would vanish."""


class PeakList(NamedTuple):
    """Peaks in ascending order of position.

    Attributes:
        q: Q = 1/d² = (2 sin θ / λ)², float64 (n,), Å⁻².
        tolerance: Half a bin of 2θ expressed in Q, float64 (n,), Å⁻².
        intensity: Relative to the strongest peak, float64 (n,).
    """

    q: NDArray[np.float64]
    tolerance: NDArray[np.float64]
    intensity: NDArray[np.float64]

    def above(self, min_relative_intensity: float) -> PeakList:
        """The peaks of at least this relative intensity."""
        kept = self.intensity >= min_relative_intensity
        return PeakList(self.q[kept], self.tolerance[kept], self.intensity[kept])


def merge_peaks(
    two_theta: NDArray[np.float64],
    intensity: NDArray[np.floating],
    *,
    resolution: float,
    min_relative_intensity: float,
    wavelength: float,
) -> PeakList:
    """Merge the peaks that fall into one bin of 2θ.

    Args:
        two_theta: Positions in any order, float64 (n,), degrees. Peaks outside 0° to 180° are left out.
        intensity: Intensities on any scale, floating (n,). Peaks without intensity are left out.
        resolution: Width of the bins, degrees. Bins are centred on its multiples; their intensities add up.
        min_relative_intensity: Merged peaks that are weaker than this share of the strongest one are left out.
        wavelength: Wavelength, Å.

    Returns:
        The merged peaks; the same for every order of the input.

    Raises:
        UsageError: The arrays differ in length, a parameter is out of its range, or no peak is left.
    """
    if two_theta.shape != intensity.shape or two_theta.ndim != 1:
        msg = (
            f"received peak positions of shape {two_theta.shape} and intensities of shape {intensity.shape}; expected "
            "two lists of the same length"
        )
        raise UsageError(msg)
    if not (resolution > 0 and wavelength > 0 and 0 <= min_relative_intensity < 1):
        msg = (
            f"received a resolution of {resolution:g}°, a wavelength of {wavelength:g} Å and a minimum relative "
            f"intensity of {min_relative_intensity:g}; the first two must be above 0, the third at least 0 and below 1"
        )
        raise UsageError(msg)
    heights = intensity.astype(np.float64)
    bins = np.rint(two_theta / resolution)
    usable = (heights > 0) & (bins > 0) & (two_theta < 180)
    if not usable.any() or not np.isfinite(heights.sum()):
        msg = f"none of the {len(two_theta)} peaks lies between 0° and 180° and has a finite intensity above 0"
        raise UsageError(msg)
    # sorted by height within a bin, because a sum of floats depends on the order of its terms
    order = np.lexsort((heights[usable], bins[usable]))
    sorted_bins = bins[usable][order]
    starts = np.flatnonzero(np.diff(sorted_bins, prepend=0.0))
    occupied = sorted_bins[starts]
    sums = np.add.reduceat(heights[usable][order], starts)
    theta = np.radians(np.minimum(occupied * resolution, 180.0) / 2)
    q = (2 * np.sin(theta) / wavelength) ** 2
    tolerance = 2 * np.sin(2 * theta) / wavelength**2 * np.radians(resolution / 2)
    peaks = PeakList(q, np.maximum(tolerance, MIN_RELATIVE_TOLERANCE * q), sums / sums.max())
    return peaks.above(min_relative_intensity)
