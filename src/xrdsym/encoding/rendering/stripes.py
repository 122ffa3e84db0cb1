"""Images of one row of points stretched over the square, pixel for pixel as Agg resamples their colours.

A pixel is floor(255 · Σ w c / Σ w) over the colours c of its points. Agg's weight is the integer
w = (w_down · w_across + 2¹³) >> 14, and the only row of points counts twice, as it is mirrored. The rows of an image
therefore differ only by the rounding of the weights. One row computed with w_across alone is exact wherever a bound on
that rounding shows that the floor cannot change; the other pixels are summed in Agg's order.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from xrdsym.encoding.rendering.geometry import Taps, taps_across, taps_down

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROUNDING = 1e-9
"""Far above the rounding errors of a sum of colours in float64, far below the difference of two distinct sums."""


class StripePlan(NamedTuple):
    """Data common to all images with one number of points, side and colormap.

    Attributes:
        table: Colours, float64 (bins, 3).
        source: The point at each place of the mirrored axis, int64 (extended,).
        start: First place of each column, int64 (side,).
        across: Weights of the places of each column, float64 (side, taps), whole numbers.
        cumulative: Their cumulative sums, starting with 0, float64 (side, taps + 1).
        down: The two weights down of each distinct row, float64 (2, rows), whole numbers.
        row_of: The distinct row of each row of the image, int64 (side,).
        slack: Largest change of a pixel by the rounding of weights if its colours differ by 1, float64 (side,).
        background: The image of a profile without peaks, uint8 (side, side, 3).
    """

    table: NDArray[np.float64]
    source: NDArray[np.int64]
    start: NDArray[np.int64]
    across: NDArray[np.float64]
    cumulative: NDArray[np.float64]
    down: NDArray[np.float64]
    row_of: NDArray[np.int64]
    slack: NDArray[np.float64]
    background: NDArray[np.uint8]


def plan_stripes(points: int, side: int, table: NDArray[np.float64]) -> StripePlan:
    """Compute the data that is common to all images of `points` values.

    Args:
        points: Number of points of a profile.
        side: Pixels along one side.
        table: Colours, float64 (bins, 3), in [0, 1].
    """
    columns, rows = taps_across((1, points), side), taps_down((1, points), side)
    across = columns.weights.astype(np.float64)
    distinct, row_of = np.unique(_pairs(rows), axis=0, return_inverse=True)
    down = np.ascontiguousarray(distinct.T.astype(np.float64))
    background = np.empty((len(distinct), side, 3), dtype=np.uint8)
    for column in range(side):
        for channel in range(3):
            colours = np.full(across.shape[1], table[0, channel])
            _resum_column(colours, across[column], down, background[:, column, channel])
    return StripePlan(
        table=table,
        source=columns.source,
        start=columns.start,
        across=across,
        cumulative=np.concatenate([np.zeros((side, 1)), np.cumsum(across, axis=1)], axis=1),
        down=down,
        row_of=row_of.reshape(-1),
        slack=_slack(across, down),
        background=background[row_of.reshape(-1)],
    )


def _pairs(rows: Taps) -> NDArray[np.int64]:
    """The first two weights of each row; a filter that is not widened has no third one."""
    return rows.weights[:, :2]


@njit(nogil=True, cache=True)
def _weight(down: float, across: float) -> float:
    # equal to Agg's integer arithmetic, in a form that compiles to vector instructions
    return math.floor((down * across + 8192.0) * (1.0 / 16384.0))


@njit(nogil=True, cache=True)
def _slack(across: NDArray[np.float64], down: NDArray[np.float64]) -> NDArray[np.float64]:
    slack = np.zeros(across.shape[0])
    weights = np.empty(across.shape[1])
    for column in range(across.shape[0]):
        ideal = across[column].sum()
        for row in range(down.shape[1]):
            for tap in range(across.shape[1]):
                weights[tap] = _weight(down[0, row], across[column, tap])
                weights[tap] += _weight(down[1, row], across[column, tap])
            total = weights.sum()
            difference = 0.0
            for tap in range(across.shape[1]):
                difference += abs(weights[tap] / total - across[column, tap] / ideal)
            # both sets of weights sum to 1, so the change is at most half of the difference times the colours' spread
            slack[column] = max(slack[column], 255.0 * difference / 2.0)
    return slack


@njit(nogil=True, cache=True)
def _resum_column(
    colours: NDArray[np.float64],
    across: NDArray[np.float64],
    down: NDArray[np.float64],
    pixels: NDArray[np.uint8],
) -> None:
    """Sum one channel of one column in Agg's order for every distinct row, into `pixels`, uint8 (rows,)."""
    sums = np.zeros(down.shape[1])
    totals = np.zeros(down.shape[1])
    for mirror in range(2):
        weights_down = down[mirror]
        for tap in range(len(colours)):
            colour, weight_across = colours[tap], across[tap]
            for row in range(len(sums)):
                weight = _weight(weights_down[row], weight_across)
                sums[row] += colour * weight
                totals[row] += weight
    for row in range(len(sums)):
        pixels[row] = int(sums[row] / totals[row] * 255.0)


