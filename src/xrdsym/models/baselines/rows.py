"""Rows of length 1, whose Euclidean distances have the order of their cosines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def unit_rows(profiles: NDArray[np.float32]) -> NDArray[np.float32]:
    """Profiles (n, points) divided by their lengths, float32; those all zero stay so."""
    lengths = np.sqrt(np.einsum("ij,ij->i", profiles, profiles, dtype=np.float64))
    scaled: NDArray[np.float32] = (profiles / np.where(lengths > 0, lengths, 1.0)[:, None]).astype(np.float32)
    return scaled
