"""What materials are of a target, and where that stands among the classes of a model."""

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
"""The class that rare ones are merged into."""


def class_indices(values: Sequence[str], names: Sequence[str]) -> NDArray[np.int64]:
    """Where the class of each structure stands among a model's: int64 (n,); -1 where it is none of them.

    Args:
        values: A class of the target for each structure.
        names: The model's classes; with `OTHER` among them every other class is that one.
    """
    index = {name: position for position, name in enumerate(names)}
    return np.array([index.get(value, index.get(OTHER, -1)) for value in values], dtype=np.int64)


def target_values(labels: pd.DataFrame, target: str) -> list[str]:
    """The class of a target that each labelled structure has.

    Args:
        labels: What `labels.read_labels` returned.
        target: One of `targets.TARGETS`.

    Raises:
        XrdsymError: The table does not tell it.
    """
    if target == DIMENSIONALITY and DIMENSIONALITY not in labels:
        msg = (
            "the table of labels has no dimensionality, which is worked out for this target alone. "
            "Set labels.dimensionality: true in params.yaml and run `dvc repro labels`."
        )
        raise XrdsymError(msg)
    if target in {CRYSTAL_SYSTEM, DIMENSIONALITY}:
        return list(map(str, labels[target]))
    numbers = labels["space_group"]
    if not numbers.between(1, 230).all():
        msg = "the table of labels holds rows whose space group is no number from 1 to 230. Run `dvc repro labels`."
        raise XrdsymError(msg)
    answers = [target_of(target, number) for number in range(1, 231)]
    return [answers[number - 1] for number in numbers.astype(int)]
