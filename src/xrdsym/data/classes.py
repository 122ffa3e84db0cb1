"""The classes of a model: those of its target with enough training structures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from xrdsym.common.errors import UsageError
from xrdsym.crystal.targets.classes import CRYSTAL_SYSTEM, OTHER
from xrdsym.crystal.targets.definitions import target_classes

if TYPE_CHECKING:
    from xrdsym.config.schema import TargetParams


@dataclass(frozen=True)
class Classes:
    """The classes of a model.

    Attributes:
        names: In the order of the model's probabilities; `OTHER` comes last.
        rare: Classes of the target that are left out, with how many training structures each has.
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
        counts: Class to training structures; a class that is not named has none.

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
            f"{target.name} has that many training structures. Lower it, or choose a target with fewer classes."
        )
        raise UsageError(msg)
    return Classes(names, rare)
