"""Compiled: exhaustive comparison of patterns; the comparison of a pair stops at the first sufficient difference.

Each search compares a span of the patterns, writes first position, second position and distance of the pairs to
`output`, float64 (capacity, 3), as far as they fit, and returns the number of pairs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray


class PeakLists(NamedTuple):
    """The peaks of many patterns in concatenated arrays.

    Attributes:
        offsets: int64 (n + 1,): the peaks of pattern i are `offsets[i]` to `offsets[i + 1]`.
        two_theta: float64 (peaks,), degrees, ascending within a pattern.
        shares: Intensities relative to the sum of the pattern's intensities, float64 (peaks,).
        strongest: The largest share of each pattern, float64 (n,).
    """

    offsets: NDArray[np.int64]
    two_theta: NDArray[np.float64]
    shares: NDArray[np.float64]
    strongest: NDArray[np.float64]


class Index(NamedTuple):
    """The candidates with which each pattern is compared.

    Attributes:
        bucket: The bucket of each pattern's candidates, int64 (n,).
        starts: Bucket k contains `members[starts[k]]` to `members[starts[k + 1] - 1]`, int64 (buckets + 1,).
        members: Positions of patterns, int64 (entries,); distinct within a bucket.
    """

    bucket: NDArray[np.int64]
    starts: NDArray[np.int64]
    members: NDArray[np.int64]


@njit(nogil=True, cache=True)
def close_rows(
    head: NDArray[np.uint8], rows: NDArray[np.uint8], limit: int, span: tuple[int, int], output: NDArray[np.float64]
) -> int:
    """Find pairs of a row and a later row that differ by at most `limit` in every byte.

    Args:
        head: The first columns of `rows` in contiguous memory, uint8 (n, few).
        rows: uint8 (n, columns).
        limit: Grey levels.
        span: First row and end of the rows that are compared with later ones.
        output: Receives the pairs; their distance is the largest difference.
    """
    pairs, few = 0, head.shape[1]
    # the heads of a span stay in the cache during the inner loop; creating views of rows would take most of the time
    for j in range(span[0] + 1, len(rows)):
        for i in range(span[0], min(span[1], j)):
            k = 0
            while k < few and abs(np.int64(head[i, k]) - np.int64(head[j, k])) <= limit:
                k += 1
            if k == few:
                distance = _largest_difference(rows[i], rows[j], limit)
                if distance <= limit:
                    pairs = _write_pair(output, pairs, i, j, distance)
    return pairs


@njit(nogil=True, cache=True)
def close_pooled(
    pooled: NDArray[np.uint8],
    index: Index,
    limit: int,
    span: tuple[int, int],
    output: NDArray[np.float64],
) -> int:
    """Find pairs of a pattern and a later candidate that differ by at most `limit` in `pooled`.

    Args:
        pooled: uint8 (n, groups).
        index: The candidates of a pattern are those with a high value at the pattern's maximum.
        limit: Largest difference in `pooled`.
        span: First pattern and end of the patterns that are compared with later ones.
        output: Receives the pairs; their distance is that of `pooled`.
    """
    pairs = 0
    for i in range(span[0], span[1]):
        for at in range(index.starts[index.bucket[i]], index.starts[index.bucket[i] + 1]):
            j = index.members[at]
            if j > i:
                distance = _largest_difference(pooled[i], pooled[j], limit)
                if distance <= limit:
                    pairs = _write_pair(output, pairs, i, j, distance)
    return pairs


@njit(nogil=True, cache=True)
def close_lists(
    lists: PeakLists,
    index: Index,
    tolerances: tuple[float, float],
    span: tuple[int, int],
    output: NDArray[np.float64],
) -> int:
    """Find pairs of peak lists that agree within tolerances.

    Args:
        lists: The peaks.
        index: The candidates of a list are those with enough intensity at its strongest peak.
        tolerances: Tolerance of positions, degrees 2θ, and of intensities, relative to the strongest peak.
        span: First list and end of the lists that are compared with their candidates.
        output: Receives the pairs; their distance is 0.
    """
    pairs = 0
    for i in range(span[0], span[1]):
        for at in range(index.starts[index.bucket[i]], index.starts[index.bucket[i] + 1]):
            j = index.members[at]
            # each pair is compared once, from the list with the stronger peak, or from the first one if they are equal
            own, other = lists.strongest[i], lists.strongest[j]
            is_first = other < own or (other == own and j > i)
            if is_first and _agree(lists, i, j, tolerances):
                pairs = _write_pair(output, pairs, i, j, 0.0)
    return pairs


@njit(nogil=True, cache=True)
def heavy_windows(
    lists: PeakLists, width: float, slack: float, keys: NDArray[np.int64], members: NDArray[np.int64]
) -> int:
    """Find pairs of neighbouring 2θ intervals that contain at least 1 - slack of a pattern's strongest peak.

    Args:
        lists: The peaks, in the order of 2θ.
        width: Width of an interval, degrees: number k reaches from k · width to (k + 1) · width.
        slack: Relative to the strongest peak.
        keys: Receives the number of the lower interval, -1 or more, int64 (capacity,).
        members: Receives the position of the pattern, int64 (capacity,).

    Returns:
        The number of entries, including those that do not fit.
    """
    offsets, two_theta, shares, strongest = lists
    entries = 0
    for i in range(len(offsets) - 1):
        # a margin, so that rounding of the sums loses no entry
        least = strongest[i] * (1.0 - slack) - 1e-12
        before, sum_before, at = -2, 0.0, offsets[i]
        while at < offsets[i + 1]:
            here, sum_here = int(two_theta[at] // width), 0.0
            while at < offsets[i + 1] and int(two_theta[at] // width) == here:
                sum_here += shares[at]
                at += 1
            joined = sum_before if before == here - 1 else 0.0
            if joined == 0.0 and sum_before >= least:
                entries = _write_entry(keys, members, entries, before, i)
            if joined + sum_here >= least:
                entries = _write_entry(keys, members, entries, here - 1, i)
            before, sum_before = here, sum_here
        if sum_before >= least:
            entries = _write_entry(keys, members, entries, before, i)
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
        # go to the next peak when the rest of this one is negligible, or when the other list is beyond its reach
        if i < end_i and (distance > reach or rest_i <= least):
            i += 1
            rest_i = shares[i] if i < end_i else 0.0
        if j < end_j and (distance < -reach or rest_j <= least):
            j += 1
            rest_j = shares[j] if j < end_j else 0.0
    return True


@njit(nogil=True, cache=True)
def _largest_difference(one: NDArray[np.uint8], other: NDArray[np.uint8], limit: int) -> int:
    """The largest difference of two rows, or the first difference above the limit."""
    largest = np.int64(0)
    for k in range(len(one)):
        # int() leaves bytes unsigned in compiled code
        difference = abs(np.int64(one[k]) - np.int64(other[k]))
        if difference > largest:
            largest = difference
            if largest > limit:
                break
    return int(largest)


@njit(nogil=True, cache=True)
def _write_pair(output: NDArray[np.float64], pairs: int, first: int, second: int, distance: float) -> int:
    if pairs < len(output):
        output[pairs, 0], output[pairs, 1], output[pairs, 2] = first, second, distance
    return pairs + 1


@njit(nogil=True, cache=True)
def _write_entry(keys: NDArray[np.int64], members: NDArray[np.int64], entries: int, key: int, member: int) -> int:
    if entries < len(keys):
        keys[entries], members[entries] = key, member
    return entries + 1
