"""Structure files, good and bad."""

from __future__ import annotations

import gzip
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from pymatgen.core import Lattice, Species, Structure
from pymatgen.io.cif import CifWriter

from xrdsym.common.errors import MaterialError, XrdsymError
from xrdsym.common.skips import Skipped
from xrdsym.crystal.labels import label
from xrdsym.crystal.structure_table import CrystalStructure, from_pymatgen, to_pymatgen, write_structures
from xrdsym.sources import files
from xrdsym.sources.files import file_structures, read_structure_file

SALT = Structure.from_spacegroup("Fm-3m", Lattice.cubic(5.64), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])
CIF = """data_{name}
_cell_length_a {a}
_cell_length_b 4.0
_cell_length_c 4.0
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma {gamma}
_symmetry_space_group_name_H-M 'P 1'
loop_
_atom_site_type_symbol
_atom_site_label
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
_atom_site_occupancy
{atoms}
"""


def cif(atoms: str = "Po Po1 0 0 0 1", name: str = "x", a: str = "4.0", gamma: str = "90") -> str:
    return CIF.format(name=name, atoms=atoms, a=a, gamma=gamma)


def ids_of(entries: list[CrystalStructure | Skipped]) -> list[str]:
    return [entry.material_id for entry in entries if isinstance(entry, CrystalStructure)]


# the writer that finds symmetry calls a function of spglib that warns
@pytest.mark.filterwarnings("ignore:Set OLD_ERROR_HANDLING:DeprecationWarning")
def test_every_kind_of_file_gives_the_same_structure(tmp_path: Path) -> None:
    (tmp_path / "a.cif").write_text(SALT.to(fmt="cif"))
    (tmp_path / "b.cif.gz").write_bytes(gzip.compress(str(CifWriter(SALT, symprec=0.01)).encode()))
    (tmp_path / "c.vasp").write_text(SALT.to(fmt="poscar"))
    (tmp_path / "POSCAR_d").write_text(SALT.to(fmt="poscar"))
    (tmp_path / "e.json").write_text(SALT.to_json())
    (tmp_path / "f.json").write_text(json.dumps(SALT.as_dict(), indent=1))
    (tmp_path / "g").mkdir()
    (tmp_path / "g" / "POSCAR").write_text(SALT.to(fmt="poscar"))
    write_structures(tmp_path / "h.parquet", [from_pymatgen(SALT, "row")])
    (tmp_path / "README.txt").write_text("not a structure")
    (tmp_path / "ids.csv").write_text("material_id\na\n")
    (tmp_path / "._a.cif").write_text("hidden")
    entries = list(file_structures(tmp_path))
    assert sorted(ids_of(entries)) == ["a", "b", "c", "d", "e", "f", "g", "row"]
    for entry in entries:
        assert isinstance(entry, CrystalStructure)
        assert entry.formula == "NaCl"
        assert to_pymatgen(entry).matches(SALT)


def test_shared_sites_ions_and_deuterium(tmp_path: Path) -> None:
    path = tmp_path / "mixed.cif"
    path.write_text(cif("Fe3+ Fe1 0 0 0 0.5\nMn2+ Mn1 0 0 0 0.25\nD D1 0.5 0.5 0.5 1"))
    structure = read_structure_file(path)
    assert structure.occupancies is not None
    order = np.argsort(structure.numbers)
    assert structure.numbers[order].tolist() == [1, 25, 26]
    assert structure.occupancies[order].tolist() == [1, 0.25, 0.5]
    sites = structure.frac_coords[order]
    assert np.array_equal(sites[1], sites[2])
    ions = {Species("Fe", 3): 0.5, Species("Mn", 2): 0.25}
    (tmp_path / "ions.json").write_text(Structure(Lattice.cubic(4), [ions, "D"], [[0, 0, 0], [0.5] * 3]).to_json())
    again = read_structure_file(tmp_path / "ions.json")
    assert sorted(again.numbers) == [1, 25, 26]
    assert again.formula == structure.formula


