"""The classes of a model: those of its target that enough training structures have, and who belongs to which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from xrdsym.errors import UsageError, XrdsymError
from xrdsym.targets.definitions import DIMENSIONALITY, target_classes, target_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from xrdsym.params import TargetParams

CRYSTAL_SYSTEM = "crystal_system"
OTHER = "other"
"""The class that rare ones are merged into."""


@dataclass(frozen=True)
class Classes:
    """The classes of a model.

    Attributes:
        names: In the order of the model's answers; `OTHER` comes last.
        rare: Those of the target that are none of them, with how many training structures each has.
    """

    names: tuple[str, ...]
    rare: Mapping[str, int]

    @property
    def rare_structures(self) -> int:
        """Training structures of the rare classes."""
        return sum(self.rare.values())


def chosen_classes(target: TargetParams, counts: Mapping[str, int]) -> Classes:
    """Choose the classes of a model by how many training structures have them.

    All seven crystal systems stay where only absent ones would be rare. Rare classes are merged only where one of them
    has a training structure.

    Args:
        target: What is predicted, and when a class is rare.
        counts: Class to training structures; those that it does not name have none.

    Raises:
        UsageError: Fewer than two classes are left.
    """
    every = target_classes(target.name)
    if target.name == CRYSTAL_SYSTEM and target.fewest == 1:
        return Classes(every, {})
    rare = {name: counts.get(name, 0) for name in every if counts.get(name, 0) < target.fewest}
    names = tuple(name for name in every if name not in rare)
    if target.rare == "merge" and any(rare.values()):
        names += (OTHER,)
    if len(names) < 2:
        msg = (
            f"target.fewest: {target.fewest}: {len(names) or 'none'} of the {len(every)} classes of target "
            f"{target.name} has that many training structures. Lower it, or take a target with fewer classes."
        )
        raise UsageError(msg)
    return Classes(names, rare)


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
            "Set target.name: dimensionality in params.yaml and run `dvc repro labels`."
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
