"""Which patterns cannot be told apart: exact searches for all pairs within a tolerance, in images, profiles and peaks.

Each search is exact: a cheap test that no pair within the tolerance can fail leaves few candidates, and those are
compared in full.
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
"""Numbers of a row that are compared first; those of all rows together stay in the processor's cache."""
ROUNDING = 1e-6
"""Above what float32 makes of a number up to 1."""
POOL = 10
"""Points of a profile whose maximum stands for them in the first comparison."""


class Pairs(NamedTuple):
    """Pairs of patterns, each once.

    Attributes:
        first: int64 (m,), the lower position of each pair.
        second: int64 (m,), the higher one.
        distance: float64 (m,), how far apart the two are; 0 where a search only says yes or no.
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    distance: NDArray[np.float64]

    def take(self, kept: NDArray[np.bool_]) -> Pairs:
        """The pairs that are kept, bool (m,)."""
        return Pairs(self.first[kept], self.second[kept], self.distance[kept])


def image_pairs(rows: NDArray[np.uint8], limit: int) -> Pairs:
    """All pairs of images none of whose bytes differ by more than a limit.

    Args:
        rows: uint8 (n, bytes), one image each.
        limit: Grey levels, 0 to 255.

    Returns:
        The pairs and the largest difference of their bytes.
    """
    # what differs most between images tells two of them apart soonest
    order = np.argsort(-rows.std(axis=0), kind="stable")
    ordered = np.ascontiguousarray(rows[:, order])
    head = np.ascontiguousarray(ordered[:, :HEAD])
    return _collect(len(rows), lambda span, found: close_rows(head, ordered, limit, span, found), "images")


def profile_pairs(peaks: PeakArrays, encoder: InputEncoder, limit: float) -> Pairs:
    """All pairs of profiles that differ by no more than a limit at any point of the grid.

    Where one profile has its 1, the other has at least 1 - limit: this finds the candidates. The maxima of groups
    of points differ by no more than the points do: this sorts most of them out before the points are compared.

    Args:
        peaks: The patterns, each with a peak on the grid.
        encoder: How profiles are made of them.
        limit: In units of the strongest point, below 1.

    Returns:
        The pairs and the largest difference of their points.
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
    # two numbers no farther apart than the limit may fall on either side of one whole number more
    levels = math.floor(255.0 * limit) + 1
    candidates = _collect(count, lambda span, found: close_pooled(pooled, index, levels, span, found), "profiles")
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
    """All pairs of peak lists that agree within tolerances of position and intensity.

    Both lists are scaled to the same sum of intensities, so that a peak split in two counts as much as the whole.
    They are gone through in the order of 2θ: what one list has at a peak is set against what the other has no
    farther away than `position`, and what is left of a peak in the end may be at most `intensity` times the
    strongest peak of the two lists. A remainder as small as that is forgotten at once.

    Args:
        peaks: The patterns.
        position: Degrees 2θ, above 0.
        intensity: In units of the strongest peak, below 1.

    Returns:
        The pairs, all with the distance 0.
    """
    begins, counts = peaks.offsets[:-1], np.diff(peaks.offsets)
    sums = np.add.reduceat(peaks.intensity, begins, dtype=np.float64)
    shares = peaks.intensity / np.repeat(sums, counts)
    strongest = np.maximum.reduceat(shares, begins)
    lists = PeakLists(peaks.offsets, peaks.two_theta, shares, strongest)
    # a little wider than the reach to both sides of a peak, which so falls into two neighbours at most
    width = 2.1 * position
    empty = np.empty(0, dtype=np.int64)
    entries = heavy_windows(lists, width, intensity, empty, empty)
    keys, members = np.empty(entries, dtype=np.int64), np.empty(entries, dtype=np.int64)
    heavy_windows(lists, width, intensity, keys, members)
    is_strongest = np.flatnonzero(shares == np.repeat(strongest, counts))
    places = peaks.two_theta[is_strongest[np.searchsorted(is_strongest, begins)]]
    # windows are numbered from -1 on, buckets from 0
    wanted = np.floor((places - 1.02 * position) / width).astype(np.int64) + 1
    index = Index(wanted, *_buckets(keys + 1, members, int(max(keys.max() + 1, wanted.max())) + 1))
    tolerances = (position, intensity)
    return _collect(len(counts), lambda span, found: close_lists(lists, index, tolerances, span, found), "peak lists")


def _profiles(peaks: PeakArrays, encoder: InputEncoder, rows: NDArray[np.int64]) -> NDArray[np.float32]:
    taken = peaks.take(rows)
    return encoder.profiles(taken.offsets, taken.two_theta, taken.intensity)


def _collect(count: int, search: Callable[[tuple[int, int], NDArray[np.float64]], int], what: str) -> Pairs:
    """The pairs of all rows; `search` writes those of some rows, and returns their number even if they do not fit."""
    room = np.empty((100_000, 3))
    found = [np.empty((0, 3))]
    with progress_bar(total=count, description=f"comparing {what}") as bar:
        for begin in range(0, count, ROWS_AT_ONCE):
            end = min(begin + ROWS_AT_ONCE, count)
            pairs = search((begin, end), room)
            if pairs > len(room):
                room = np.empty((pairs, 3))
                search((begin, end), room)
            found.append(room[:pairs].copy())
            bar.update(end - begin)
    table = np.concatenate(found)
    ends = table[:, :2].astype(np.int64)
    return Pairs(ends.min(axis=1), ends.max(axis=1), table[:, 2].copy())


def _buckets(
    keys: NDArray[np.int64], members: NDArray[np.int64], count: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Members by key: those of key k are `members[starts[k] : starts[k + 1]]`."""
    starts = np.append(0, np.cumsum(np.bincount(keys, minlength=count)))
    return starts, members[np.argsort(keys, kind="stable")]
