"""Broken tables between the stages: one line that names the file, exit status 1, never a traceback."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from params_of import write_params
from xrdsym.cli.main import main
from xrdsym.crystal.labels import LABEL_SCHEMA
from xrdsym.crystal.structure_table import CrystalStructure, write_structures
from xrdsym.diffraction.peaks import Peaks
from xrdsym.diffraction.peaks_table import write_peaks

if TYPE_CHECKING:
    from pathlib import Path

CUBE = np.eye(3) * 4.0


def structure(name: str, lattice: np.ndarray = CUBE) -> CrystalStructure:
    return CrystalStructure(name, "CsCl", lattice, np.array([55, 17], np.int16), np.array([[0.0] * 3, [0.5] * 3]))


@pytest.fixture
def project(tmp_path: Path, project_root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with good tables of three materials."""
    write_params(tmp_path)
    shutil.copy(project_root / "dvc.yaml", tmp_path)
    data = tmp_path / "data"
    names = ["m1", "m2", "m3"]
    write_structures(data / "structures.parquet", map(structure, names))
    peaks = Peaks(np.array([20.0, 30.0]), np.array([1.0, 0.5]))
    write_peaks(data / "peaks.parquet", [(name, peaks) for name in names])
    row = {"space_group": 221, "crystal_system": "cubic", "composition": "CsCl", "anonymous_formula": "AB"}
    rows = [row | {"material_id": name, "prototype": "AB 221", "skipped": None, "detail": None} for name in names]
    pq.write_table(pa.Table.from_pylist(rows, schema=LABEL_SCHEMA), data / "labels.parquet")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def replaced(path: Path, column: str, values: pa.Array) -> None:
    """Put other values into one column of a table."""
    table = pq.read_table(path)
    pq.write_table(table.set_column(table.column_names.index(column), column, values), path)


def told(capsys: pytest.CaptureFixture[str], stage: str) -> str:
    """The one line of a stage that fails."""
    assert main(["stage", stage]) == 1
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1
    return lines[0]


BROKEN = [b"", b"hello\n" * 50, None]


@pytest.mark.parametrize("content", BROKEN, ids=["empty", "text", "damaged"])
@pytest.mark.parametrize(
    ("table", "stage"), [("structures", "labels"), ("structures", "peaks"), ("labels", "split"), ("peaks", "images")]
)
def test_a_broken_table_is_named(
    project: Path, capsys: pytest.CaptureFixture[str], table: str, stage: str, content: bytes | None
) -> None:
    path = project / "data" / f"{table}.parquet"
    whole = path.read_bytes()
    # the footer stays, the first column is no longer what was compressed
    path.write_bytes(whole[:4] + bytes(120) + whole[124:] if content is None else content)
    line = told(capsys, stage)
    assert str(path) in line
    assert "dvc repro" in line


@pytest.mark.parametrize("stage", ["labels", "peaks"])
@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("lattice", pa.nulls(3, pa.list_(pa.float64()))),
        ("lattice", pa.array([[1.0]] * 3)),
        ("lattice", pa.array(["x"] * 3)),
        ("numbers", pa.array([[None, 17]] * 3, pa.list_(pa.int16()))),
        ("numbers", pa.array([[55]] * 3, pa.list_(pa.int16()))),
        ("frac_coords", pa.array([[0.0, 0.0]] * 3, pa.list_(pa.float32()))),
        ("material_id", pa.nulls(3, pa.string())),
    ],
)
def test_a_row_that_is_no_structure_is_named(
    project: Path, capsys: pytest.CaptureFixture[str], stage: str, column: str, values: pa.Array
) -> None:
    path = project / "data" / "structures.parquet"
    replaced(path, column, values)
    assert str(path) in told(capsys, stage)


def test_labels_without_a_crystal_system_are_refused(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = project / "data" / "labels.parquet"
    replaced(path, "crystal_system", pa.array(["cubic", "round", "cubic"]))
    assert str(path) in told(capsys, "split")


@pytest.mark.parametrize("values", [pa.nulls(3, pa.list_(pa.float32())), pa.array([[1.0]] * 3, pa.list_(pa.float32()))])
def test_peaks_without_an_intensity_for_each_angle_are_refused(
    project: Path, capsys: pytest.CaptureFixture[str], values: pa.Array
) -> None:
    path = project / "data" / "peaks.parquet"
    replaced(path, "intensity", values)
    assert str(path) in told(capsys, "images")


def test_a_version_that_is_no_text_is_another_version(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = project / "data" / "labels.parquet"
    table = pq.read_table(path)
    pq.write_table(table.replace_schema_metadata({b"xrdsym_schema_version": b"\xff\xfe"}), path)
    assert "schema version" in told(capsys, "split")


def test_why_nothing_is_left_is_reported_in_words(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_structures(project / "data" / "structures.parquet", [structure("far", CUBE * 1e7)])
    assert main(["stage", "peaks"]) == 1
    skipped, failed = capsys.readouterr().err.strip().splitlines()
    assert skipped.startswith("skipped (too_large): far: ")
    assert "(1 too_large)" in failed


def test_each_of_a_dozen_bad_files_has_its_line(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = project / "files"
    folder.mkdir()
    for index in range(12):
        (folder / f"bad-{index}.cif").touch()
    write_params(project, structures__sources=["files"], structures__files__path="files")
    assert main(["stage", "structures"]) == 1
    errors = capsys.readouterr().err
    assert all(f"bad-{index}.cif: the CIF is empty" in errors for index in range(12))


@pytest.mark.parametrize("name", ["labels", "split"])
def test_counts_that_are_no_object_are_named_by_the_report(
    project: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    path = project / "data" / f"{name}.json"
    path.write_text(json.dumps([]))
    assert str(path) in told(capsys, "report")
