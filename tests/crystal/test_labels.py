from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure
from pymatgen.symmetry.analyzer import SpacegroupAnalyzer

from xrdsym.common.errors import MaterialError
from xrdsym.crystal.labels import label, label_row
from xrdsym.crystal.structure_table import CrystalStructure, from_pymatgen, read_batches, to_pymatgen


def rock_salt() -> Structure:
    return Structure.from_spacegroup("Fm-3m", Lattice.cubic(5.64), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])


def test_the_label_of_rock_salt() -> None:
    found = label(from_pymatgen(rock_salt(), "salt"), 0.01, 5.0)
    assert found.space_group == 225
    assert found.crystal_system == "cubic"
    assert found.composition == "NaCl"
    assert found.anonymous_formula == "AB"
    assert found.prototype == "AB 225"


def test_a_derived_structure_keeps_its_parent() -> None:
    assert label(from_pymatgen(rock_salt(), "salt", parent="aflow-x"), 0.01, 5.0).prototype == "aflow-x"


def test_shared_sites_are_labelled_as_pymatgen_does() -> None:
    salt = rock_salt()
    salt.replace_species({"Na": {"Na": 0.5, "K": 0.5}})
    found = label(from_pymatgen(salt, "mixed"), 0.01, 5.0)
    assert found.space_group == SpacegroupAnalyzer(salt, 0.01).get_space_group_number() == 225
    assert found.composition == salt.composition.reduced_formula
    one_site = rock_salt()
    one_site[0] = {"Na": 0.5, "K": 0.5}
    found = label(from_pymatgen(one_site, "one"), 0.01, 5.0)
    assert found.space_group == SpacegroupAnalyzer(one_site, 0.01).get_space_group_number() == 221


def test_real_structures_are_labelled_as_pymatgen_does(shared_data: Path) -> None:
    table = shared_data / "mp" / "structures-0.parquet"
    structures = next(iter(read_batches(table, 150)))
    for structure in structures:
        found = label(structure, 0.01, 5.0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            theirs = to_pymatgen(structure)
            formula = theirs.composition.reduced_formula
        assert found.space_group == SpacegroupAnalyzer(theirs, 0.01).get_space_group_number()
        assert found.composition == formula
        assert found.anonymous_formula == theirs.composition.anonymized_formula


def faulty(**changes: object) -> CrystalStructure:
    values: dict = {
        "material_id": "bad",
        "formula": "X",
        "lattice": np.eye(3) * 4.0,
        "numbers": np.array([11, 17], dtype=np.int16),
        "frac_coords": np.array([[0, 0, 0], [0.5, 0.5, 0.5]]),
    }
    return CrystalStructure(**(values | changes))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"numbers": np.zeros(0, dtype=np.int16), "frac_coords": np.zeros((0, 3))}, "empty"),
        ({"frac_coords": np.array([[0, 0, np.nan], [0.5, 0.5, 0.5]])}, "not_finite"),
        ({"lattice": np.full((3, 3), np.inf)}, "not_finite"),
        ({"lattice": np.array([[1.0, 0, 0], [0, 1, 0], [1, 1, 0]])}, "zero_volume"),
        ({"lattice": np.zeros((3, 3))}, "zero_volume"),
        ({"numbers": np.array([11, 11]), "frac_coords": np.zeros((2, 3))}, "no_symmetry"),
        (
            {"numbers": np.ones(6000, dtype=np.int16), "frac_coords": np.random.default_rng(0).random((6000, 3))},
            "too_large",
        ),
    ],
)
def test_a_faulty_structure_is_skipped_with_its_name_and_reason(changes: dict, reason: str) -> None:
    structure = faulty(**changes)
    with pytest.raises(MaterialError, match="bad") as raised:
        label(structure, 0.01, 5.0)
    assert raised.value.reason == reason
    row = label_row(structure, 0.01, 5.0)
    assert row["skipped"] == reason
    assert row["crystal_system"] is None
