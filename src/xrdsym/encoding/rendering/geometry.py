"""The positions of an image's pixels on the points of an array, in the integer arithmetic of Matplotlib and Agg.

Matplotlib renders images with Agg, which computes positions in 1/256 of a point and filter weights in 1/16384
(`agg_span_image_filter.h`, `agg_image_filters.h` and `agg_span_interpolator_linear.h` of Agg 2.4, which Matplotlib
ships, and Matplotlib's `image.py`). Equal pixels need equal integers, so this module follows that code step by step
for an image that fills a figure with 100 dots per inch, Matplotlib's default.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DOTS_PER_INCH = 100
SUBPIXELS = 256
FILTER_SHIFT = 14
FILTER_SCALE = 1 << FILTER_SHIFT
SCALE_LIMIT = 200.0
FORGIVEN = 1e-8


@dataclass(frozen=True, eq=False)
class Taps:
    """The points and weights whose weighted mean is each pixel along one axis.

    Attributes:
        source: The point at each place of the axis, which is mirrored at both ends, int64 (extended,).
        start: First place of each pixel, int64 (side,).
        weights: Weights of the places from `start` on, int64 (side, taps), padded with 0.
    """

    source: NDArray[np.int64]
    start: NDArray[np.int64]
    weights: NDArray[np.int64]


def data_to_pixels(shape: tuple[int, int], side: int) -> NDArray[np.float64]:
    """The matrix from points to pixels (upwards) for an array of `shape` (rows, columns), float64 (3, 3).

    The order of the products is Matplotlib's, so that rounding errors are equal: with 1, 2 or 3 pixels a point, the
    last bit decides how `imshow` resamples.
    """
    rows, columns = shape
    size = side / DOTS_PER_INCH * DOTS_PER_INCH
    upwards = np.array([[1.0, 0.0, 0.0], [0.0, -1.0, rows], [0.0, 0.0, 1.0]])
    extent = np.array([[1.0, 0.0, -0.5], [0.0, -1.0, rows - 0.5], [0.0, 0.0, 1.0]])
    across, down = 1.0 / columns, 1.0 / -rows
    limits = np.array([[across, 0.0, 0.5 * across], [0.0, down, -(rows - 0.5) * down], [0.0, 0.0, 1.0]])
    axes = np.array([[size, 0.0, 0.0], [0.0, size, 0.0], [0.0, 0.0, 1.0]])
    matrix: NDArray[np.float64] = np.dot(np.dot(np.dot(axes, limits), extent), upwards)
    return matrix


def size_in_pixels(shape: tuple[int, int], side: int) -> tuple[float, float]:
    """Height and width of the whole array in pixels, with Matplotlib's rounding errors."""
    rows, columns = shape
    matrix = data_to_pixels(shape, side)
    height = matrix[1, 1] * rows + matrix[1, 2] - matrix[1, 2]
    width = matrix[0, 0] * columns + matrix[0, 2] - matrix[0, 2]
    return abs(float(height)), abs(float(width))


def uses_nearest(shape: tuple[int, int], side: int) -> bool:
    """Whether `interpolation="auto"` selects the nearest point: at 1, 2 or more than 3 pixels a point."""
    return all(
        length > 3 * points or length in (points, 2 * points)
        for length, points in zip(size_in_pixels(shape, side), shape, strict=True)
    )


def resamples_colours(shape: tuple[int, int], side: int) -> bool:
    """Whether `interpolation_stage="auto"` resamples colours instead of data: below 3 pixels a point."""
    height, width = size_in_pixels(shape, side)
    return height / shape[0] < 3 or width / shape[1] < 3


