from __future__ import annotations

import numpy as np
import pytest

from research.thin_films.structures import (
    DOUBLE,
    LAYERED,
    PEROVSKITES,
    Family,
    chosen_structures,
    has_formula,
    has_metals,
)
from xrdsym.common.errors import XrdsymError
from xrdsym.crystal.structure_table import CrystalStructure


@pytest.mark.parametrize(
    ("formula", "family", "amounts", "metals"),
    [
        ("CsPbBr3", PEROVSKITES, True, True),
        ("CsCaCl3", PEROVSKITES, True, False),
        ("CsPbF3", PEROVSKITES, False, True),
        ("HPbI3", PEROVSKITES, False, False),
        ("CsPb2Br5", PEROVSKITES, False, True),
        ("Cs3Bi2I9", LAYERED, True, True),
        ("Cs3Cr2Cl9", LAYERED, True, False),
        ("Sb2(I3N)3", LAYERED, False, False),
        ("Cs2AgBiBr6", DOUBLE, True, True),
        ("K2RbSbCl6", DOUBLE, True, False),
        ("Cs2NaBiCl6", DOUBLE, True, False),
    ],
)
def test_formulas_belong_to_families(formula: str, family: Family, amounts: bool, metals: bool) -> None:
    assert has_formula(formula, family) is amounts
    assert not amounts or has_metals(formula, family) is metals


def perovskite(name: str, metal: int) -> CrystalStructure:
    positions = np.array([[0, 0, 0], [0.5] * 3, [0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]])
    numbers = np.array([55, metal, 35, 35, 35], dtype=np.int16)
    formula = {82: "CsPbBr3", 20: "CsCaBr3"}[metal]
    return CrystalStructure(name, formula, np.eye(3) * 5.9, numbers, positions)


def test_a_class_without_structures_is_named() -> None:
    with pytest.raises(XrdsymError, match=r"no halide of the space groups Fm-3m, I4/mcm, .*, Pc; give larger"):
        chosen_structures([perovskite("one", 82)])


def test_other_metals_are_taken_only_where_the_films_own_are_too_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("research.thin_films.structures.CLASSES", ("Pm-3m",))
    lead = [perovskite(f"lead {number}", 82) for number in range(4)]
    other = [perovskite("calcium", 20)]
    assert chosen_structures(lead + other) == {"Pm-3m": lead}
    assert chosen_structures(lead[:3] + other) == {"Pm-3m": lead[:3] + other}
