"""Which structures a model got wrong: what they are and, for made-up ones, from which prototype they were made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from xrdsym.crystal.structure_table import read_structures
from xrdsym.crystal.targets.definitions import target_classes
from xrdsym.sources.origin import Origin, origins

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Mistake:
    """A structure with a wrong prediction.

    Attributes:
        material_id: Which material.
        formula: Its reduced formula.
        space_group: Its space group, Hermann-Mauguin symbol.
        actual: Its class.
        predicted: The predicted class.
        probability: Of the predicted class.
        probability_of_actual: Of its class.
        origin: Its prototype and distortion; None for a structure that was not made from a prototype.
    """

    material_id: str
    formula: str
    space_group: str
    actual: str
    predicted: str
    probability: float
    probability_of_actual: float
    origin: Origin | None


def mistakes_of(
    confusions: Sequence[Mapping[str, Any]],
    members: pd.DataFrame,
    probabilities: NDArray[np.float64],
    structures: Path,
) -> list[Mistake]:
    """Describe the examples of confusions.

    Args:
        confusions: As returned by `evaluation.confusions.worst_confusions`.
        members: One row an evaluated material, with the columns of the label table and `label`, the class's position.
        probabilities: Probability of each class, float64 (n, k), row by row as `members`.
        structures: `data/structures.parquet`; where it is missing, no origin is known.

    Returns:
        The mistakes of the most frequent confusion first.

    Raises:
        XrdsymError: The structure table is broken.
    """
    rows = {example["material_id"]: example["row"] for pair in confusions for example in pair["examples"]}
    known = read_structures(structures) if structures.is_file() else ()
    made = origins(one for one in known if one.material_id in rows)
    symbols = target_classes("space_group")
    mistakes = []
    for pair in confusions:
        for example in pair["examples"]:
            material_id, row = example["material_id"], example["row"]
            member = members.iloc[row]
            mistakes.append(
                Mistake(
                    material_id=material_id,
                    formula=str(member["composition"]),
                    space_group=symbols[int(member["space_group"]) - 1],
                    actual=pair["actual"],
                    predicted=pair["predicted"],
                    probability=round(example["probability"], 4),
                    probability_of_actual=round(float(probabilities[row, int(member["label"])]), 4),
                    origin=made.get(material_id),
                )
            )
    return mistakes
