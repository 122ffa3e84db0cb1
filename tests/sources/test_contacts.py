"""Contacts against pymatgen's neighbours, and their relaxation."""

from __future__ import annotations

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure
from pymatgen.symmetry.analyzer import SpacegroupAnalyzer

from xrdsym.sources.contacts import nearest_neighbours, relieve_contacts

# pymatgen's symmetry analysis calls functions of spglib that warn
pytestmark = pytest.mark.filterwarnings("ignore:Set OLD_ERROR_HANDLING:DeprecationWarning")

QUARTZ = Structure.from_spacegroup(
    "P3_221", Lattice.hexagonal(4.914, 5.405), ["Si", "O"], [[0.4698, 0, 2 / 3], [0.4133, 0.2672, 0.7855]]
)
CRYSTALS = {
    "rutile": Structure.from_spacegroup(
        "P4_2/mnm", Lattice.tetragonal(4.594, 2.959), ["Ti", "O"], [[0, 0, 0], [0.305, 0.305, 0]]
    ),
    "perovskite": Structure.from_spacegroup(
        "Pm-3m", Lattice.cubic(3.905), ["Sr", "Ti", "O"], [[0, 0, 0], [0.5, 0.5, 0.5], [0.5, 0.5, 0]]
    ),
    "quartz": QUARTZ,
}


def cell(structure: Structure) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return structure.lattice.matrix, structure.frac_coords, np.array(structure.atomic_numbers, dtype=np.int16)


def test_nearest_neighbours_are_those_of_pymatgen() -> None:
    for structure in CRYSTALS.values():
        lattice, frac_coords, _ = cell(structure)
        neighbours, distances = nearest_neighbours(lattice, frac_coords, np.full(len(structure), 0.5))
        for index, (neighbour, distance) in enumerate(zip(neighbours, distances, strict=True)):
            found = min(structure.get_neighbors(structure[index], 5), key=lambda site: site.nn_distance)
            assert distance == pytest.approx(found.nn_distance)
            assert structure.get_distance(index, neighbour) == pytest.approx(distance)


def test_contacts_are_relieved_without_losing_symmetry() -> None:
    squeezed = Structure.from_spacegroup(
        "P4_2/mnm", Lattice.tetragonal(4.594, 2.959), ["Ti", "O"], [[0, 0, 0], [0.22, 0.22, 0]]
    )
    lattice, frac_coords, numbers = cell(squeezed)
    radii = np.where(numbers == 22, 1.2, 0.7)
    assert nearest_neighbours(lattice, frac_coords, radii)[1].min() < 0.8
    relieved = relieve_contacts(lattice, frac_coords, radii, 0.95)
    assert nearest_neighbours(lattice, relieved, radii)[1].min() == pytest.approx(0.95, abs=0.01)
    assert SpacegroupAnalyzer(Structure(lattice, numbers, relieved), symprec=1e-5).get_space_group_number() == 136


def test_crystals_without_contacts_stay_as_they_are() -> None:
    lattice, frac_coords, _ = cell(QUARTZ)
    np.testing.assert_array_equal(relieve_contacts(lattice, frac_coords, np.full(9, 0.5), 0.9), frac_coords)
