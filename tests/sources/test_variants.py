"""Variants of single prototypes."""

from __future__ import annotations

import numpy as np
import pytest

from xrdsym.crystal.symmetry import CrystalSystem
from xrdsym.sources.aflow import Prototype, load_prototypes
from xrdsym.sources.contacts import nearest_neighbours
from xrdsym.sources.decoration import covalent_radii
from xrdsym.sources.distortion import stable_system
from xrdsym.sources.variants import CLOSEST_CONTACT, VariantMaker


@pytest.fixture(scope="module")
def perovskite() -> tuple[Prototype, ...]:
    return tuple(
        one for one in load_prototypes() if one.structure.formula == "CaTiO3" and one.system == CrystalSystem.CUBIC
    )[:1]


@pytest.mark.parametrize("system", ["cubic", "tetragonal", "orthorhombic", "trigonal", "monoclinic", "triclinic"])
def test_a_variant_has_the_system_that_was_asked_for(perovskite: tuple[Prototype, ...], system: str) -> None:
    variant = VariantMaker(perovskite, seed=0).make(0, CrystalSystem(system))
    assert variant is not None
    assert stable_system(variant.lattice, variant.frac_coords, variant.numbers) == system
    assert variant.parent == perovskite[0].structure.material_id
    assert variant.material_id == f"{variant.parent}-v1"
    ratios = nearest_neighbours(variant.lattice, variant.frac_coords, covalent_radii(variant.numbers))[1]
    assert ratios.min() > CLOSEST_CONTACT - 0.01


def test_the_seed_repeats_variants_and_the_next_one_is_another(perovskite: tuple[Prototype, ...]) -> None:
    makers = [VariantMaker(perovskite, seed=seed) for seed in (1, 1, 2)]
    made = [[maker.make(0, CrystalSystem.TETRAGONAL) for _ in range(2)] for maker in makers]
    lattices = [[one.lattice.tobytes() for one in pair if one is not None] for pair in made]
    assert lattices[0] == lattices[1]
    assert lattices[0] != lattices[2]
    assert len(set(lattices[0])) == 2
    assert [one.material_id[-3:] for one in made[0] if one is not None] == ["-v1", "-v2"]
    assert not np.array_equal(made[0][0].numbers, perovskite[0].structure.numbers)  # type: ignore[union-attr]