def nearest_points(points: int, side: int) -> NDArray[np.int64]:
    """The point under the centre of each pixel, int64 (side,); the lower one if the centre is on an edge."""
    pixels = np.arange(side, dtype=np.int64)
    return -(-(2 * pixels + 1) * points // (2 * side)) - 1


def imshow_nearest_points(
    shape: tuple[int, int], side: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """The points that `imshow` shows if it selects the nearest.

    Matplotlib's `accurate_interpolator_affine_nn` tolerates a rounding error except in the last column. There the row
    of points can differ if a pixel's centre is on the edge between two points.

    Returns:
        rows: The row of points of each row of pixels, int64 (side,).
        columns: The column of points of each column of pixels, int64 (side,).
        last_rows: The row of points of each row of pixels in the last column, int64 (side,).
    """
    rows, columns = shape
    flip_across = np.array([[-1.0, 0.0, columns], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    flip_down = np.array([[1.0, 0.0, 0.0], [0.0, -1.0, rows], [0.0, 0.0, 1.0]])
    matrix = np.dot(np.dot(data_to_pixels(shape, side), flip_across), flip_down)
    across, down, offset_across, offset_down = _inverted(matrix)
    heights = (np.arange(side)[::-1] + 0.5) * down + offset_down
    first, last = (0.5 * across + offset_across) * SUBPIXELS, ((side - 0.5) * across + offset_across) * SUBPIXELS
    widths = first + (last - first) * np.arange(side) / (side - 1) + FORGIVEN
    widths[-1] = last
    return (
        rows - 1 - ((heights * SUBPIXELS + FORGIVEN).astype(np.int64) >> 8),
        columns - 1 - (widths.astype(np.int64) >> 8),
        rows - 1 - ((heights * SUBPIXELS).astype(np.int64) >> 8),
    )


def block_edges(points: int, side: int) -> NDArray[np.int64]:
    """The first point of each pixel if every point belongs to one pixel, int64 (side,); requires points >= side."""
    return np.arange(side, dtype=np.int64) * points // side


def hanning_weights() -> NDArray[np.int64]:
    """Agg's Hanning filter of radius 1, int64 (512,): one weight for each 1/256 of a point, in units of 1/16384."""
    offsets = np.arange(SUBPIXELS) / SUBPIXELS
    half = np.floor((0.5 + 0.5 * np.cos(np.pi * offsets)) * FILTER_SCALE + 0.5).astype(np.int64)
    table = np.zeros(2 * SUBPIXELS, dtype=np.int64)
    table[SUBPIXELS - 1 :: -1] = half
    table[SUBPIXELS - 1 : -1] = half
    return table


def taps_across(shape: tuple[int, int], side: int) -> Taps:
    """The points and weights of the columns; Agg interpolates their positions from the first pixel to the last."""
    inverse = _inverted(data_to_pixels(shape, side))[0]
    first = _subpixel(0.5 * inverse)
    last = _subpixel((side - 0.5) * inverse)
    return _taps(_digital_line(first, last, side), _scales(shape, side)[0], shape[1])


def taps_down(shape: tuple[int, int], side: int) -> Taps:
    """The points and weights of the rows, top row first; Agg rounds the position of each row separately."""
    _, inverse, _, offset = _inverted(data_to_pixels(shape, side))
    positions = [_subpixel((row + 0.5) * inverse + offset) for row in range(side)]
    return _taps(np.array(positions[::-1], dtype=np.int64), _scales(shape, side)[1], shape[0])


def _inverted(matrix: NDArray[np.float64]) -> tuple[float, float, float, float]:
    """Points per pixel across, down, and the offsets, inverted as `agg::trans_affine::invert` does."""
    across, down = float(matrix[0, 0]), float(matrix[1, 1])
    reciprocal = 1.0 / (across * down)
    inverse_across, inverse_down = down * reciprocal, across * reciprocal
    return inverse_across, inverse_down, -float(matrix[0, 2]) * inverse_across, -float(matrix[1, 2]) * inverse_down


def _scales(shape: tuple[int, int], side: int) -> tuple[float, float]:
    """The factors by which Agg widens its filter: points per pixel across and down, at least 1."""
    across, down = (abs(inverse) for inverse in _inverted(data_to_pixels(shape, side))[:2])
    if across * down > SCALE_LIMIT:
        across = across * SCALE_LIMIT / (across * down)
        down = down * SCALE_LIMIT / (across * down)
    return min(max(across, 1.0), SCALE_LIMIT), min(max(down, 1.0), SCALE_LIMIT)


def _subpixel(position: float) -> int:
    scaled = position * SUBPIXELS
    return int(scaled - 0.5 if scaled < 0 else scaled + 0.5)


def _digital_line(first: int, last: int, count: int) -> NDArray[np.int64]:
    """`count` integers from `first` to `last` as `agg::dda2_line_interpolator` computes them."""
    steps = max(count - 1, 1)
    quotient, remainder = divmod(last - first, steps)
    if remainder == 0:
        quotient, remainder = quotient - 1, steps
    values, value, excess = [], first, remainder - steps
    for _ in range(count):
        values.append(value)
        excess += remainder
        value += quotient
        if excess > 0:
            excess -= steps
            value += 1
    return np.array(values, dtype=np.int64)


def _taps(positions: NDArray[np.int64], scale: float, points: int) -> Taps:
    table = hanning_weights()
    radius = int(scale * SUBPIXELS + 0.5)
    step = int(1.0 / scale * SUBPIXELS + 0.5)
    low = positions + SUBPIXELS // 2 - radius
    start = low >> 8
    phase = ((SUBPIXELS - 1 - (low & (SUBPIXELS - 1))) * step) >> 8
    most = math.ceil(len(table) / step)
    places = phase[:, None] + step * np.arange(most)[None, :]
    weights = np.where(places < len(table), table[np.minimum(places, len(table) - 1)], 0)
    left = max(0, -int(start.min()))
    right = max(0, int(start.max()) + most - points)
    mirrored = np.arange(-left, points + right) % (2 * points)
    source = np.where(mirrored >= points, 2 * points - 1 - mirrored, mirrored)
    return Taps(source=source, start=start + left, weights=weights)
