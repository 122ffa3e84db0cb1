"""The lines of a pattern as positions in Q = 1/d², told apart as finely as a measurement tells them apart.

Positions are known to the width of a bin of 2θ and no better: peaks of one bin are one line at its centre, so that
no feature rests on digits that no diffractometer gives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from xrdsym.common.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

RELATIVE_TOLERANCE = 1e-7
"""Smallest tolerance as a share of Q: near 180° the position in 2θ says nothing about the error in Q."""


class PeakList(NamedTuple):
    """PeakList in ascending order.

    Attributes:
        q: Q = 1/d² = (2 sin θ / λ)², float64 (n,), Å⁻².
        tolerance: What half a bin of 2θ amounts to in Q, float64 (n,), Å⁻².
        intensity: Relative to the strongest line, float64 (n,).
    """

    q: NDArray[np.float64]
    tolerance: NDArray[np.float64]
    intensity: NDArray[np.float64]

    def above(self, floor: float) -> PeakList:
        """The lines of at least this share of the strongest."""
        kept = self.intensity >= floor
        return PeakList(self.q[kept], self.tolerance[kept], self.intensity[kept])


def merge_peaks(
    two_theta: NDArray[np.float64],
    intensity: NDArray[np.floating],
    *,
    resolution: float,
    floor: float,
    wavelength: float,
) -> PeakList:
    """The lines of a peak list, whatever its order.

    Args:
        two_theta: Float64 (n,), degrees, between 0 and 180.
        intensity: Floating (n,), on any scale; peaks of no intensity are left out.
        resolution: Width of the bins in degrees; they are centred on its multiples and their intensities add up.
        floor: PeakList weaker than this share of the strongest line are left out.
        wavelength: In Å.

    Raises:
        UsageError: The lists differ in length, no peak has an intensity, or a number is out of its range.
    """
    if two_theta.shape != intensity.shape or two_theta.ndim != 1:
        msg = f"a peak list needs one intensity for each 2θ, these have shapes {intensity.shape} and {two_theta.shape}"
        raise UsageError(msg)
    if not (resolution > 0 and wavelength > 0 and 0 <= floor < 1):
        msg = (
            f"lines are told apart at {resolution:g}° for {wavelength:g} Å with a floor of {floor:g}: the first two "
            "must be above 0 and the floor at least 0 and below 1"
        )
        raise UsageError(msg)
    heights = intensity.astype(np.float64)
    bins = np.rint(two_theta / resolution)
    usable = (heights > 0) & (bins > 0) & (two_theta < 180)
    if not usable.any() or not np.isfinite(heights.sum()):
        msg = f"none of the {len(two_theta)} peaks lies between 0 and 180° with a finite intensity above 0"
        raise UsageError(msg)
    # by height within a bin: a sum of floats must not hang on the order of the list
    order = np.lexsort((heights[usable], bins[usable]))
    sorted_bins = bins[usable][order]
    starts = np.flatnonzero(np.diff(sorted_bins, prepend=0.0))
    occupied = sorted_bins[starts]
    sums = np.add.reduceat(heights[usable][order], starts)
    theta = np.radians(np.minimum(occupied * resolution, 180.0) / 2)
    q = (2 * np.sin(theta) / wavelength) ** 2
    tolerance = 2 * np.sin(2 * theta) / wavelength**2 * np.radians(resolution / 2)
    lines = PeakList(q, np.maximum(tolerance, RELATIVE_TOLERANCE * q), sums / sums.max())
    return lines.above(floor)
