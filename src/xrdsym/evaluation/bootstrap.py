"""Intervals of scores by bootstrap, over rows or over groups of rows that belong together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xrdsym.evaluation.margins import margin_scores

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

LEVEL = 0.95
"""What share of the bootstrap samples an interval holds."""

BOOTSTRAP_CELLS = 4_000_000
"""Weights drawn at a time, so that memory stays bounded however many rows there are."""


def intervals(  # noqa: PLR0913, PLR0917 - what was answered, and how it is drawn anew
    actual: NDArray[np.int64],
    predicted: NDArray[np.int64],
    groups: ArrayLike | None,
    size: int,
    bootstrap: int,
    seed: int,
) -> dict[str, list[float]]:
    """Percentile intervals of the scores over bootstrap samples of rows, or of groups of rows."""
    if bootstrap == 0:
        return {}
    rng = np.random.default_rng(seed)
    if groups is None:
        # drawing rows with replacement is drawing from the cells of the confusion matrix
        cells, counts = np.unique(actual * size + predicted, return_counts=True)
        row, column = np.divmod(cells, size)
        weights = rng.multinomial(len(actual), counts / len(actual), bootstrap).astype(np.float64)
        samples = weights @ _row_margins(row, column, np.arange(len(cells)), size)
    else:
        names, members = np.unique(np.asarray(groups), return_inverse=True)
        samples = _group_bootstrap(_row_margins(actual, predicted, members, size), len(names), bootstrap, rng)
    tails = [(1 - LEVEL) / 2, (1 + LEVEL) / 2]
    scores = margin_scores(samples.reshape(bootstrap, 3, size))
    return {name: np.quantile(values, tails).tolist() for name, values in scores.items()}


def _row_margins(
    actual: NDArray[np.int64], predicted: NDArray[np.int64], members: NDArray[np.int64], size: int
) -> NDArray[np.float64]:
    """The margins of each group of rows, float64 (groups, 3 k); `members` says which group each row is in."""
    width = 3 * size
    right = actual == predicted
    places = [
        members[right] * width + actual[right],
        members * width + size + actual,
        members * width + 2 * size + predicted,
    ]
    count = int(members.max()) + 1
    found = np.bincount(np.concatenate(places), minlength=count * width).reshape(count, width)
    return found.astype(np.float64)


def _group_bootstrap(
    per_group: NDArray[np.float64], count: int, bootstrap: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """The margins, float64 (bootstrap, 3 k), of as many groups as there are, drawn anew."""
    found = []
    at_once = max(1, BOOTSTRAP_CELLS // count)
    for start in range(0, bootstrap, at_once):
        samples = min(at_once, bootstrap - start)
        drawn = rng.integers(0, count, (samples, count)) + count * np.arange(samples)[:, None]
        weights = np.bincount(drawn.ravel(), minlength=samples * count).reshape(samples, count)
        found.append(weights.astype(np.float64) @ per_group)
    return np.concatenate(found)
