"""Accuracy, macro F1 and balanced accuracy from the margins of confusion matrices, many matrices at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def _ratio(part: NDArray[Any], whole: NDArray[Any]) -> NDArray[np.float64]:
    """`part / whole`, or 0 if the whole is 0."""
    return np.asarray(np.divide(part, whole, out=np.zeros(np.shape(part)), where=whole != 0), dtype=np.float64)


def margins_of(matrix: NDArray[np.int64]) -> NDArray[np.int64]:
    """The margins of a confusion matrix, (3, k): correct predictions, rows and predictions of each class.

    Args:
        matrix: int64 (k, k), rows actual, columns predicted.
    """
    return np.stack([np.diagonal(matrix), matrix.sum(axis=1), matrix.sum(axis=0)])


def class_table(margins: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Precision, recall and F1 of each class, float64 (m, k) each, of margins (m, 3, k); a ratio to 0 is 0."""
    correct, support, predictions = (margins[:, row].astype(np.float64) for row in range(3))
    return _ratio(correct, predictions), _ratio(correct, support), _ratio(2 * correct, support + predictions)


def margin_scores(margins: NDArray[Any]) -> dict[str, NDArray[np.float64]]:
    """Accuracy, macro F1 and balanced accuracy, float64 (m,) each, of margins (m, 3, k).

    The two means are over the classes that occur in a matrix.
    """
    _, recall, f1 = class_table(margins)
    present = margins[:, 1] > 0
    number = present.sum(axis=1)
    return {
        "accuracy": margins[:, 0].sum(axis=1) / margins[:, 1].sum(axis=1),
        "macro_f1": (f1 * present).sum(axis=1) / number,
        "balanced_accuracy": (recall * present).sum(axis=1) / number,
    }
