"""Confusion matrices: the matrix, its most frequent classes, and the worst mistakes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xrdsym.common.errors import XrdsymError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

MANY_CLASSES = 20
"""With more classes, figures, tables and metrics show only the most frequent ones."""


def confusion_matrix(actual: NDArray[np.int64], predicted: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """Count the predictions of each pair of classes: int64 (size, size), rows actual, columns predicted."""
    return np.bincount(actual * size + predicted, minlength=size * size).reshape(size, size).astype(np.int64)


def worst_confusions(  # noqa: PLR0913 - the limits are keywords
    actual: ArrayLike,
    probabilities: ArrayLike,
    ids: Sequence[str],
    *,
    classes: Sequence[str],
    pairs: int = 6,
    examples: int = 4,
) -> list[dict[str, Any]]:
    """Find the pairs of classes that are confused most often, each with its mistakes of highest probability.

    Args:
        actual: Class index of each row, int (n,).
        probabilities: Probability of each class, float (n, k).
        ids: Material id of each row.
        classes: Names of the k classes.
        pairs: Largest number of pairs.
        examples: Largest number of mistakes of each pair.

    Returns:
        One dictionary a pair, the most frequent first: `actual`, `predicted`, `count`, `share` (of the rows of the
        actual class), `examples` (highest probability first: `material_id`, `probability` of the predicted class,
        `row`).

    Raises:
        XrdsymError: There is no row, or a probability is not finite.
        ValueError: The shapes do not match.
    """
    actual, probabilities = checked_predictions(actual, probabilities, len(classes))
    predicted = probabilities.argmax(axis=1)
    matrix = confusion_matrix(actual, predicted, len(classes))
    support = matrix.sum(axis=1)
    mistakes = np.where(np.eye(len(classes), dtype=bool), 0, matrix)
    confusions = []
    for cell in np.argsort(-mistakes, axis=None, kind="stable")[:pairs]:
        row, column = divmod(int(cell), len(classes))
        if mistakes[row, column] == 0:
            break
        members = np.flatnonzero((actual == row) & (predicted == column))
        most_certain = members[np.argsort(-probabilities[members, column], kind="stable")][:examples]
        confusions.append(
            {
                "actual": classes[row],
                "predicted": classes[column],
                "count": int(mistakes[row, column]),
                "share": float(mistakes[row, column] / support[row]),
                "examples": [
                    {"material_id": ids[index], "probability": float(probabilities[index, column]), "row": int(index)}
                    for index in most_certain
                ],
            }
        )
    return confusions


def most_frequent(matrix: NDArray[np.int64]) -> NDArray[np.int64]:
    """The classes to show, in their order: all of them, or the `MANY_CLASSES` most frequent actual ones.

    Args:
        matrix: Confusion matrix, int (k, k).

    Returns:
        Indices of classes, int64 (m,).
    """
    if len(matrix) <= MANY_CLASSES:
        return np.arange(len(matrix))
    return np.sort(np.argsort(-matrix.sum(axis=1), kind="stable")[:MANY_CLASSES])


def lumped(matrix: NDArray[np.int64], classes: Sequence[str]) -> tuple[NDArray[np.int64], list[str]]:
    """Merge all classes but the `MANY_CLASSES` most frequent into one.

    Args:
        matrix: Confusion matrix, int64 (k, k).
        classes: Names of the k classes.

    Returns:
        The smaller matrix and the names of its classes; both unchanged if there are at most `MANY_CLASSES`.
    """
    kept = most_frequent(matrix)
    if len(kept) == len(matrix):
        return matrix, list(classes)
    groups = np.full(len(matrix), len(kept))
    groups[kept] = np.arange(len(kept))
    merged = np.zeros((len(kept) + 1,) * 2, dtype=np.int64)
    np.add.at(merged, (groups[:, None], groups[None, :]), matrix)
    return merged, [*(classes[place] for place in kept), f"{len(matrix) - len(kept)} others"]


def checked_predictions(
    actual: ArrayLike, probabilities: ArrayLike, size: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Check predictions and convert them to int64 (n,) class indices and float64 (n, size) probabilities.

    Raises:
        XrdsymError: There is no row, or a probability is not finite.
        ValueError: The shapes do not match, or a class index is out of range.
    """
    actual = np.asarray(actual, dtype=np.int64)
    probabilities = np.asarray(probabilities, dtype=np.float64)
    if len(actual) == 0:
        msg = "nothing to score: no pattern with a label is left. The counts of skipped patterns say why."
        raise XrdsymError(msg)
    if actual.ndim != 1 or probabilities.shape != (len(actual), size):
        msg = f"expected (n,) classes and (n, {size}) probabilities, received {actual.shape} and {probabilities.shape}"
        raise ValueError(msg)
    if actual.min() < 0 or actual.max() >= size:
        msg = f"expected class indices from 0 to {size - 1}, received {actual.min()} to {actual.max()}"
        raise ValueError(msg)
    broken = int((~np.isfinite(probabilities)).any(axis=1).sum())
    if broken:
        msg = (
            f"the model's probabilities are not finite for {broken} of {len(actual)} patterns, so its weights are not "
            "usable. Train it again with a lower train.learning_rate."
        )
        raise XrdsymError(msg)
    return actual, probabilities
