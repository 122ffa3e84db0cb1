"""Inputs that baselines refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xrdsym.common.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


def check_width(name: str, inputs: NDArray[np.float32], width: int) -> None:
    """Refuse inputs of another width than those of training.

    Raises:
        UsageError: They are of another shape.
    """
    if inputs.ndim != 2 or inputs.shape[1] != width:
        msg = f"{name} was trained on rows of {width} numbers and received an array of shape {inputs.shape}"
        raise UsageError(msg)


def check_training(
    name: str, inputs: NDArray[np.float32], labels: NDArray[np.int64], classes: Sequence[str], fewest: int
) -> None:
    """Refuse examples that no baseline can learn from.

    Args:
        name: The baseline.
        inputs: One row an example.
        labels: Positions in `classes`, one an example.
        classes: Names of the classes.
        fewest: How many classes must have an example.

    Raises:
        UsageError: Shapes do not fit, a label is no position, a number is not finite, or too few classes occur.
    """
    if inputs.ndim != 2 or labels.shape != inputs.shape[:1]:
        msg = f"{name} needs one row and one label an example, received shapes {inputs.shape} and {labels.shape}"
        raise UsageError(msg)
    if len(labels) and not (labels.min() >= 0 and labels.max() < len(classes)):
        msg = f"{name} received labels from {labels.min()} to {labels.max()} for {len(classes)} classes"
        raise UsageError(msg)
    occurring = np.unique(labels)
    if len(occurring) < fewest:
        names = ", ".join(classes[label] for label in occurring) or "none"
        msg = f"{name} needs training examples of {fewest} classes or more, received {len(labels)} examples of {names}"
        raise UsageError(msg)
    if not np.isfinite(inputs).all():
        msg = f"{name} received numbers that are not finite in {(~np.isfinite(inputs)).any(axis=1).sum()} examples"
        raise UsageError(msg)
