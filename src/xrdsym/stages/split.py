"""Labels → split: train, validation or test for every labelled material."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xrdsym.common.files import write_json, write_text
from xrdsym.crystal.labels import read_labels
from xrdsym.crystal.symmetry import CRYSTAL_SYSTEMS
from xrdsym.data.split import PARTS, split

if TYPE_CHECKING:
    import pandas as pd

    from xrdsym.config.paths import Paths
    from xrdsym.config.schema import Params


def run(paths: Paths, params: Params) -> None:
    """Write `split.csv` and the number of structures of each crystal system in each part."""
    labels = read_labels(paths.labels)
    by = params.split.by
    parts = split(
        labels["crystal_system"].to_numpy(dtype=str),
        None if by == "random" else labels[by].to_numpy(dtype=str),
        validation=params.split.validation,
        test=params.split.test,
        seed=params.split.seed,
    )
    frame = labels.assign(part=parts)
    write_text(paths.split, frame[["material_id", "part"]].to_csv(index=False))
    write_json(paths.summary("split"), _summary(frame))
    for part, system in _absent(frame):
        print(f"split: no {system} structure in the {part} part")
    print("split: " + ", ".join(f"{(parts == part).sum()} {part}" for part in PARTS) + f", by {by}")


def _summary(frame: pd.DataFrame) -> dict[str, dict[str, dict[str, int] | float]]:
    """Counts of each crystal system in each part, and the share of the test part whose keys are in the train part."""
    counts: dict[str, dict[str, int] | float] = {}
    for part in PARTS:
        systems = frame.loc[frame["part"] == part, "crystal_system"].value_counts()
        counts[part] = {system: int(systems.get(system, 0)) for system in CRYSTAL_SYSTEMS}
    train, test = (frame[frame["part"] == part] for part in ("train", "test"))
    shared: dict[str, dict[str, int] | float] = {
        key: round(float(np.isin(test[key], train[key]).mean()), 4) if len(test) else 0.0
        for key in ("composition", "prototype", "anonymous_formula")
    }
    return {"parts": counts, "test_shares_with_train": shared}


def _absent(frame: pd.DataFrame) -> list[tuple[str, str]]:
    """Pairs of a part and a crystal system that the labels have and the part lacks."""
    present = set(zip(frame["part"], frame["crystal_system"], strict=True))
    systems = [system for system in CRYSTAL_SYSTEMS if system in set(frame["crystal_system"])]
    return [
        (part, system)
        for part in PARTS
        if part in set(frame["part"])
        for system in systems
        if (part, system) not in present
    ]