def test_noble_gases_warn_nobody(tmp_path: Path) -> None:
    (tmp_path / "a.cif").write_text(cif("Ne Ne1 0 0 0 1\nHe He1 0.5 0.5 0.5 1"))
    (tmp_path / "b.json").write_text(Structure(Lattice.cubic(4), ["Ne"], [[0, 0, 0]]).to_json())
    assert [read_structure_file(tmp_path / name).formula for name in ("a.cif", "b.json")] == ["HeNe", "Ne"]


def test_three_rounded_thirds_are_one_full_site(tmp_path: Path) -> None:
    path = tmp_path / "thirds.cif"
    path.write_text(cif("Fe Fe1 0 0 0 0.334\nMn Mn1 0 0 0 0.333\nCo Co1 0 0 0 0.3333"))
    assert len(read_structure_file(path).numbers) == 3


BAD: dict[str, tuple[str, str]] = {
    "empty.cif": ("", "empty"),
    "words.cif": ("this is no CIF\n", "unreadable"),
    "header.cif": ("data_x\n_cell_length_a 4.0\n", "unreadable"),
    "two.cif": (cif(name="a") + cif(name="b", a="5.0"), "several_blocks"),
    "twins.cif": (cif(name="a") + cif(name="a"), "several_blocks"),
    "nan.cif": (cif("Po Po1 nan 0 0 1"), "not_finite"),
    "inf.cif": (cif("Po Po1 inf 0 0 1"), "not_finite"),
    "flat.cif": (cif(gamma="0"), "zero_volume"),
    "nocell.cif": (cif(a="0"), "zero_volume"),
    "unknown.cif": (cif("Qq Qq1 0 0 0 1"), "unknown_element"),
    "overfull.cif": (cif("Po Po1 0 0 0 1.4"), "occupancy"),
    "cut.cif": (cif()[:-25], "unreadable"),
    "letters.cif": (cif("Po Po1 a b c 1"), "unreadable"),
    "empty.json": ("", "empty"),
    "list.json": ("[1, 2]", "several_structures"),
    "other.json": ('{"count": 3}', "unreadable"),
    "broken.json": (SALT.to_json()[:200], "unreadable"),
    "deep.json": ("[" * 100_000, "unreadable"),
    "dummy.json": (Structure(Lattice.cubic(4), ["X"], [[0, 0, 0]]).to_json(), "unknown_element"),
    "atomless.json": (Structure(Lattice.cubic(4), [], []).to_json(), "empty"),
    "infinite.json": (
        Structure(Lattice.cubic(4), ["Po"], [[0.125, 0, 0]]).to_json().replace("0.125", "Infinity"),
        "not_finite",
    ),
    "POSCAR_empty": ("", "empty"),
    "POSCAR_billion": ("x\n1.0\n4 0 0\n0 4 0\n0 0 4\nPo\n1000000000\nDirect\n0 0 0\n", "unreadable"),
    "POSCAR_words": ("this\nis no\nPOSCAR\n", "unreadable"),
    "POSCAR_nameless": ("x\n1.0\n4 0 0\n0 4 0\n0 0 4\n1\nDirect\n0 0 0\n", "unreadable"),
    "POSCAR_flat": ("x\n1.0\n4 0 0\n4 0 0\n0 0 4\nPo\n1\nDirect\n0 0 0\n", "zero_volume"),
    "notes.txt": ("hello", "unreadable"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_one_line_that_names_it(tmp_path: Path, name: str) -> None:
    text, reason = BAD[name]
    (tmp_path / name).write_text(text)
    with pytest.raises(MaterialError, match=name) as raised:
        read_structure_file(tmp_path / name)
    assert raised.value.reason == reason
    assert "\n" not in str(raised.value)


def test_bad_files_cost_nothing_else(tmp_path: Path) -> None:
    for name, (text, _) in BAD.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "good.cif").write_text(cif())
    entries = list(file_structures(tmp_path))
    assert ids_of(entries) == ["good"]
    # the two parts of a list are an entry each; notes.txt is none
    assert len(entries) == len(BAD) + 1


def test_only_the_block_with_atoms_counts(tmp_path: Path) -> None:
    comment = "_publ_section_comment\n;\ndata_collection was by\n_atom_site_ tables\n;\n"
    (tmp_path / "a.cif").write_text(f"data_global\n_journal_year 2020\n{comment}\n{cif()}")
    assert read_structure_file(tmp_path / "a.cif").formula == "Po"


def test_binary_missing_truncated_and_huge_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.cif").write_bytes(bytes(range(256)))
    (tmp_path / "b.cif.gz").write_bytes(gzip.compress(cif().encode())[:40])
    (tmp_path / "c.cif").write_text(cif())
    monkeypatch.setattr(files, "MAX_FILE_BYTES", 100)
    reasons = {}
    for name in ("a.cif", "b.cif.gz", "c.cif", "missing.cif"):
        with pytest.raises(MaterialError, match=name) as raised:
            read_structure_file(tmp_path / name)
        reasons[name] = raised.value.reason
    assert reasons == {
        "a.cif": "too_large",
        "b.cif.gz": "unreadable",
        "c.cif": "too_large",
        "missing.cif": "unreadable",
    }


def test_globs_single_files_and_json_tables(tmp_path: Path) -> None:
    (tmp_path / "in" / "deep").mkdir(parents=True)
    (tmp_path / "in" / "a.cif").write_text(cif())
    (tmp_path / "in" / "deep" / "b.cif").write_text(cif())
    (tmp_path / "t.json").write_text(
        "\n".join(json.dumps({"material_id": n, "structure": SALT.as_dict()}) for n in "xy")
    )
    assert ids_of(list(file_structures(tmp_path / "in" / "*.cif"))) == ["a"]
    assert ids_of(list(file_structures(tmp_path / "**" / "*.cif"))) == ["a", "b"]
    assert ids_of(list(file_structures(tmp_path / "in" / "a.cif"))) == ["a"]
    assert ids_of(list(file_structures(tmp_path / "t.json"))) == ["x", "y"]


def test_equal_file_names_are_all_kept_by_their_folders(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / name).mkdir()
        (tmp_path / name / "structure.cif").write_text(cif())
    assert ids_of(list(file_structures(tmp_path))) == ["a", "b", "c"]
    (tmp_path / "ids.txt").write_text("b\n")
    assert ids_of(list(file_structures(tmp_path, tmp_path / "ids.txt"))) == ["b"]


def test_lists_of_documents_are_tables_alone_and_in_a_folder(tmp_path: Path) -> None:
    documents = [{"material_id": name, "structure": SALT.as_dict()} for name in "xy"]
    (tmp_path / "all.json").write_text(json.dumps([*documents, 3], indent=1))
    (tmp_path / "answer.json").write_text(json.dumps({"data": documents}))
    (tmp_path / "one.json").write_text(json.dumps(documents[0], indent=1))
    alone = list(file_structures(tmp_path / "all.json"))
    assert ids_of(alone) == ["x", "y"]
    assert [entry.detail for entry in alone if isinstance(entry, Skipped)] == [
        "all.json entry 3: expected a JSON object; correct or remove the entry"
    ]
    assert ids_of(list(file_structures(tmp_path / "answer.json"))) == ["x", "y"]
    assert ids_of(list(file_structures(tmp_path / "one.json"))) == ["one"]
    (tmp_path / "answer.json").unlink()
    assert sorted(ids_of(list(file_structures(tmp_path)))) == ["one", "x", "y"]
    (tmp_path / "ids.txt").write_text("y\n")
    assert ids_of(list(file_structures(tmp_path, tmp_path / "ids.txt"))) == ["y"]


def test_a_list_that_cannot_be_read_costs_only_itself(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("[1, 2")
    (tmp_path / "b.cif").write_text(cif())
    entries = list(file_structures(tmp_path))
    assert ids_of(entries) == ["b"]
    assert [entry.reason for entry in entries if isinstance(entry, Skipped)] == ["unreadable"]


def test_pipes_and_devices_are_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.cif")
    (tmp_path / "device.cif").symlink_to("/dev/zero")
    for name in ("pipe.cif", "device.cif"):
        with pytest.raises(MaterialError, match=r"not a regular file"):
            read_structure_file(tmp_path / name)


def test_ids_choose_and_missing_ones_are_counted(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / f"{name}.cif").write_text(cif())
    write_structures(tmp_path / "t.parquet", [from_pymatgen(SALT, "row"), from_pymatgen(SALT, "other")])
    (tmp_path / "c.cif").write_text("broken")
    (tmp_path / "ids.txt").write_text("row\nb\nc\nnowhere\n")
    entries = list(file_structures(tmp_path, tmp_path / "ids.txt"))
    assert ids_of(entries) == ["b", "row"]
    assert [(e.reason, "nowhere" in e.detail) for e in entries if isinstance(e, Skipped)] == [
        ("unreadable", False),
        ("id_not_found", True),
    ]


def test_a_broken_table_among_files_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.cif").write_text(cif())
    (tmp_path / "t.parquet").write_bytes(b"PAR1")
    with pytest.raises(XrdsymError, match=r"t\.parquet"):
        list(file_structures(tmp_path))


@pytest.mark.parametrize("path", ["missing", "missing/*.cif", "empty"])
def test_nothing_there_says_what_is_expected(tmp_path: Path, path: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(XrdsymError, match=r"CIF \(\.cif, \.mcif\)"):
        list(file_structures(tmp_path / path))


def test_many_files_are_read_by_several_processes_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "PARALLEL_FROM", 1)
    monkeypatch.setattr(files, "BATCH_FILES", 3)
    names = [f"{number:02}" for number in range(10)]
    for name in names:
        (tmp_path / f"{name}.cif").write_text(cif() if name != "05" else "")
    entries = list(file_structures(tmp_path))
    assert [e.reason if isinstance(e, Skipped) else e.material_id for e in entries] == [
        "empty" if name == "05" else name for name in names
    ]


@pytest.mark.parametrize("name", ["F08-calcite_POSCAR", "F08b-calcite.CONTCAR", "F10-summary-doc.json"])
def test_the_files_that_people_complained_about(name: str, shared_cases: Path) -> None:
    file = shared_cases / name
    for found in (read_structure_file(file), *file_structures(file)):
        assert isinstance(found, CrystalStructure)
        assert found.formula == "CaCO3"
        assert label(found, 0.01, 5.0).crystal_system == "trigonal"


def test_the_printed_structures_that_people_complained_about(shared_cases: Path) -> None:
    entries = list(file_structures(shared_cases / "F11-printed-structures.csv"))
    assert [isinstance(entry, Skipped) and "as Python prints it" in entry.detail for entry in entries] == [True, True]


def test_real_cif_files_are_the_rows_of_the_real_table(shared_data: Path, tmp_path: Path) -> None:
    paths = sorted((shared_data / "cif").glob("*.cif"))[::10]
    for path in paths:
        shutil.copy(path, tmp_path)
    (tmp_path / "ids.txt").write_text("\n".join(path.stem for path in paths))
    read = {entry.material_id: entry for entry in file_structures(tmp_path) if isinstance(entry, CrystalStructure)}
    rows = file_structures(shared_data / "mp", tmp_path / "ids.txt")
    count = 0
    for row in rows:
        assert isinstance(row, CrystalStructure)
        found = read[row.material_id]
        assert found.formula == row.formula
        assert sorted(found.numbers) == sorted(row.numbers)
        assert abs(np.linalg.det(found.lattice)) == pytest.approx(abs(np.linalg.det(row.lattice)), rel=1e-5)
        count += 1
    assert count == len(paths) == 21
