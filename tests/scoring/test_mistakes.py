from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from xrdsym.common.errors import XrdsymError
from xrdsym.crystal.structure_table import write_structures
from xrdsym.evaluation.confusions import worst_confusions
from xrdsym.scoring.mistakes import mistakes_of
from xrdsym.sources.aflow import library_structures

if TYPE_CHECKING:
    from pathlib import Path

CLASSES = ["cubic", "hexagonal"]
PROBABILITIES = np.array([[0.2, 0.8], [0.9, 0.1], [0.6, 0.4]])


def members(names: list[str]) -> pd.DataFrame:
    return pd.DataFrame(
        {"material_id": names, "composition": ["NaCl", "HgS", "Te"], "space_group": [225, 194, 186], "label": [0, 1, 1]}
    )


def test_a_mistake_says_what_it_is_and_where_it_comes_from(tmp_path: Path) -> None:
    first = next(library_structures())
    table, made = tmp_path / "structures.parquet", members(["mp-1", first.material_id, "mp-2"])
    write_structures(table, [first])
    confusions = worst_confusions(
        made["label"], PROBABILITIES, made["material_id"].tolist(), classes=CLASSES, examples=1
    )
    one, other = mistakes_of(confusions, made, PROBABILITIES, table)
    assert (one.material_id, one.formula, one.space_group) == (first.material_id, "HgS", "P6_3/mmc")
    assert (one.actual, one.predicted, one.probability, one.probability_of_actual) == ("hexagonal", "cubic", 0.9, 0.1)
    assert one.origin is not None
    assert one.origin.prototype == first.material_id
    assert (other.material_id, other.actual, other.origin) == ("mp-1", "cubic", None)


def test_without_the_table_no_origin_is_known_and_a_broken_one_is_named(tmp_path: Path) -> None:
    made = members(["a", "b", "c"])
    confusions = worst_confusions(made["label"], PROBABILITIES, ["a", "b", "c"], classes=CLASSES)
    found = mistakes_of(confusions, made, PROBABILITIES, tmp_path / "missing.parquet")
    assert [mistake.formula for mistake in found] == ["HgS", "Te", "NaCl"]
    assert {mistake.origin for mistake in found} == {None}
    (tmp_path / "broken.parquet").write_text("x")
    with pytest.raises(XrdsymError, match=r"broken\.parquet"):
        mistakes_of(confusions, made, PROBABILITIES, tmp_path / "broken.parquet")


def test_without_mistakes_there_are_none(tmp_path: Path) -> None:
    assert mistakes_of([], members(["a", "b", "c"]), PROBABILITIES, tmp_path / "missing.parquet") == []
