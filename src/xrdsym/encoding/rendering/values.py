"""Resampling of values: one value a pixel from the points of an array, before colours are computed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from xrdsym.encoding.rendering import geometry

if TYPE_CHECKING:
    from numpy.typing import NDArray


def downsampled(
    values: NDArray[np.floating], side: int, how: Literal["nearest", "mean", "maximum"]
) -> NDArray[np.floating]:
    """The nearest, mean or largest value of each pixel.

    Args:
        values: float (n, rows, columns).
        side: Pixels along one side.
        how: The method along an axis with at least as many points as pixels; along other axes it is `nearest`.

    Returns:
        float (n, side, side), or (n, 1, side) for a single row of points.
    """
    for axis in (1, 2):
        points = values.shape[axis]
        if points == 1:
            continue
        if how == "nearest" or points < side:
            values = values.take(geometry.nearest_points(points, side), axis=axis)
        elif how == "maximum":
            values = np.maximum.reduceat(values, geometry.block_edges(points, side), axis=axis)
        else:
            edges = geometry.block_edges(points, side)
            counts = np.diff(edges, append=points).reshape((-1, 1) if axis == 1 else (1, -1))
            values = np.add.reduceat(values, edges, axis=axis, dtype=np.float64) / counts
    return values


def nearest_values(values: NDArray[np.floating], side: int) -> NDArray[np.floating]:
    """The values of an image for which `imshow` selects the nearest point.

    Args:
        values: float (n, rows, columns).
        side: Pixels along one side.

    Returns:
        float (n, side, side).
    """
    rows, columns, last_rows = geometry.imshow_nearest_points((values.shape[1], values.shape[2]), side)
    pixels = values[:, rows[:, None], columns[None, :]]
    pixels[:, :, -1] = values[:, last_rows, columns[-1]]
    return pixels


def filtered_values(values: NDArray[np.floating], side: int) -> NDArray[np.floating]:
    """The values of an image for which `imshow` filters data instead of colours, at 3 pixels a point.

    Args:
        values: float32 or float64 (n, rows, columns); the result has the same precision.
        side: Pixels along one side.

    Returns:
        float (n, side, side).
    """
    shape = (values.shape[1], values.shape[2])
    rows, columns = geometry.taps_down(shape, side), geometry.taps_across(shape, side)
    sums = np.zeros((len(values), side, side))
    totals = np.zeros((side, side))
    for i in range(rows.weights.shape[1]):
        for j in range(columns.weights.shape[1]):
            weights = rows.weights[:, i, None] * columns.weights[None, :, j]
            weights = (weights + geometry.FILTER_SCALE // 2) >> geometry.FILTER_SHIFT
            row, column = rows.source[rows.start + i], columns.source[columns.start + j]
            sums += values[:, row[:, None], column[None, :]] * weights.astype(values.dtype)
            totals += weights
    return (sums / totals).astype(values.dtype)
