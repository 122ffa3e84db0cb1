"""The scores of one number each from the margins of a confusion matrix, of many matrices at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def _ratio(part: NDArray[Any], whole: NDArray[Any]) -> NDArray[np.float64]:
    """`part / whole`, 0 where the whole is 0."""
    return np.asarray(np.divide(part, whole, out=np.zeros(np.shape(part)), where=whole != 0), dtype=np.float64)


def margins_of(matrix: NDArray[np.int64]) -> NDArray[np.int64]:
    """What the scores are made of, (3, k): how often each class was told rightly, occurs, and was told at all."""
    return np.stack([np.diagonal(matrix), matrix.sum(axis=1), matrix.sum(axis=0)])


def class_table(margins: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Precision, recall and F1 of each class, each (m, k), of margins (m, 3, k)."""
    right, support, answers = (margins[:, row].astype(np.float64) for row in range(3))
    return _ratio(right, answers), _ratio(right, support), _ratio(2 * right, support + answers)


def margin_scores(margins: NDArray[Any]) -> dict[str, NDArray[np.float64]]:
    """The scores of one number each, (m,), of margins (m, 3, k)."""
    _, recall, f1 = class_table(margins)
    present = margins[:, 1] > 0
    number = present.sum(axis=1)
    return {
        "accuracy": margins[:, 0].sum(axis=1) / margins[:, 1].sum(axis=1),
        "macro_f1": (f1 * present).sum(axis=1) / number,
        "balanced_accuracy": (recall * present).sum(axis=1) / number,
    }
