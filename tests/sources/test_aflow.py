from __future__ import annotations

import pytest
from pymatgen.core import Composition
from pymatgen.symmetry.analyzer import SpacegroupAnalyzer

from xrdsym.crystal.structure_table import to_pymatgen
from xrdsym.sources.aflow import load_prototypes, plain_formula

# pymatgen's symmetry analysis calls functions of spglib that warn
pytestmark = pytest.mark.filterwarnings("ignore:Set OLD_ERROR_HANDLING:DeprecationWarning")


def test_all_prototypes_are_there_under_their_own_names() -> None:
    names = [one.structure.material_id for one in load_prototypes()]
    assert len(names) == 288
    assert len(set(names)) == 288
    assert "aflow-AB_cF8_225_a_b-NaCl" in names


def test_systems_are_those_that_pymatgen_measures() -> None:
    for one in load_prototypes():
        analyzer = SpacegroupAnalyzer(to_pymatgen(one.structure), symprec=0.01, angle_tolerance=5)
        assert one.system == analyzer.get_crystal_system(), one.structure.material_id
        assert len(one.operations.rotations) == len(analyzer.get_symmetry_operations())


def test_flaws_are_reported() -> None:
    flaws = {one.structure.material_id: one.flaw for one in load_prototypes() if one.flaw}
    # its sulphur lies 1.03 Å from nickel; the other one is cubic at a tolerance of 0.1 Å
    assert "0.39" in flaws["aflow-ABC_cP12_198_a_a_a-NiSbS"]
    assert "tolerance" in flaws["aflow-AB2_aP12_1_4a_8a-FeS2"]
    assert len(flaws) == 10


@pytest.mark.parametrize(
    ("formula", "plain"),
    [("NaCl", "NaCl"), ("Fe12 Cr Ni3", "CrFe12Ni3"), ("N4", "N2"), ("Ca(CuO2)4", "CaCu4O8"), ("B10C11", "B10C11")],
)
def test_plain_formula(formula: str, plain: str) -> None:
    assert plain_formula(Composition(formula)) == plain
