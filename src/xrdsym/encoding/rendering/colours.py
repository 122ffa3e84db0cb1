"""From the values of a profile to entries of a colour table, as in Matplotlib's `Normalize` and `Colormap`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray


def colour_table(colormap: str) -> NDArray[np.float64]:
    """Red, green and blue of each entry of a Matplotlib colormap, float64 (bins, 3), in [0, 1]."""
    import matplotlib as mpl

    entries = mpl.colormaps[colormap]
    return np.ascontiguousarray(entries(np.arange(entries.N))[:, :3])


def as_bytes(table: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Convert colours in [0, 1] to bytes, truncated as in Matplotlib, uint8 of the same shape."""
    return (table * 255).astype(np.uint8)


@njit(nogil=True, cache=True)
def colour_indices(values: NDArray[np.floating], limits: NDArray[np.float64], bins: int) -> NDArray[np.int16]:
    """The entry of each value in a colour table.

    The computation has the precision of the values, as in Matplotlib, because the last bit can decide.

    Args:
        values: float32 or float64 (n, points).
        limits: The values of the first and the last entry, float64 (n, 2).
        bins: Number of entries of the table.

    Returns:
        int16 (n, points); all 0 if both limits are equal.
    """
    indices = np.zeros(values.shape, dtype=np.int16)
    scaled = np.empty(values.shape[1], dtype=values.dtype)
    for row in range(len(values)):
        low, high = limits[row]
        if low == high:
            continue
        for i in range(values.shape[1]):
            scaled[i] = values[row, i] - low
        for i in range(values.shape[1]):
            scaled[i] = scaled[i] / (high - low)
        for i in range(values.shape[1]):
            scaled[i] = scaled[i] * bins
        for i in range(values.shape[1]):
            indices[row, i] = min(int(scaled[i]), bins - 1)
    return indices
