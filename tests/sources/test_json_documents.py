"""Structures in JSON and in documents, against pymatgen, and the reasons of those that are refused."""

from __future__ import annotations

import json

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure
from pymatgen.io.cif import CifWriter
from pymatgen.io.vasp.inputs import Poscar

from xrdsym.common.errors import MaterialError
from xrdsym.crystal.structure_table import to_pymatgen
from xrdsym.sources.cif import structure_from_cif
from xrdsym.sources.json_documents import structure_from_dict, structure_from_json, structure_from_value
from xrdsym.sources.poscar import structure_from_poscar

RUTILE = Structure.from_spacegroup(
    "P4_2/mnm", Lattice.tetragonal(4.594, 2.959), ["Ti", "O"], [[0, 0, 0], [0.305, 0.305, 0]]
)
ALLOY = Structure(Lattice.cubic(3.8), [{"Cu": 0.25, "Au": 0.75}], [[0, 0, 0]])


@pytest.mark.parametrize(
    ("structure", "form"),
    [(RUTILE, "cif"), (RUTILE, "json"), (RUTILE, "poscar"), (ALLOY, "cif"), (ALLOY, "json")],
)
def test_what_pymatgen_writes_is_read_back(structure: Structure, form: str) -> None:
    if form == "cif":
        found = structure_from_cif(str(CifWriter(structure)), "one")
    elif form == "json":
        found = structure_from_json(json.dumps(structure.as_dict()), "one")
    else:
        found = structure_from_poscar(Poscar(structure).get_str(), "one")
    assert found.material_id == "one"
    assert found.formula == structure.composition.reduced_formula
    read = to_pymatgen(found)
    assert read.composition == structure.composition
    np.testing.assert_allclose(
        sorted(read.distance_matrix.ravel()), sorted(structure.distance_matrix.ravel()), atol=1e-4
    )


def changed(**site: object) -> dict:
    content = json.loads(json.dumps(ALLOY.as_dict()))
    content["sites"][0].update(site)
    return content


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (changed(species=[{"element": "Cu", "occu": 0.7}, {"element": "Au", "occu": 0.7}]), "occupancy"),
        (changed(species=[{"element": "Cu", "occu": 0.0}]), "occupancy"),
        (changed(species=[{"element": "Qq", "occu": 1.0}]), "unknown_element"),
        (changed(species=[{"element": "Uue", "occu": 1.0}]), "unknown_element"),
        (changed(species=[{"element": "Cu", "occu": -0.5}]), "occupancy"),
        (changed(species=[{"element": "Cu", "occu": float("nan")}]), "occupancy"),
        (changed(abc=[10**400, 0, 0]), "unreadable"),
        (changed(abc=[0.5, 0.5]), "unreadable"),
        (changed(abc=[1e999, 0, 0]), "not_finite"),
        (changed(abc=[0.0, float("nan"), 0.0]), "not_finite"),
        (changed(abc=[0.0, "x", 0.0]), "unreadable"),
        (ALLOY.as_dict() | {"lattice": {"matrix": np.diag([3.0, 3.0, 0.0]).tolist()}}, "zero_volume"),
        (ALLOY.as_dict() | {"sites": []}, "empty"),
        ({}, "unreadable"),
    ],
)
def test_what_is_no_crystal_has_a_reason(content: dict, reason: str) -> None:
    with pytest.raises(MaterialError, match=r"^one: ") as raised:
        structure_from_dict(content, "one")
    assert raised.value.reason == reason
    assert "\n" not in str(raised.value)


def test_ions_and_isotopes_are_their_elements() -> None:
    found = structure_from_dict(
        changed(species=[{"element": "Fe3+", "occu": 0.5}, {"element": "D", "occu": 0.5}]), "one"
    )
    assert found.numbers.tolist() == [26, 1]


def test_a_module_that_a_file_names_is_not_imported() -> None:
    content = ALLOY.as_dict() | {"@module": "antigravity", "@class": "Structure"}
    assert structure_from_dict(content, "one").formula == ALLOY.composition.reduced_formula


@pytest.mark.parametrize(
    ("text", "reason"),
    [("", "empty"), ("data_a\n", "unreadable"), (str(CifWriter(RUTILE)) * 2, "several_blocks")],
)
def test_a_cif_of_no_or_two_structures_is_refused(text: str, reason: str) -> None:
    with pytest.raises(MaterialError) as raised:
        structure_from_cif(text, "one")
    assert raised.value.reason == reason


def test_a_poscar_that_counts_more_atoms_than_it_has_is_refused_at_once() -> None:
    text = Poscar(RUTILE).get_str().replace("2 4", "2 4000000000")
    with pytest.raises(MaterialError, match="announces 4000000002 atoms"):
        structure_from_poscar(text, "one")


@pytest.mark.parametrize("occupancy", [0.0, -0.5, float("nan")])
def test_an_impossible_occupancy_names_its_site(occupancy: float) -> None:
    content = ALLOY.as_dict()
    content["sites"][0]["species"][0]["occu"] = occupancy
    with pytest.raises(MaterialError, match=r"the occupancy of site 1 \(Cu at 0, 0, 0\) is .*, expected above 0"):
        structure_from_dict(content, "one")


DOCUMENT = {"material_id": "mp-0", "formula_pretty": "TiO2", "structure": RUTILE.as_dict()}


@pytest.mark.parametrize(
    "content",
    [DOCUMENT, [DOCUMENT], {"data": [DOCUMENT]}, [RUTILE.as_dict()], {"cif": str(CifWriter(RUTILE))}],
)
def test_documents_and_lists_of_one_are_their_structure(content: object) -> None:
    assert structure_from_json(json.dumps(content, indent=1), "one").formula == "TiO2"


def test_a_list_of_several_says_where_it_is_read() -> None:
    with pytest.raises(MaterialError, match=r"a list of 2 structures, expected 1.*xrdsym evaluate") as raised:
        structure_from_json(json.dumps([DOCUMENT] * 2), "one")
    assert raised.value.reason == "several_structures"


@pytest.mark.parametrize("text", [str(RUTILE), repr(RUTILE), str(RUTILE.as_dict())])
def test_a_printed_structure_is_refused_for_what_it_is(text: str) -> None:
    for content in (text, {"structure": text}):
        with pytest.raises(MaterialError, match=r"as Python prints it .*write json\.dumps\(structure\.as_dict\(\)\)"):
            structure_from_value(content, "one")
