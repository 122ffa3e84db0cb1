"""Images of a square of points, pixel for pixel as Agg resamples their colours.

Neighbouring pixels share their points. Most points of a pattern have the same colour, which gives a block of pixels at
once; other pixels are summed in Agg's order.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from xrdsym.encoding.rendering.colours import as_bytes
from xrdsym.encoding.rendering.geometry import taps_across, taps_down

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROUNDING = 1e-9
"""Far above the rounding errors of a mean of equal colours."""


class RasterPlan(NamedTuple):
    """Data common to all images with one number of points, side and colormap.

    Attributes:
        table: Colours, float64 (bins, 3).
        flat: The pixel over points that all have one colour, uint8 (bins, 3).
        certain: True if rounding cannot change that pixel, bool (bins,).
        rows: The point at each place of the mirrored axis down, int64 (extended,).
        columns: The same across.
        row_start: First place of each row of pixels, int64 (side,).
        column_start: First place of each column of pixels, int64 (side,).
        row_blocks: First row of each block of rows with the same points, and `side`, int64 (blocks + 1,).
        column_blocks: The same for columns.
        down: Weights of the places of each row, float64 (side, taps), whole numbers.
        across: Weights of the places of each column, float64 (side, taps), whole numbers.
    """

    table: NDArray[np.float64]
    flat: NDArray[np.uint8]
    certain: NDArray[np.bool_]
    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    row_start: NDArray[np.int64]
    column_start: NDArray[np.int64]
    row_blocks: NDArray[np.int64]
    column_blocks: NDArray[np.int64]
    down: NDArray[np.float64]
    across: NDArray[np.float64]


def plan_rasters(shape: tuple[int, int], side: int, table: NDArray[np.float64]) -> RasterPlan:
    """Compute the data that is common to all images of (rows, columns) values.

    Args:
        shape: Rows and columns of points.
        side: Pixels along one side.
        table: Colours, float64 (bins, 3), in [0, 1].
    """
    rows, columns = taps_down(shape, side), taps_across(shape, side)
    scaled = table * 255
    away = np.abs(scaled - np.rint(scaled)) > ROUNDING
    exact = (table == 0.0) | (table == 1.0)
    return RasterPlan(
        table=table,
        flat=as_bytes(table),
        certain=(away | exact).all(axis=1),
        rows=rows.source,
        columns=columns.source,
        row_start=rows.start,
        column_start=columns.start,
        row_blocks=_blocks(rows.start),
        column_blocks=_blocks(columns.start),
        down=rows.weights.astype(np.float64),
        across=columns.weights.astype(np.float64),
    )


def _blocks(start: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.concatenate([[0], np.flatnonzero(np.diff(start)) + 1, [len(start)]]).astype(np.int64)


@njit(nogil=True, cache=True)
def raster_images(indices: NDArray[np.int16], plan: RasterPlan, images: NDArray[np.uint8]) -> None:
    """Render squares of points.

    Args:
        indices: The entry of each point in the colour table, int16 (n, rows, columns).
        plan: The result of `plan_rasters` for this number of points.
        images: The output, uint8 (n, side, 3 · side): red, green and blue of each pixel of a row.
    """
    places = np.empty((len(plan.rows), len(plan.columns)), dtype=np.int16)
    for image in range(len(indices)):
        for row in range(places.shape[0]):
            for column in range(places.shape[1]):
                places[row, column] = indices[image, plan.rows[row], plan.columns[column]]
        _fill_ground(plan, images[image])
        _draw(places, plan, images[image])


@njit(nogil=True, cache=True)
def _fill_ground(plan: RasterPlan, image: NDArray[np.uint8]) -> None:
    """Give all pixels the colour of the smallest value, so that `_draw` can skip them."""
    for column in range(len(plan.column_start)):
        for channel in range(3):
            image[0, 3 * column + channel] = plan.flat[0, channel]
    for row in range(1, len(image)):
        for sample in range(image.shape[1]):
            image[row, sample] = image[0, sample]


@njit(nogil=True, cache=True)
def _draw(places: NDArray[np.int16], plan: RasterPlan, image: NDArray[np.uint8]) -> None:
    """Draw the blocks of pixels that do not have only the colour of the smallest value."""
    row_blocks, column_blocks, certain, flat = plan.row_blocks, plan.column_blocks, plan.certain, plan.flat
    row_start, column_start = plan.row_start, plan.column_start
    table, down, across = plan.table, plan.down, plan.across
    size = (down.shape[1], across.shape[1])
    for i in range(len(row_blocks) - 1):
        top = row_start[row_blocks[i]]
        for j in range(len(column_blocks) - 1):
            left = column_start[column_blocks[j]]
            entry = places[top, left]
            uniform = certain[entry] and _one_colour(places, top, left, size)
            if uniform and entry == 0:
                continue
            for row in range(row_blocks[i], row_blocks[i + 1]):
                for column in range(column_blocks[j], column_blocks[j + 1]):
                    if uniform:
                        for channel in range(3):
                            image[row, 3 * column + channel] = flat[entry, channel]
                        continue
                    red = green = blue = total = 0.0
                    for place_down in range(size[0]):
                        for place_across in range(size[1]):
                            weight = _weight(down[row, place_down], across[column, place_across])
                            entry = places[top + place_down, left + place_across]
                            red += table[entry, 0] * weight
                            green += table[entry, 1] * weight
                            blue += table[entry, 2] * weight
                            total += weight
                    image[row, 3 * column] = int(red / total * 255.0)
                    image[row, 3 * column + 1] = int(green / total * 255.0)
                    image[row, 3 * column + 2] = int(blue / total * 255.0)


@njit(nogil=True, cache=True)
def _weight(down: float, across: float) -> float:
    return math.floor((down * across + 8192.0) * (1.0 / 16384.0))


@njit(nogil=True, cache=True)
def _one_colour(places: NDArray[np.int16], top: int, left: int, size: tuple[int, int]) -> bool:
    for row in range(top, top + size[0]):
        for column in range(left, left + size[1]):
            if places[row, column] != places[top, left]:
                return False
    return True