@njit(nogil=True, cache=True)
def stripe_images(indices: NDArray[np.int16], plan: StripePlan, images: NDArray[np.uint8]) -> None:
    """Render profiles as stripes.

    Args:
        indices: The entry of each point in the colour table, int16 (n, points).
        plan: The result of `plan_stripes` for this number of points.
        images: The output, uint8 (n, side, 3 · side): red, green and blue of each pixel of a row.
    """
    side, taps = plan.across.shape
    places = np.empty(len(plan.source), dtype=np.int16)
    starts = np.empty(len(plan.source) + 1, dtype=np.int64)
    base = np.empty(3 * side, dtype=np.uint8)
    unsure = np.empty(3 * side, dtype=np.int64)
    colours = np.empty(taps)
    pixels = np.empty(plan.down.shape[1], dtype=np.uint8)
    for image in range(len(indices)):
        for place in range(len(places)):
            places[place] = indices[image, plan.source[place]]
        _find_runs(places, starts)
        doubts = _shared_row(places, starts, plan, base, unsure)
        for row in range(side):
            for sample in range(3 * side):
                images[image, row, sample] = base[sample]
        for sample in unsure[:doubts]:
            column, channel = divmod(sample, 3)
            first = plan.start[column]
            highest = 0
            for tap in range(taps):
                colours[tap] = plan.table[places[first + tap], channel]
                highest = max(highest, places[first + tap])
            if highest == 0:
                images[image, :, sample] = plan.background[:, column, channel]
                continue
            _resum_column(colours, plan.across[column], plan.down, pixels)
            for row in range(side):
                images[image, row, sample] = pixels[plan.row_of[row]]


@njit(nogil=True, cache=True)
def _find_runs(places: NDArray[np.int16], starts: NDArray[np.int64]) -> None:
    """Write the start of each run of equal colours, and the end of the last one, to `starts`."""
    count = 1
    starts[0] = 0
    for place in range(1, len(places)):
        if places[place] != places[place - 1]:
            starts[count] = place
            count += 1
    starts[count] = len(places)


@njit(nogil=True, cache=True)
def _shared_row(
    places: NDArray[np.int16],
    starts: NDArray[np.int64],
    plan: StripePlan,
    base: NDArray[np.uint8],
    unsure: NDArray[np.int64],
) -> int:
    """Write the row that all rows share except for the samples in `unsure`; return the number of these samples."""
    taps = plan.across.shape[1]
    sums, lows, highs = np.empty(3), np.empty(3), np.empty(3)
    doubts = run = 0
    for column in range(len(plan.start)):
        first = plan.start[column]
        while starts[run + 1] <= first:
            run += 1
        for channel in range(3):
            sums[channel] = 0.0
            lows[channel] = highs[channel] = plan.table[places[first], channel]
        here, at = run, 0
        while at < taps:
            end = min(starts[here + 1] - first, taps)
            weight = plan.cumulative[column, end] - plan.cumulative[column, at]
            for channel in range(3):
                colour = plan.table[places[starts[here]], channel]
                sums[channel] += weight * colour
                lows[channel] = min(lows[channel], colour)
                highs[channel] = max(highs[channel], colour)
            at = end
            here += 1
        for channel in range(3):
            value = sums[channel] / plan.cumulative[column, taps] * 255.0
            whole = math.floor(value)
            base[3 * column + channel] = whole
            spread = highs[channel] - lows[channel]
            if spread == 0.0 and value in (0.0, 255.0):
                continue
            margin = plan.slack[column] * spread + ROUNDING
            if value - whole < margin or whole + 1.0 - value < margin:
                unsure[doubts] = 3 * column + channel
                doubts += 1
    return doubts
