"""Search: which known structures have the peaks of a pattern, whatever their size.

On an axis of ln sin θ a crystal with larger lattice constants has the same peaks a little further down. The peaks of a
pattern are therefore compared with those of each structure at several shifts.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from xrdsym.models.baselines.rows import unit_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

BINS = 700
"""Along ln sin θ; between 5° and 90° one is 0.4 % of d."""
STRONGEST = 24
"""Peaks of a structure that are kept, and of a pattern that are compared."""
WIDTH = 2.0
"""Standard deviation of a peak, bins: lattice constants do not all differ from a measured crystal's by one factor."""
SHIFT = 8
"""Bins to either side that a pattern is shifted: 3.2 % of d. Structures relaxed with PBE are about 1 % larger."""
MOST_SIMILAR = 10
"""Structures that have a weight in the result."""
HEIGHT_BITS = 6
"""For the square root of a peak's intensity; the other ten of sixteen are for its bin."""
HIGHEST = 2**HEIGHT_BITS - 1
QUERIES = 16
ROWS = 4096


@dataclass(frozen=True, eq=False)
class Library:
    """The strongest peaks of structures.

    Attributes:
        two_theta_min: Where the axis begins, degrees.
        two_theta_max: Where it ends, degrees.
        peaks: uint16 (n, `STRONGEST`): bin · 2⁶ + height of each peak, by bin; 0 where a structure has fewer.
        labels: The class of each structure, uint8 (n,).
    """

    two_theta_min: float
    two_theta_max: float
    peaks: NDArray[np.uint16]
    labels: NDArray[np.uint8]

    def most_similar(
        self, patterns: Sequence[tuple[NDArray[np.float64], NDArray[np.float64]]]
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The structures most similar to each pattern.

        Args:
            patterns: Angles in degrees and heights of the peaks of each.

        Returns:
            rows: int64 (n, m), the most similar first; m is `MOST_SIMILAR`, or as many as there are.
            similarity: float32 (n, m), the cosine at the best shift, 0 to 1.
        """
        count = min(MOST_SIMILAR, len(self.peaks))
        rows, similarity = np.zeros((len(patterns), count), np.int64), np.zeros((len(patterns), count), np.float32)
        for first in range(0, len(patterns), QUERIES):
            here = slice(first, first + QUERIES)
            packed = np.stack([packed_peaks(*one, self.two_theta_min, self.two_theta_max) for one in patterns[here]])
            shifted = np.concatenate([smeared(packed, shift) for shift in range(-SHIFT, SHIFT + 1)])
            cosines = np.empty((len(packed), len(self.peaks)), np.float32)
            for begin in range(0, len(self.peaks), ROWS):
                block = shifted @ self._smeared[begin : begin + ROWS].T
                cosines[:, begin : begin + ROWS] = block.reshape(-1, len(packed), block.shape[1]).max(axis=0)
            best = np.argpartition(-cosines, count - 1, axis=1)[:, :count]
            values = np.take_along_axis(cosines, best, axis=1)
            # of equally similar ones the first
            order = np.lexsort((best, -values), axis=1)
            rows[here] = np.take_along_axis(best, order, axis=1)
            similarity[here] = np.take_along_axis(values, order, axis=1)
        return rows, similarity

    @cached_property
    def _smeared(self) -> NDArray[np.float32]:
        return np.concatenate([smeared(self.peaks[first : first + ROWS]) for first in range(0, len(self.peaks), ROWS)])


def packed_peaks(
    two_theta: NDArray[np.float64], height: NDArray[np.float64], two_theta_min: float, two_theta_max: float
) -> NDArray[np.uint16]:
    """The strongest peaks within the axis as a row of `Library.peaks`, uint16 (`STRONGEST`,)."""
    low, high = (np.log(np.sin(np.radians(angle / 2))) for angle in (two_theta_min, two_theta_max))
    inside = (two_theta >= two_theta_min) & (two_theta < two_theta_max) & (height > 0)
    bins = ((np.log(np.sin(np.radians(two_theta[inside] / 2))) - low) / (high - low) * BINS).astype(np.int64)
    row = np.zeros(BINS)
    np.maximum.at(row, np.minimum(bins, BINS - 1), np.sqrt(height[inside]))
    heights = np.rint(row / max(row.max(), np.finfo(np.float64).tiny) * HIGHEST).astype(np.int64)
    strongest = np.sort(np.argsort(-heights, kind="stable")[:STRONGEST])
    places = strongest[heights[strongest] > 0]
    packed = np.zeros(STRONGEST, np.uint16)
    packed[: len(places)] = (places << HEIGHT_BITS) + heights[places]
    return packed


def smeared(packed: NDArray[np.uint16], shift: int = 0) -> NDArray[np.float32]:
    """Rows of `Library.peaks` as profiles of length 1, float32 (n, `BINS`), all peaks shifted by `shift` bins."""
    heights = (packed & HIGHEST).astype(np.float32)
    bins = (packed >> HEIGHT_BITS).astype(np.int64) + shift
    kept = (heights > 0) & (bins >= 0) & (bins < BINS)
    rows = np.zeros((len(packed), BINS), np.float32)
    rows[np.nonzero(kept)[0], bins[kept]] = heights[kept]
    return unit_rows(gaussian_filter1d(rows, WIDTH, axis=1))
