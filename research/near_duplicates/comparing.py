"""Compiled: patterns compared with each other, each pair only as far as it takes to tell the two apart.

The searches go through a span of the patterns, write first, second and distance of the pairs that they find into
`found`, float64 (room, 3), as far as there is room, and return the number of pairs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray


class PeakLists(NamedTuple):
    """The peaks of many patterns, end to end.

    Attributes:
        offsets: int64 (n + 1,): the peaks of pattern i are `offsets[i]` to `offsets[i + 1]`.
        two_theta: float64 (peaks,), degrees, ascending within a pattern.
        shares: float64 (peaks,), of the sum of the pattern's intensities.
        strongest: The largest share of each pattern, float64 (n,).
    """

    offsets: NDArray[np.int64]
    two_theta: NDArray[np.float64]
    shares: NDArray[np.float64]
    strongest: NDArray[np.float64]


class Index(NamedTuple):
    """Which patterns each pattern has to be compared with.

    Attributes:
        wanted: The number of the bucket that holds them, int64 (n,).
        starts: Bucket k holds `members[starts[k]]` to `members[starts[k + 1] - 1]`, int64 (buckets + 1,).
        members: int64 (entries,); no bucket has one twice.
    """

    wanted: NDArray[np.int64]
    starts: NDArray[np.int64]
    members: NDArray[np.int64]


@njit(nogil=True, cache=True)
def close_rows(
    head: NDArray[np.uint8], rows: NDArray[np.uint8], limit: int, span: tuple[int, int], found: NDArray[np.float64]
) -> int:
    """Pairs of a row with any later row of which no two bytes differ by more than `limit`.

    Args:
        head: The first columns of `rows`, side by side in memory, uint8 (n, few).
        rows: uint8 (n, columns).
        limit: Grey levels.
        span: The first row that is compared with the later ones, and the one after the last.
        found: Where the pairs go; their distance is the largest difference.
    """
    pairs, few = 0, head.shape[1]
    # the heads of a span stay in the cache while the others pass by, and views of rows would cost most of the time
    for j in range(span[0] + 1, len(rows)):
        for i in range(span[0], min(span[1], j)):
            k = 0
            while k < few and abs(np.int64(head[i, k]) - np.int64(head[j, k])) <= limit:
                k += 1
            if k == few:
                distance = _farthest(rows[i], rows[j], limit)
                if distance <= limit:
                    pairs = _note(found, pairs, i, j, distance)
    return pairs


@njit(nogil=True, cache=True)
def close_pooled(
    pooled: NDArray[np.uint8],
    index: Index,
    limit: int,
    span: tuple[int, int],
    found: NDArray[np.float64],
) -> int:
    """Pairs of a pattern with any later one that is high where the first is highest, and close in `pooled`.

    Args:
        pooled: uint8 (n, groups).
        index: A pattern wants those that are high where it is highest itself.
        limit: Largest difference in `pooled`.
        span: The first pattern that is compared with later ones, and the one after the last.
        found: Where the pairs go; their distance is that of `pooled`.
    """
    pairs = 0
    for i in range(span[0], span[1]):
        for at in range(index.starts[index.wanted[i]], index.starts[index.wanted[i] + 1]):
            j = index.members[at]
            if j > i:
                distance = _farthest(pooled[i], pooled[j], limit)
                if distance <= limit:
                    pairs = _note(found, pairs, i, j, distance)
    return pairs


@njit(nogil=True, cache=True)
def close_lists(
    lists: PeakLists,
    index: Index,
    tolerances: tuple[float, float],
    span: tuple[int, int],
    found: NDArray[np.float64],
) -> int:
    """Pairs of a peak list with one whose strongest peak has no larger share, and that agrees with it.

    Args:
        lists: The peaks.
        index: A list wants those that have enough where its strongest peak is.
        tolerances: Of positions, degrees 2θ, and of intensities, in units of the strongest peak.
        span: The first list that is compared with others, and the one after the last.
        found: Where the pairs go; their distance is 0.
    """
    pairs = 0
    for i in range(span[0], span[1]):
        for at in range(index.starts[index.wanted[i]], index.starts[index.wanted[i] + 1]):
            j = index.members[at]
            # each pair is met from its side with the stronger peak; from the lower row where both are equal
            ours, theirs = lists.strongest[i], lists.strongest[j]
            from_here = theirs < ours or (theirs == ours and j > i)
            if from_here and _agree(lists, i, j, tolerances):
                pairs = _note(found, pairs, i, j, 0.0)
    return pairs


@njit(nogil=True, cache=True)
def heavy_windows(
    lists: PeakLists, width: float, slack: float, keys: NDArray[np.int64], members: NDArray[np.int64]
) -> int:
    """Where a pattern has at least 1 - slack of its strongest peak within two neighbouring intervals of 2θ.

    Args:
        lists: The peaks, in the order of 2θ.
        width: Of an interval, degrees: number k goes from k · width to (k + 1) · width.
        slack: In units of the strongest peak.
        keys: Where the number of the lower interval goes, -1 or more, int64 (room,).
        members: Where the number of the pattern goes, int64 (room,).

    Returns:
        The number of entries, also where there is no room for them.
    """
    offsets, two_theta, shares, strongest = lists
    entries = 0
    for i in range(len(offsets) - 1):
        # rounding of the sums must not lose an entry
        least = strongest[i] * (1.0 - slack) - 1e-12
        before, sum_before, at = -2, 0.0, offsets[i]
        while at < offsets[i + 1]:
            here, sum_here = int(two_theta[at] // width), 0.0
            while at < offsets[i + 1] and int(two_theta[at] // width) == here:
                sum_here += shares[at]
                at += 1
            joined = sum_before if before == here - 1 else 0.0
            if joined == 0.0 and sum_before >= least:
                entries = _enter(keys, members, entries, before, i)
            if joined + sum_here >= least:
                entries = _enter(keys, members, entries, here - 1, i)
            before, sum_before = here, sum_here
        if sum_before >= least:
            entries = _enter(keys, members, entries, before, i)
    return entries


@njit(nogil=True, cache=True)
def _agree(lists: PeakLists, one: int, other: int, tolerances: tuple[float, float]) -> bool:
    offsets, two_theta, shares, strongest = lists
    reach, least = tolerances[0], tolerances[1] * max(strongest[one], strongest[other])
    i, j = offsets[one], offsets[other]
    end_i, end_j = offsets[one + 1], offsets[other + 1]
    rest_i, rest_j = shares[i], shares[j]
    while i < end_i or j < end_j:
        distance = np.inf if j == end_j else -np.inf if i == end_i else two_theta[j] - two_theta[i]
        if abs(distance) <= reach:
            moved = min(rest_i, rest_j)
            rest_i -= moved
            rest_j -= moved
        elif (distance > 0.0 and rest_i > least) or (distance < 0.0 and rest_j > least):
            return False
        # a peak is done with when nothing worth a mention is left of it, or the other list has gone past its reach
        if i < end_i and (distance > reach or rest_i <= least):
            i += 1
            rest_i = shares[i] if i < end_i else 0.0
        if j < end_j and (distance < -reach or rest_j <= least):
            j += 1
            rest_j = shares[j] if j < end_j else 0.0
    return True


@njit(nogil=True, cache=True)
def _farthest(one: NDArray[np.uint8], other: NDArray[np.uint8], limit: int) -> int:
    """The largest difference of two rows; where it is above the limit, the first one above it."""
    farthest = np.int64(0)
    for k in range(len(one)):
        # int() would leave bytes unsigned in compiled code
        difference = abs(np.int64(one[k]) - np.int64(other[k]))
        if difference > farthest:
            farthest = difference
            if farthest > limit:
                break
    return int(farthest)


@njit(nogil=True, cache=True)
def _note(found: NDArray[np.float64], pairs: int, first: int, second: int, distance: float) -> int:
    if pairs < len(found):
        found[pairs, 0], found[pairs, 1], found[pairs, 2] = first, second, distance
    return pairs + 1


@njit(nogil=True, cache=True)
def _enter(keys: NDArray[np.int64], members: NDArray[np.int64], entries: int, key: int, member: int) -> int:
    if entries < len(keys):
        keys[entries], members[entries] = key, member
    return entries + 1
