"""Formulas of CIFs against what is in the cell."""

from __future__ import annotations

import pytest

from xrdsym.sources.cif_block import CifBlock
from xrdsym.sources.cif_formula import Stated, stated_formula, written


def stated(formula: str, units: str | None = None) -> Stated:
    columns = {"_chemical_formula_sum": [formula]} | ({} if units is None else {"_cell_formula_units_z": [units]})
    found = stated_formula(CifBlock("x", columns))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("formula", "amounts"),
    [
        ("O2 Zr", {"O": 2, "Zr": 1}),
        ("La3Ni", {"La": 3, "Ni": 1}),
        ("Fe0.95 O", {"Fe": 0.95, "O": 1}),
        ("C12 H22 D2 O11", {"C": 12, "H": 24, "O": 11}),
        ("Al2.00(1) O3", {"Al": 2, "O": 3}),
        ("Na Cl0", {"Na": 1}),
    ],
)
def test_formulas_as_they_are_written(formula: str, amounts: dict[str, float]) -> None:
    assert stated(formula).amounts == amounts


@pytest.mark.parametrize("formula", ["?", "", "(NaCl)", "Na+ Cl-", "water", "Ca3 Co2 -x Mn x O6", f"Na{'9' * 400}"])
def test_what_is_no_formula_is_none(formula: str) -> None:
    assert stated_formula(CifBlock("x", {"_chemical_formula_sum": [formula]})) is None


@pytest.mark.parametrize(
    ("formula", "units", "built", "agrees"),
    [
        ("O2 Zr", "2", {"Zr": 2, "O": 4}, True),
        ("O2 Zr", "2", {"Zr": 8, "O": 16}, False),
        ("O2 Zr", None, {"Zr": 8, "O": 16}, True),
        ("O2 Zr", "?", {"Zr": 8, "O": 16}, True),
        ("O2 Zr", "0", {"Zr": 8, "O": 16}, True),
        ("O2 Zr", "2", {"Zr": 2, "O": 3}, False),
        ("O2 Zr", "2", {"Hf": 2, "O": 4}, False),
        ("O2 Zr", "2", {"Zr": 2, "O": 4, "H": 1}, False),
        # the content of the cell, as pymatgen and ASE write it
        ("O4 Zr2", "2", {"Zr": 2, "O": 4}, True),
        ("O4 Zr2", "2", {"Zr": 4, "O": 8}, True),
        # hydrogen that X-rays did not find
        ("Cu H10 O9 S", "2", {"Cu": 2, "O": 18, "S": 2}, True),
        ("Cu H10 O9 S", "2", {"Cu": 2, "O": 18, "S": 2, "H": 8}, True),
        ("H2", "4", {"H": 8}, True),
    ],
)
def test_the_cell_against_the_formula(formula: str, units: str | None, built: dict[str, float], agrees: bool) -> None:
    assert stated(formula, units).agrees(built, ordered=True) is agrees


def test_rounded_occupancies_agree_and_missing_atoms_do_not() -> None:
    formula = stated("K0.667 Na0.333 Cl", "4")
    assert formula.agrees({"K": 2.68, "Na": 1.32, "Cl": 4}, ordered=False)
    assert not formula.agrees({"K": 2.68, "Na": 0.66, "Cl": 4}, ordered=False)
    assert not formula.agrees({"K": 4, "Na": 4, "Cl": 8}, ordered=True)


def test_z_does_not_count_for_a_magnetic_cell() -> None:
    assert stated("Mn O", "4").agrees({"Mn": 32, "O": 32}, ordered=True, counts=False)


def test_formulas_in_messages() -> None:
    assert str(stated("O2  Zr", "2")) == "O2 Zr, Z = 2"
    assert written({"Zr": 4.0, "O": 7.5}) == "O7.5 Zr4"
