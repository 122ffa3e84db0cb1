"""The classes of labelled structures for a target, and their indices among the classes of a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xrdsym.common.errors import XrdsymError
from xrdsym.crystal.targets.definitions import DIMENSIONALITY, target_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray


CRYSTAL_SYSTEM = "crystal_system"
OTHER = "other"
"""The class into which rare classes are merged."""


def class_indices(values: Sequence[str], names: Sequence[str]) -> NDArray[np.int64]:
    """The index of each structure's class among the classes of a model.

    Args:
        values: The class of each of n structures.
        names: The classes of the model. If `OTHER` is one of them, it stands for every class that is not listed.

    Returns:
        int64 (n,); -1 for a class that the model does not have.
    """
    index = {name: position for position, name in enumerate(names)}
    return np.array([index.get(value, index.get(OTHER, -1)) for value in values], dtype=np.int64)


def target_values(labels: pd.DataFrame, target: str) -> list[str]:
    """The class of each labelled structure for a target.

    Args:
        labels: The label table as `labels.read_labels` returns it.
        target: One of `definitions.TARGETS`.

    Raises:
        XrdsymError: The table does not contain the target, or a space group is invalid.
    """
    if target == DIMENSIONALITY and DIMENSIONALITY not in labels:
        msg = (
            "the label table has no dimensionality, which is computed for this target only. "
            "Set labels.dimensionality: true in params.yaml and run `dvc repro labels`."
        )
        raise XrdsymError(msg)
    if target in {CRYSTAL_SYSTEM, DIMENSIONALITY}:
        return list(map(str, labels[target]))
    numbers = labels["space_group"]
    if not numbers.between(1, 230).all():
        msg = "the label table has a space group outside 1 to 230. Run `dvc repro labels`."
        raise XrdsymError(msg)
    by_number = [target_of(target, number) for number in range(1, 231)]
    return [by_number[number - 1] for number in numbers.astype(int)]
