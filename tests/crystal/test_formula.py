"""Formulas against pymatgen's."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from pymatgen.core import Composition, Element

from xrdsym.crystal.formula import formulas


def numbers_of(symbols: str) -> np.ndarray:
    return np.array([Element(symbol).Z for symbol in symbols.split()], dtype=np.int16)


@pytest.mark.parametrize("symbols", ["Ba Ti O O O", "Na Na Cl Cl", "O O", "Fe", "H C N O S", "Lv Og"])
def test_formulas_are_those_of_pymatgen(symbols: str) -> None:
    composition = Composition("".join(symbols.split()))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = composition.reduced_formula, composition.anonymized_formula
    assert formulas(numbers_of(symbols)) == expected


def test_the_order_of_atoms_does_not_matter() -> None:
    assert formulas(numbers_of("O Ti O Ba O")) == formulas(numbers_of("Ba Ti O O O")) == ("BaTiO3", "ABC3")


def test_shared_sites_count_by_their_occupancy() -> None:
    assert formulas(numbers_of("Cu Au Cu Au"), np.full(4, 0.5)) == ("CuAu", "AB")


def test_a_noble_gas_gives_no_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert formulas(numbers_of("Xe F F"))[0] == "XeF2"


def test_no_atoms_have_an_empty_formula() -> None:
    assert formulas(np.zeros(0, dtype=np.int16)) == ("", "")
