from __future__ import annotations

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure

from xrdsym.common.errors import MaterialError
from xrdsym.crystal.structure_table import CrystalStructure, from_pymatgen
from xrdsym.crystal.targets.dimensionality import dimensionality

SELENIUM = Structure.from_spacegroup("P3_121", Lattice.hexagonal(4.366, 4.954), ["Se"], [[0.225, 0, 1 / 3]])
SILICON_SULFIDE = Structure.from_spacegroup(
    "Ibam", Lattice.orthorhombic(9.583, 5.614, 5.547), ["Si", "S"], [[0, 0, 0.25], [0.1182, 0.2088, 0]]
)
GRAPHITE = Structure.from_spacegroup(
    "P6_3/mmc", Lattice.hexagonal(2.464, 6.711), ["C", "C"], [[0, 0, 0.25], [1 / 3, 2 / 3, 0.25]]
)
MOLYBDENITE = Structure.from_spacegroup(
    "P6_3/mmc", Lattice.hexagonal(3.16, 12.29), ["Mo", "S"], [[1 / 3, 2 / 3, 0.25], [1 / 3, 2 / 3, 0.621]]
)
DRY_ICE = Structure.from_spacegroup("Pa-3", Lattice.cubic(5.55), ["C", "O"], [[0, 0, 0], [0.118, 0.118, 0.118]])
IODINE = Structure.from_spacegroup("Cmce", Lattice.orthorhombic(7.136, 4.686, 9.784), ["I"], [[0, 0.15434, 0.11741]])
SALT = Structure.from_spacegroup("Fm-3m", Lattice.cubic(5.64), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])
COPPER = Structure.from_spacegroup("Fm-3m", Lattice.cubic(3.61), ["Cu"], [[0, 0, 0]]).get_primitive_structure()


@pytest.mark.parametrize(
    ("structure", "expected"),
    [
        pytest.param(IODINE, 0, id="iodine"),
        pytest.param(DRY_ICE, 0, id="dry ice"),
        pytest.param(SELENIUM, 1, id="selenium"),
        pytest.param(SILICON_SULFIDE, 1, id="silicon sulfide"),
        pytest.param(GRAPHITE, 2, id="graphite"),
        pytest.param(MOLYBDENITE, 2, id="molybdenite"),
        pytest.param(SALT, 3, id="rock salt"),
        pytest.param(COPPER, 3, id="copper, one atom in the cell"),
    ],
)
def test_known_materials(structure: Structure, expected: int) -> None:
    assert dimensionality(from_pymatgen(structure, "one")) == expected


@pytest.mark.parametrize("structure", [IODINE, SELENIUM, GRAPHITE], ids=["iodine", "selenium", "graphite"])
def test_the_choice_of_the_cell_changes_nothing(structure: Structure) -> None:
    larger = structure.copy()
    larger.make_supercell([[2, 1, 0], [0, 1, 0], [0, 0, 1]])
    larger.translate_sites(range(len(larger)), [0.21, 0.37, 0.55])

    assert dimensionality(from_pymatgen(larger, "one")) == dimensionality(from_pymatgen(structure, "one"))


def test_a_very_skew_cell_of_a_real_crystal_is_no_needle() -> None:
    skew = SALT.copy()
    skew.make_supercell([[1, 0, 0], [0, 1, 0], [17, 19, 1]])

    assert dimensionality(from_pymatgen(skew, "one")) == 3


def test_a_shared_site_bonds_as_its_majority() -> None:
    alloy = Structure(COPPER.lattice, [{"Cu": 0.75, "Au": 0.25}], [[0, 0, 0]])

    assert dimensionality(from_pymatgen(alloy, "one")) == 3


@pytest.mark.parametrize(
    ("structure", "reason"),
    [
        pytest.param(Structure(Lattice.cubic(4), [{"Cu": 0.5, "Au": 0.5}], [[0, 0, 0]]), "disordered", id="half"),
        pytest.param(Structure(Lattice.cubic(4), [{"Cu": 0.4}], [[0, 0, 0]]), "disordered", id="mostly empty"),
        pytest.param(
            Structure(Lattice.cubic(4), ["Cu", "O"], [[0, 0, 0], [0, 0, 0.001]]), "atoms_too_close", id="one spot"
        ),
        pytest.param(Structure(Lattice.cubic(0.01), ["Cu"], [[0, 0, 0]]), "cell_not_of_atoms", id="in nanometres"),
        pytest.param(
            Structure(Lattice.orthorhombic(1, 1, 1000), ["Cu"], [[0, 0, 0]]), "cell_not_of_atoms", id="needle"
        ),
    ],
)
def test_bonds_that_cannot_be_told_are_refused_by_name(structure: Structure, reason: str) -> None:
    with pytest.raises(MaterialError, match="strange-1") as caught:
        dimensionality(from_pymatgen(structure, "strange-1"))

    assert caught.value.reason == reason


def test_what_crystalnn_fails_at_is_reported_with_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        msg = "infinite vertex in the Voronoi construction"
        raise RuntimeError(msg)

    monkeypatch.setattr("pymatgen.analysis.local_env.CrystalNN.get_bonded_structure", fail)

    with pytest.raises(MaterialError, match=r"salt-1: .*infinite vertex") as caught:
        dimensionality(from_pymatgen(SALT, "salt-1"))
    assert caught.value.reason == "no_bonds"


def test_what_is_no_crystal_is_refused() -> None:
    nothing = CrystalStructure("none-1", "", np.eye(3), np.zeros(0, dtype=np.int16), np.zeros((0, 3)))

    with pytest.raises(MaterialError, match="none-1") as caught:
        dimensionality(nothing)
    assert caught.value.reason == "empty"
