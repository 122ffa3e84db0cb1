"""Which classes are taken for which: the matrix, what of it is shown, and the worst mistakes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xrdsym.common.errors import XrdsymError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

MANY_CLASSES = 20
"""With more classes figures, tables and metrics show the most frequent ones alone."""


def confusion_matrix(actual: NDArray[np.int64], predicted: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """How often each class was taken for each: int64 (size, size), rows actual, columns predicted."""
    return np.bincount(actual * size + predicted, minlength=size * size).reshape(size, size).astype(np.int64)


def worst_confusions(  # noqa: PLR0913 - what is looked at, and how much of it, is said by name
    actual: ArrayLike,
    probabilities: ArrayLike,
    ids: Sequence[str],
    *,
    classes: Sequence[str],
    pairs: int = 6,
    examples: int = 4,
) -> list[dict[str, Any]]:
    """The pairs of classes that were confused most often, with the mistakes that the model was most certain of.

    Args:
        actual: Class index of each row, int (n,).
        probabilities: Probability of each class, float (n, k).
        ids: Material id of each row.
        classes: Names of the k classes.
        pairs: How many pairs at most.
        examples: How many mistakes of each pair at most.

    Returns:
        Most frequent first: `actual`, `predicted`, `count`, `share` (of the rows of the actual class), `examples`
        (most certain first: `material_id`, `probability` of the predicted class, `row`).

    Raises:
        XrdsymError: There is no row, or a probability is not finite.
        ValueError: The shapes do not fit each other.
    """
    actual, probabilities = checked_answers(actual, probabilities, len(classes))
    predicted = probabilities.argmax(axis=1)
    matrix = confusion_matrix(actual, predicted, len(classes))
    support = matrix.sum(axis=1)
    mistakes = np.where(np.eye(len(classes), dtype=bool), 0, matrix)
    found = []
    for cell in np.argsort(-mistakes, axis=None, kind="stable")[:pairs]:
        row, column = divmod(int(cell), len(classes))
        if mistakes[row, column] == 0:
            break
        members = np.flatnonzero((actual == row) & (predicted == column))
        certain = members[np.argsort(-probabilities[members, column], kind="stable")][:examples]
        found.append(
            {
                "actual": classes[row],
                "predicted": classes[column],
                "count": int(mistakes[row, column]),
                "share": float(mistakes[row, column] / support[row]),
                "examples": [
                    {"material_id": ids[index], "probability": float(probabilities[index, column]), "row": int(index)}
                    for index in certain
                ],
            }
        )
    return found


def most_frequent(matrix: NDArray[np.int64]) -> NDArray[np.int64]:
    """The classes to show, in their order: all, or of more than `MANY_CLASSES` the most frequent of the actual ones.

    Args:
        matrix: Confusion matrix, int (k, k).

    Returns:
        int64 (m,), positions of classes.
    """
    if len(matrix) <= MANY_CLASSES:
        return np.arange(len(matrix))
    return np.sort(np.argsort(-matrix.sum(axis=1), kind="stable")[:MANY_CLASSES])


def lumped(matrix: NDArray[np.int64], classes: Sequence[str]) -> tuple[NDArray[np.int64], list[str]]:
    """A confusion matrix of at most `MANY_CLASSES` classes, and all others as one more; with the names of its rows."""
    shown = most_frequent(matrix)
    if len(shown) == len(matrix):
        return matrix, list(classes)
    groups = np.full(len(matrix), len(shown))
    groups[shown] = np.arange(len(shown))
    lump = np.zeros((len(shown) + 1,) * 2, dtype=np.int64)
    np.add.at(lump, (groups[:, None], groups[None, :]), matrix)
    return lump, [*(classes[place] for place in shown), f"{len(matrix) - len(shown)} others"]


def checked_answers(
    actual: ArrayLike, probabilities: ArrayLike, size: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Class indices, int64 (n,), and probabilities, float64 (n, size), of which a score can be made.

    Raises:
        XrdsymError: There is no row, or a probability is not finite.
        ValueError: The shapes do not fit each other.
    """
    actual = np.asarray(actual, dtype=np.int64)
    probabilities = np.asarray(probabilities, dtype=np.float64)
    if len(actual) == 0:
        msg = "there is nothing to score: no pattern with a label was left. See what was skipped, and why."
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
            f"the model gave probabilities that are not finite for {broken} of {len(actual)} patterns: its weights "
            "are broken. Train it again with a lower train.learning_rate."
        )
        raise XrdsymError(msg)
    return actual, probabilities
