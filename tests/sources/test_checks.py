"""Checks of every structure that is read."""

from __future__ import annotations

import numpy as np
import pytest

from xrdsym.common.errors import MaterialError
from xrdsym.crystal.labels import MAX_SITES
from xrdsym.crystal.structure_table import CrystalStructure
from xrdsym.sources.checks import MAX_ATOMS, checked


def salt(numbers: tuple[int, int] = (11, 17), occupancies: list[float] | None = None) -> CrystalStructure:
    shares = None if occupancies is None else np.array(occupancies)
    places = np.array([[0, 0, 0], [0.5, 0.25, 0]])
    return CrystalStructure("salt", "NaCl", np.eye(3) * 4, np.array(numbers, np.int16), places, shares)


def test_a_structure_without_a_fault_is_returned() -> None:
    for structure in (salt(), salt(occupancies=[0.5, 1.0009])):
        assert checked(structure) is structure


@pytest.mark.parametrize(
    ("structure", "reason", "said"),
    [
        (salt(occupancies=[1.0, 0.0]), "occupancy", "site 2 (Cl at 0.5, 0.25, 0) is 0,"),
        (salt(occupancies=[-0.5, 1.0]), "occupancy", "site 1 (Na at 0, 0, 0) is -0.5,"),
        (salt(occupancies=[1.0, float("nan")]), "occupancy", "site 2 (Cl at 0.5, 0.25, 0) is nan,"),
        (salt(occupancies=[1.0, 1.2]), "occupancy", "at site 2 (Cl at 0.5, 0.25, 0) add up to 1.2"),
        (salt((11, 119)), "unknown_element", "site 2 (? at 0.5, 0.25, 0) has the atomic number 119"),
        (salt((0, 17)), "unknown_element", "site 1 (? at 0, 0, 0) has the atomic number 0"),
    ],
)
def test_a_fault_names_its_site(structure: CrystalStructure, reason: str, said: str) -> None:
    with pytest.raises(MaterialError, match=r"^salt: ") as raised:
        checked(structure)
    assert raised.value.reason == reason
    assert said in str(raised.value)


def test_the_limit_is_that_of_the_symmetry_analysis() -> None:
    assert MAX_ATOMS == MAX_SITES
    count = MAX_ATOMS + 1
    many = CrystalStructure(
        "many", "Po", np.eye(3) * 99, np.full(count, 84, np.int16), np.random.default_rng(0).random((count, 3))
    )
    with pytest.raises(MaterialError, match=r"many: 5001 atoms in the cell, the limit is 5000"):
        checked(many)
