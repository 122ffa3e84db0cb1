"""Search: which known structures have the lines of a pattern, whatever their size.

On an axis of ln sin θ a crystal with larger lattice constants has the same lines a little further down, so that the
lines of a pattern are compared with those of each structure at several shifts.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from xrdsym.models.baselines.simple import unit_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

BINS = 700
"""Along ln sin θ; between 5° and 90° one is 0.4 % of d."""
STRONGEST = 24
"""PeakList of a structure that are kept, and of a pattern that are compared."""
WIDTH = 2.0
"""Standard deviation of a line, bins: lattice constants differ from those of a measured crystal not by one factor."""
SHIFT = 8
"""Bins to either side that a pattern is moved: 3.2 % of d. Structures relaxed with PBE are larger by about 1 %."""
ALIKE = 10
"""Structures that are looked at, the most alike."""
HEIGHT_BITS = 6
"""For the square root of a line's intensity; the other ten of sixteen are for its bin."""
HIGHEST = 2**HEIGHT_BITS - 1
QUERIES = 16
ROWS = 4096


@dataclass(frozen=True, eq=False)
class Library:
    """The strongest lines of structures.

    Attributes:
        two_theta_min: Where the axis begins, degrees.
        two_theta_max: Where it ends, degrees.
        lines: uint16 (n, `STRONGEST`): bin · 2⁶ + height of each line, by bin; 0 where a structure has fewer.
        labels: The class of each structure, uint8 (n,).
    """

    two_theta_min: float
    two_theta_max: float
    lines: NDArray[np.uint16]
    labels: NDArray[np.uint8]

    def alike(
        self, patterns: Sequence[tuple[NDArray[np.float64], NDArray[np.float64]]]
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The structures most alike to each pattern, and how alike they are.

        Args:
            patterns: Angles in degrees and heights of the lines of each.

        Returns:
            rows: int64 (n, m), the most alike first; m is `ALIKE`, or as many as there are.
            similarity: float32 (n, m), the cosine at the best shift, 0 to 1.
        """
        count = min(ALIKE, len(self.lines))
        rows, similarity = np.zeros((len(patterns), count), np.int64), np.zeros((len(patterns), count), np.float32)
        for first in range(0, len(patterns), QUERIES):
            here = slice(first, first + QUERIES)
            packed = np.stack([packed_lines(*one, self.two_theta_min, self.two_theta_max) for one in patterns[here]])
            moved = np.concatenate([smeared(packed, shift) for shift in range(-SHIFT, SHIFT + 1)])
            found = np.empty((len(packed), len(self.lines)), np.float32)
            for begin in range(0, len(self.lines), ROWS):
                cosines = moved @ self._smeared[begin : begin + ROWS].T
                found[:, begin : begin + ROWS] = cosines.reshape(-1, len(packed), cosines.shape[1]).max(axis=0)
            best = np.argpartition(-found, count - 1, axis=1)[:, :count]
            values = np.take_along_axis(found, best, axis=1)
            # of equally alike ones the first
            order = np.lexsort((best, -values), axis=1)
            rows[here] = np.take_along_axis(best, order, axis=1)
            similarity[here] = np.take_along_axis(values, order, axis=1)
        return rows, similarity

    @cached_property
    def _smeared(self) -> NDArray[np.float32]:
        return np.concatenate([smeared(self.lines[first : first + ROWS]) for first in range(0, len(self.lines), ROWS)])


def packed_lines(
    two_theta: NDArray[np.float64], height: NDArray[np.float64], two_theta_min: float, two_theta_max: float
) -> NDArray[np.uint16]:
    """The strongest lines as a row of `Library.lines`, uint16 (`STRONGEST`,), those outside of the axis left out."""
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
    """Rows of `Library.lines` as profiles of length 1, float32 (n, `BINS`), all lines moved by `shift` bins."""
    heights = (packed & HIGHEST).astype(np.float32)
    bins = (packed >> HEIGHT_BITS).astype(np.int64) + shift
    kept = (heights > 0) & (bins >= 0) & (bins < BINS)
    rows = np.zeros((len(packed), BINS), np.float32)
    rows[np.nonzero(kept)[0], bins[kept]] = heights[kept]
    return unit_rows(gaussian_filter1d(rows, WIDTH, axis=1))
