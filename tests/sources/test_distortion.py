from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymatgen.core import Lattice, Structure
from pymatgen.symmetry.analyzer import SpacegroupAnalyzer

from xrdsym.augmentation.strain import symmetrised_strain
from xrdsym.sources.distortion import (
    distort,
    find_operations,
    find_subgroups,
    stable_system,
    symmetrised_displacement,
)

# pymatgen's symmetry analysis calls functions of spglib that warn
pytestmark = pytest.mark.filterwarnings("ignore:Set OLD_ERROR_HANDLING:DeprecationWarning")

RUTILE = Structure.from_spacegroup(
    "P4_2/mnm", Lattice.tetragonal(4.594, 2.959), ["Ti", "O"], [[0, 0, 0], [0.305, 0.305, 0]]
)
PEROVSKITE = Structure.from_spacegroup(
    "Pm-3m", Lattice.cubic(3.905), ["Sr", "Ti", "O"], [[0, 0, 0], [0.5, 0.5, 0.5], [0.5, 0.5, 0]]
)
QUARTZ = Structure.from_spacegroup(
    "P3_221", Lattice.hexagonal(4.914, 5.405), ["Si", "O"], [[0.4698, 0, 2 / 3], [0.4133, 0.2672, 0.7855]]
)
BETA_QUARTZ = Structure.from_spacegroup(
    "P6_222", Lattice.hexagonal(4.997, 5.457), ["Si", "O"], [[0.5, 0, 0], [0.2072, 0.4144, 0.5]]
)
CRYSTALS = {"rutile": RUTILE, "perovskite": PEROVSKITE, "quartz": QUARTZ, "beta quartz": BETA_QUARTZ}


def cell(structure: Structure) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return structure.lattice.matrix, structure.frac_coords, np.array(structure.atomic_numbers, dtype=np.int16)


@pytest.mark.parametrize(
    ("name", "systems"),
    [
        ("rutile", {"tetragonal", "orthorhombic", "monoclinic", "triclinic"}),
        ("perovskite", {"cubic", "tetragonal", "orthorhombic", "trigonal", "monoclinic", "triclinic"}),
        ("quartz", {"trigonal", "monoclinic", "triclinic"}),
        ("beta quartz", {"hexagonal", "trigonal", "orthorhombic", "monoclinic", "triclinic"}),
    ],
)
def test_subgroups_have_the_systems_of_the_tables(name: str, systems: set[str]) -> None:
    operations, _ = find_operations(*cell(CRYSTALS[name]))
    assert set(find_subgroups(operations, np.random.default_rng(0))) == systems


@pytest.mark.parametrize("name", CRYSTALS)
def test_operations_map_the_atoms_as_pymatgen_does(name: str) -> None:
    structure = CRYSTALS[name]
    operations, _ = find_operations(*cell(structure))
    expected = SpacegroupAnalyzer(structure, symprec=0.01).get_symmetry_operations()
    assert len(operations.rotations) == len(expected)
    for operation, permutation in zip(expected, operations.permutations, strict=True):
        for site, image in zip(structure, permutation, strict=True):
            between = operation.operate(site.frac_coords) - structure[image].frac_coords
            np.testing.assert_allclose(between - np.round(between), 0, atol=1e-3)
            assert site.specie == structure[image].specie


@pytest.mark.parametrize("name", CRYSTALS)
@given(seed=st.integers(0, 2**32))
@settings(max_examples=20)
def test_symmetrising_twice_is_symmetrising_once(name: str, seed: int) -> None:
    structure = CRYSTALS[name]
    operations, _ = find_operations(*cell(structure))
    rng = np.random.default_rng(seed)
    strain = rng.normal(size=(3, 3))
    rotations = operations.rotations
    once = symmetrised_strain(strain + strain.T, structure.lattice.matrix, rotations)
    np.testing.assert_allclose(symmetrised_strain(once, structure.lattice.matrix, rotations), once, atol=1e-12)
    displaced = symmetrised_displacement(rng.normal(size=(len(structure), 3)), operations)
    np.testing.assert_allclose(symmetrised_displacement(displaced, operations), displaced, atol=1e-12)


@pytest.mark.parametrize("name", CRYSTALS)
@pytest.mark.parametrize("seed", range(5))
def test_distorted_crystals_have_the_symmetry_that_was_kept(name: str, seed: int) -> None:
    lattice, frac_coords, numbers = cell(CRYSTALS[name])
    full, system = find_operations(lattice, frac_coords, numbers)
    rng = np.random.default_rng(seed)
    for wanted, subgroups in find_subgroups(full, rng).items():
        for subgroup in subgroups:
            kept = full.subgroup(subgroup)
            strained, moved = distort(lattice, frac_coords, full, kept, rng)
            measured = Structure(strained, numbers, moved)
            found = SpacegroupAnalyzer(measured, symprec=1e-4, angle_tolerance=-1).get_symmetry_operations()
            assert len(found) >= len(kept.rotations)
            if wanted == system:
                assert len(found) >= len(kept.rotations)
            else:
                assert len(found) < len(full.rotations)


def test_a_label_that_depends_on_the_tolerance_is_none() -> None:
    assert stable_system(*cell(PEROVSKITE)) == "cubic"
    nearly = PEROVSKITE.copy()
    nearly.apply_strain([0, 0, 0.01])
    assert stable_system(*cell(nearly)) is None
