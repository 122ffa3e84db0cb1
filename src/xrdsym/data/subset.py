"""A smaller training part with the same shares of the classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def stratified_subset(labels: NDArray[np.int64], limit: int, seed: int) -> NDArray[np.int64]:
    """Draw structures so that the shares of the classes stay, every class keeping at least one.

    Args:
        labels: int64 (n,), the class of each structure.
        limit: At most so many, no fewer than there are classes.
        seed: Of the draw.

    Returns:
        int64 (min(n, limit),), positions in `labels`, ascending.
    """
    if limit >= len(labels):
        return np.arange(len(labels))
    random = np.random.default_rng(seed)
    present, counts = np.unique(labels, return_counts=True)
    wanted = np.maximum(counts * limit / len(labels), 1.0)
    sizes = np.floor(wanted).astype(np.int64)
    # what rounding down leaves goes to the largest remainders; what the ones cost comes from the largest classes
    while sizes.sum() < limit:
        sizes[np.argmax(np.where(sizes < counts, wanted - sizes, -np.inf))] += 1
    while sizes.sum() > limit:
        sizes[np.argmax(sizes)] -= 1
    members = [
        random.permutation(np.flatnonzero(labels == label))[:size] for label, size in zip(present, sizes, strict=True)
    ]
    return np.sort(np.concatenate(members))
