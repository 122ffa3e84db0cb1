"""Kinds of files and ids of materials by names."""

from __future__ import annotations

from pathlib import Path

import pytest

from xrdsym.sources.file_names import file_id, file_ids, is_poscar, is_structure_file


@pytest.mark.parametrize(
    ("name", "material"),
    [
        ("POSCAR", "folder"),
        ("CONTCAR.gz", "folder"),
        ("SPOSCAR", "folder"),
        ("POSCAR-3", "3"),
        ("POSCAR_mp-1", "mp-1"),
        ("POSCAR.mp-1.vasp", "mp-1"),
        ("calcite_POSCAR", "calcite"),
        ("calcite.CONTCAR", "calcite"),
        ("calcite-POSCAR-001", "calcite-001"),
        ("TiO2_SPOSCAR.gz", "TiO2"),
        ("mp-1.2.vasp", "mp-1.2"),
        ("Poscar.txt", "txt"),
    ],
)
def test_names_of_vasp_files(name: str, material: str) -> None:
    path = Path("folder") / name
    assert is_poscar(path)
    assert is_structure_file(path)
    assert file_id(path) == material


@pytest.mark.parametrize(
    "name", ["pattern_of_POSCAR.xy", "x_POSCAR.csv", "my_poscar.py", "XDATCAR", "POSCAR.cif", "a.json"]
)
def test_other_names_are_none(name: str) -> None:
    assert not is_poscar(Path(name))


@pytest.mark.parametrize(
    ("name", "material"), [("a.cif", "a"), ("a.mcif.gz", "a"), ("a.b.json", "a.b"), ("A.CIF", "A")]
)
def test_ids_are_names_without_suffix(name: str, material: str) -> None:
    assert file_id(Path(name)) == material


def test_equal_names_get_those_of_their_folders(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a/s.cif", "b/s.cif", "c/other.cif", "a/1/x.cif", "a/1/x.vasp", "POSCAR")]
    assert list(file_ids(paths).values()) == ["a", "b", "other", "a-1-x.cif", "a-1-x.vasp", tmp_path.name]
    assert file_ids([]) == {}


def test_ids_are_never_equal(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a/s.cif", "b/s.cif", "a.cif", "b/a.cif", "c/c/s.cif", "c/d/c/s.cif")]
    assert len(set(file_ids(paths).values())) == len(paths)
