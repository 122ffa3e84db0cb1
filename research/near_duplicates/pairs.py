"""Exact searches for all pairs of patterns within a tolerance, in images, profiles and peak lists.

A cheap test that every pair within the tolerance passes leaves few candidates, which are then compared in full.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from research.near_duplicates.comparing import Index, PeakLists, close_lists, close_pooled, close_rows, heavy_windows
from xrdsym.common.progress import progress_bar

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from xrdsym.diffraction.peaks_table import PeakArrays
    from xrdsym.encoding.encoder import InputEncoder

ROWS_AT_ONCE = 1000
HEAD = 32
"""Bytes of a row that are compared first; these bytes of all rows fit into the processor's cache."""
ROUNDING = 1e-6
"""Above the rounding error of float32 for numbers up to 1."""
POOL = 10
"""Number of points of a profile that the first comparison replaces by their maximum."""


class Pairs(NamedTuple):
    """Pairs of patterns, each once.

    Attributes:
        first: The lower position of each pair, int64 (m,).
        second: The higher position, int64 (m,).
        distance: The distance of the two patterns, float64 (m,); 0 from a search without a distance.
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    distance: NDArray[np.float64]

    def take(self, kept: NDArray[np.bool_]) -> Pairs:
        """Select pairs by a mask, bool (m,)."""
        return Pairs(self.first[kept], self.second[kept], self.distance[kept])


def image_pairs(rows: NDArray[np.uint8], limit: int) -> Pairs:
    """Find all pairs of images that differ by at most a limit in every byte.

    Args:
        rows: uint8 (n, bytes), one image each.
        limit: Grey levels, 0 to 255.

    Returns:
        The pairs; their distance is the largest difference of their bytes.
    """
    # bytes with the largest variance come first, as they separate images soonest
    order = np.argsort(-rows.std(axis=0), kind="stable")
    ordered = np.ascontiguousarray(rows[:, order])
    head = np.ascontiguousarray(ordered[:, :HEAD])
    return _collect(len(rows), lambda span, output: close_rows(head, ordered, limit, span, output), "images")


def profile_pairs(peaks: PeakArrays, encoder: InputEncoder, limit: float) -> Pairs:
    """Find all pairs of profiles that differ by at most a limit at every point of the grid.

    At the maximum of one profile, which is 1, the other profile is at least 1 - limit; this gives the candidates. The
    maxima of groups of points differ by at most the limit as well; this excludes most candidates before their points
    are compared.

    Args:
        peaks: The patterns, each with a peak on the grid.
        encoder: Encoder of the profiles.
        limit: Relative to the strongest point, below 1.

    Returns:
        The pairs; their distance is the largest difference of their points.
    """
    count = len(peaks.material_ids)
    strongest = np.empty(count, dtype=np.int64)
    pooled = np.empty((count, -(-encoder.grid.points // POOL)), dtype=np.uint8)
    keys, members = [], []
    for begin in range(0, count, ROWS_AT_ONCE):
        rows = _profiles(peaks, encoder, np.arange(begin, min(begin + ROWS_AT_ONCE, count)))
        strongest[begin : begin + len(rows)] = rows.argmax(axis=1)
        maxima = np.maximum.reduceat(rows, np.arange(0, rows.shape[1], POOL), axis=1)
        pooled[begin : begin + len(rows)] = np.floor(255.0 * maxima)
        row, point = np.nonzero(rows >= 1.0 - limit - ROUNDING)
        keys.append(point)
        members.append(row + begin)
    index = Index(strongest, *_buckets(np.concatenate(keys), np.concatenate(members), encoder.grid.points))
    # rounding down to whole numbers can add 1 to the difference
    levels = math.floor(255.0 * limit) + 1
    candidates = _collect(count, lambda span, output: close_pooled(pooled, index, levels, span, output), "profiles")
    distance = np.empty(len(candidates.first))
    for begin in range(0, len(distance), ROWS_AT_ONCE):
        here = slice(begin, begin + ROWS_AT_ONCE)
        both = np.stack([candidates.first[here], candidates.second[here]])
        needed, places = np.unique(both, return_inverse=True)
        rows = _profiles(peaks, encoder, needed)
        first, second = places.reshape(both.shape)
        distance[here] = np.abs(rows[first] - rows[second]).max(axis=1)
    return Pairs(candidates.first, candidates.second, distance).take(distance <= limit)


def peak_pairs(peaks: PeakArrays, position: float, intensity: float) -> Pairs:
    """Find all pairs of peak lists that agree within tolerances of position and intensity.

    Both lists are scaled to the same sum of intensities, so that a split peak counts as much as the whole one. They are
    traversed in the order of 2θ. The intensity of a peak is matched with intensity of the other list within `position`.
    The unmatched rest of a peak may be at most `intensity` times the strongest peak of the two lists, and a rest within
    that limit is dropped at once.

    Args:
        peaks: The patterns.
        position: Degrees 2θ, above 0.
        intensity: Relative to the strongest peak, below 1.

    Returns:
        The pairs, all with the distance 0.
    """
    begins, counts = peaks.offsets[:-1], np.diff(peaks.offsets)
    sums = np.add.reduceat(peaks.intensity, begins, dtype=np.float64)
    shares = peaks.intensity / np.repeat(sums, counts)
    strongest = np.maximum.reduceat(shares, begins)
    lists = PeakLists(peaks.offsets, peaks.two_theta, shares, strongest)
    # slightly wider than twice the tolerance, so that the range around a peak covers at most two neighbouring intervals
    width = 2.1 * position
    empty = np.empty(0, dtype=np.int64)
    entries = heavy_windows(lists, width, intensity, empty, empty)
    keys, members = np.empty(entries, dtype=np.int64), np.empty(entries, dtype=np.int64)
    heavy_windows(lists, width, intensity, keys, members)
    is_strongest = np.flatnonzero(shares == np.repeat(strongest, counts))
    places = peaks.two_theta[is_strongest[np.searchsorted(is_strongest, begins)]]
    # intervals are numbered from -1, buckets from 0
    bucket = np.floor((places - 1.02 * position) / width).astype(np.int64) + 1
    index = Index(bucket, *_buckets(keys + 1, members, int(max(keys.max() + 1, bucket.max())) + 1))
    tolerances = (position, intensity)
    return _collect(len(counts), lambda span, output: close_lists(lists, index, tolerances, span, output), "peak lists")


def _profiles(peaks: PeakArrays, encoder: InputEncoder, rows: NDArray[np.int64]) -> NDArray[np.float32]:
    part = peaks.take(rows)
    return encoder.profiles(part.offsets, part.two_theta, part.intensity)


def _collect(count: int, search: Callable[[tuple[int, int], NDArray[np.float64]], int], what: str) -> Pairs:
    """Collect the pairs of all rows; `search` writes those of a span as far as they fit and returns their number."""
    output = np.empty((100_000, 3))
    parts = [np.empty((0, 3))]
    with progress_bar(total=count, description=f"comparing {what}") as bar:
        for begin in range(0, count, ROWS_AT_ONCE):
            end = min(begin + ROWS_AT_ONCE, count)
            pairs = search((begin, end), output)
            if pairs > len(output):
                output = np.empty((pairs, 3))
                search((begin, end), output)
            parts.append(output[:pairs].copy())
            bar.update(end - begin)
    table = np.concatenate(parts)
    ends = table[:, :2].astype(np.int64)
    return Pairs(ends.min(axis=1), ends.max(axis=1), table[:, 2].copy())


def _buckets(
    keys: NDArray[np.int64], members: NDArray[np.int64], count: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Sort members by key: those of key k are `members[starts[k] : starts[k + 1]]`."""
    starts = np.append(0, np.cumsum(np.bincount(keys, minlength=count)))
    return starts, members[np.argsort(keys, kind="stable")]
