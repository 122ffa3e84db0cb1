"""Strain within the symmetry, against spglib."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymatgen.core import Lattice, Structure

from xrdsym.augmentation.strain import strained
from xrdsym.crystal.labels import label, with_rotations
from xrdsym.crystal.structure_table import CrystalStructure, from_pymatgen

LATTICES = {
    225: Lattice.cubic(5.64),
    136: Lattice.tetragonal(4.6, 2.96),
    166: Lattice.hexagonal(4.4, 30.5),
    186: Lattice.hexagonal(3.2, 5.2),
    62: Lattice.orthorhombic(7.0, 5.1, 4.0),
    14: Lattice.monoclinic(5.1, 5.2, 5.3, 99),
    2: Lattice.from_parameters(5, 6, 7, 80, 95, 101),
}
SITES = [[0.11, 0.23, 0.37], [0.0, 0.0, 0.0]]
CELLS = {
    number: Structure.from_spacegroup(number, lattice, ["Na", "Cl"], SITES) for number, lattice in LATTICES.items()
}


def made(number: int, *, primitive: bool) -> CrystalStructure:
    cell = CELLS[number]
    return from_pymatgen(cell.get_primitive_structure() if primitive else cell, str(number))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(list(CELLS)), st.booleans(), st.integers(0, 1000))
def test_the_space_group_stays_and_lengths_change_little(number: int, primitive: bool, seed: int) -> None:
    structure = made(number, primitive=primitive)
    (_, rotations), *_ = with_rotations([structure], 0.01, 5.0)
    changed = strained(structure, rotations, 0.06, np.random.default_rng(seed))
    assert label(changed, 0.01, 5.0).space_group == number
    stretch = np.linalg.solve(structure.lattice, changed.lattice) - np.eye(3)
    assert np.linalg.norm(stretch, 2) <= 0.06 + 1e-12
    np.testing.assert_allclose(stretch, stretch.T, atol=1e-12)
    np.testing.assert_array_equal(changed.frac_coords, structure.frac_coords)


@pytest.mark.parametrize("number", CELLS)
def test_the_size_is_drawn_evenly(number: int) -> None:
    structure = made(number, primitive=False)
    (_, rotations), *_ = with_rotations([structure], 0.01, 5.0)
    rng = np.random.default_rng(0)
    sizes = [
        np.linalg.norm(
            np.linalg.solve(structure.lattice, strained(structure, rotations, 0.1, rng).lattice) - np.eye(3), 2
        )
        for _ in range(400)
    ]
    np.testing.assert_allclose(np.quantile(sizes, [0.25, 0.5, 0.75]), [0.025, 0.05, 0.075], atol=0.01)
