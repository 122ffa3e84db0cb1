"""Bootstrap intervals of scores, over rows or over groups of related rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xrdsym.evaluation.margins import margin_scores

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

LEVEL = 0.95
"""Share of the bootstrap samples inside an interval."""

BOOTSTRAP_CELLS = 4_000_000
"""Number of weights computed at a time, which bounds the memory."""


def intervals(  # noqa: PLR0913, PLR0917 - predictions and the settings of the bootstrap
    actual: NDArray[np.int64],
    predicted: NDArray[np.int64],
    groups: ArrayLike | None,
    size: int,
    bootstrap: int,
    seed: int,
) -> dict[str, list[float]]:
    """Percentile intervals of the scores over bootstrap samples of rows, or of groups of rows.

    Args:
        actual: Class index of each row, int64 (n,).
        predicted: Predicted class index of each row, int64 (n,).
        groups: The group of each row, (n,); None draws rows.
        size: Number of classes.
        bootstrap: Number of samples; 0 returns no intervals.
        seed: Seed of the samples.

    Returns:
        `accuracy`, `macro_f1` and `balanced_accuracy` to the low and the high end of `LEVEL`.
    """
    if bootstrap == 0:
        return {}
    rng = np.random.default_rng(seed)
    if groups is None:
        # a sample of rows with replacement is a multinomial sample of the cells of the confusion matrix
        cells, counts = np.unique(actual * size + predicted, return_counts=True)
        row, column = np.divmod(cells, size)
        weights = rng.multinomial(len(actual), counts / len(actual), bootstrap).astype(np.float64)
        samples = weights @ row_margins(row, column, np.arange(len(cells)), size)
    else:
        names, members = np.unique(np.asarray(groups), return_inverse=True)
        per_group = row_margins(actual, predicted, members, size)
        samples = np.concatenate([weights @ per_group for weights in group_weights(len(names), bootstrap, rng)])
    tails = [(1 - LEVEL) / 2, (1 + LEVEL) / 2]
    scores = margin_scores(samples.reshape(bootstrap, 3, size))
    return {name: np.quantile(values, tails).tolist() for name, values in scores.items()}


def row_margins(
    actual: NDArray[np.int64], predicted: NDArray[np.int64], members: NDArray[np.int64], size: int
) -> NDArray[np.float64]:
    """The margins of the confusion matrix of each group of rows.

    Args:
        actual: Class of each row, int64 (n,).
        predicted: Predicted class of each row, int64 (n,).
        members: Group of each row, int64 (n,), from 0.
        size: Number of classes, k.

    Returns:
        float64 (groups, 3 k): for each class right answers, then rows, then answers, as `margins.margins_of`.
    """
    width = 3 * size
    correct = actual == predicted
    places = [
        members[correct] * width + actual[correct],
        members * width + size + actual,
        members * width + 2 * size + predicted,
    ]
    count = int(members.max()) + 1
    margins = np.bincount(np.concatenate(places), minlength=count * width).reshape(count, width)
    return margins.astype(np.float64)


def group_weights(groups: int, samples: int, rng: np.random.Generator) -> Iterator[NDArray[np.float64]]:
    """Draw as many groups as there are, with replacement, for each bootstrap sample.

    Args:
        groups: Number of groups.
        samples: Number of bootstrap samples.
        rng: Source of the draws; the block size has no influence on them.

    Yields:
        How often each group is in each sample, float64 (block, groups), in blocks of `BOOTSTRAP_CELLS` or fewer
        weights (at least one sample).
    """
    block = max(1, BOOTSTRAP_CELLS // groups)
    for start in range(0, samples, block):
        count = min(block, samples - start)
        drawn = rng.integers(0, groups, (count, groups)) + groups * np.arange(count)[:, None]
        weights = np.bincount(drawn.ravel(), minlength=count * groups).reshape(count, groups)
        yield weights.astype(np.float64)
