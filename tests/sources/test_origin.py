"""The origin of a structure is measured: what was done to a prototype by hand is what comes out."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from xrdsym.crystal.structure_table import CrystalStructure
from xrdsym.sources.aflow import library_structures, load_prototypes
from xrdsym.sources.distortion import BREAKING_STRAIN, DISPLACEMENT, ISOTROPIC_STRAIN, KEPT_STRAIN
from xrdsym.sources.origin import origin_of, origins
from xrdsym.sources.prototypes import prototype_structures

CELL = CrystalStructure(
    material_id="p",
    formula="CsCl",
    lattice=4.0 * np.eye(3),
    numbers=np.array([55, 17], dtype=np.int16),
    frac_coords=np.array([[0.0, 0, 0], [0.5, 0.5, 0.5]]),
    parent="p",
)


def test_scaling_shifting_and_turning_are_no_distortion() -> None:
    turn = np.array([[0.0, 1, 0], [-1, 0, 0], [0, 0, 1]])
    shift = np.array([0.9, 0, 0.3])
    other = dataclasses.replace(CELL, lattice=1.3 * CELL.lattice @ turn, frac_coords=CELL.frac_coords + shift)
    origin = origin_of(other, CELL)
    assert (origin.strain, origin.displacement) == (0, 0)


def test_a_strain_and_a_displacement_come_out() -> None:
    lattice = 2.0 * CELL.lattice @ np.diag([1.06, 1 / 1.06, 1.0])
    moved = CELL.frac_coords + np.array([[0, 0, 0.01], [0, 0, -0.01]])
    origin = origin_of(dataclasses.replace(CELL, lattice=lattice, frac_coords=moved % 1.0), CELL)
    assert origin.strain == pytest.approx(0.06, abs=1e-4)
    assert origin.displacement == pytest.approx(0.08, abs=1e-4)
    assert (origin.prototype, origin.formula) == ("p", "CsCl")


def test_made_up_structures_are_as_distorted_as_they_were_made() -> None:
    structures = prototype_structures(60, 0)
    found = origins(structures)
    assert set(found) == {structure.material_id for structure in structures}
    for structure in structures:
        origin = found[structure.material_id]
        assert origin.prototype == structure.parent
        if structure.material_id == structure.parent:
            assert (origin.strain, origin.displacement) == (0, 0)
        assert origin.strain <= KEPT_STRAIN[1] + BREAKING_STRAIN[1] + ISOTROPIC_STRAIN
    moved = [origin.displacement for origin in found.values() if origin.displacement > 0]
    assert DISPLACEMENT[0] < np.median(moved) < DISPLACEMENT[1]


def test_other_structures_have_no_origin() -> None:
    real = dataclasses.replace(CELL, parent=None)
    unknown = dataclasses.replace(CELL, parent="aflow-nothing")
    first = next(library_structures())
    other_sites = dataclasses.replace(CELL, parent=first.material_id, numbers=np.zeros(99, dtype=np.int16))
    assert origins([real, unknown, other_sites]) == {}
    assert origins([]) == {}


def test_the_library_is_that_of_the_prototypes() -> None:
    names = [structure.material_id for structure in library_structures()]
    assert names == [prototype.structure.material_id for prototype in load_prototypes()]
