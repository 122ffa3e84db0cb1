"""Sources together, and the stage that writes what they give."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

import pytest
from pymatgen.core import Lattice, Structure

from params_of import preset_params
from xrdsym.common.errors import XrdsymError
from xrdsym.common.skips import MESSAGES_PRINTED, SkipCounts
from xrdsym.config.paths import Paths
from xrdsym.config.schema import FilesParams, Params
from xrdsym.crystal.structure_table import CrystalStructure, from_pymatgen, read_structures, write_structures
from xrdsym.sources import prototypes
from xrdsym.stages import structures as stage

if TYPE_CHECKING:
    from pathlib import Path


def crystal(name: str, a: float = 4.0) -> CrystalStructure:
    return from_pymatgen(Structure(Lattice.cubic(a), ["Po"], [[0, 0, 0]]), name)


def params_of(sources: tuple[str, ...], **files: str | None) -> Params:
    params = preset_params()
    chosen = dataclasses.replace(
        params.structures,
        sources=sources,  # type: ignore[arg-type]
        files=FilesParams(path=files.get("path"), ids=files.get("ids")),
    )
    return dataclasses.replace(params, structures=chosen)


def test_sources_combine_and_the_first_of_an_id_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(prototypes, "prototype_structures", lambda *_: [crystal("a", 4.0), crystal("b", 4.0)])
    write_structures(tmp_path / "t.parquet", [crystal("b", 5.0), crystal("c d/e", 5.0), crystal("c_d_e", 6.0)])
    paths = Paths(tmp_path)
    stage.run(paths, params_of(("files", "prototypes"), path="t.parquet"))
    table = {entry.material_id: float(entry.lattice[0, 0]) for entry in read_structures(paths.structures)}
    assert table == {"b": 5.0, "c_d_e": 5.0, "a": 4.0}
    assert json.loads(paths.summary("structures").read_text()) == {
        "count": 3,
        "sources": {"files": 2, "prototypes": 1},
        "skipped": {"duplicate_id": 2},
        "warnings": [],
    }
    printed = capsys.readouterr()
    assert "skipped (duplicate_id): b: the source files has this id already" in printed.err
    assert "structures: 3, 2 from files, 1 from prototypes" in printed.out


def test_what_is_left_out_is_counted_by_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "in").mkdir()
    write_structures(
        tmp_path / "in" / "t.parquet",
        [crystal("a"), dataclasses.replace(crystal("n"), lattice=crystal("n").lattice * 0)],
    )
    (tmp_path / "in" / "b.cif").write_text("")
    (tmp_path / "ids.txt").write_text("\n".join(["a", "b", "n", *(f"gone-{i}" for i in range(50))]))
    paths = Paths(tmp_path)
    stage.run(paths, params_of(("files",), path="in", ids="ids.txt"))
    skipped = json.loads(paths.summary("structures").read_text())["skipped"]
    assert skipped == {"empty": 1, "id_not_found": 50, "zero_volume": 1}
    errors = capsys.readouterr().err
    assert errors.count("id_not_found") == MESSAGES_PRINTED + 1
    assert f"… and {50 - MESSAGES_PRINTED} more" in errors
    assert "b.cif" in errors


def test_what_readers_supposed_is_counted_with_the_id(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cell = "\n".join(f"_cell_length_{axis} 4" for axis in "abc")
    sites = "loop_\n_atom_site_type_symbol\n_atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_z\nPo 0 0 0\n"
    for number in range(stage.WARNINGS_PRINTED):
        (tmp_path / f"{number}.cif").write_text(f"data_x\n{cell}\n{sites}")
    paths = Paths(tmp_path)
    stage.run(paths, params_of(("files",), path="."))
    warnings = json.loads(paths.summary("structures").read_text())["warnings"]
    # the angles and the symmetry of each
    assert len(warnings) == 2 * stage.WARNINGS_PRINTED
    assert sum("P 1 supposed" in warning for warning in warnings) == stage.WARNINGS_PRINTED
    assert all(warning.split(": ")[0].isdecimal() for warning in warnings)
    errors = capsys.readouterr().err
    assert errors.count("warning: ") == stage.WARNINGS_PRINTED + 1
    assert f"… and {stage.WARNINGS_PRINTED} more in" in errors


def test_nothing_at_all_is_an_error_and_leaves_no_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.cif").write_text("")
    paths = Paths(tmp_path)
    with pytest.raises(XrdsymError, match=r"no structure from files \(1 empty\)"):
        stage.run(paths, params_of(("files",), path="a.cif"))
    assert not paths.structures.exists()
    assert "a.cif" in capsys.readouterr().err


def test_relative_and_absolute_paths(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    write_structures(tmp_path / "t.parquet", [crystal("a")])
    for path in ("../t.parquet", str(tmp_path / "t.parquet"), "../*.parquet"):
        stage.run(Paths(tmp_path / "tree"), params_of(("files",), path=path))
        assert json.loads(Paths(tmp_path / "tree").summary("structures").read_text())["count"] == 1


def test_a_temporary_clone_finds_what_lies_beside_the_project(tmp_path: Path) -> None:
    clone = tmp_path / "project" / ".dvc" / "tmp" / "exps" / "tmp1"
    clone.mkdir(parents=True)
    write_structures(tmp_path / "t.parquet", [crystal("a"), crystal("b")])
    (tmp_path / "project" / "ids.txt").write_text("a")
    stage.run(Paths(clone), params_of(("files",), path="../t.parquet", ids="ids.txt"))
    assert json.loads(Paths(clone).summary("structures").read_text())["count"] == 1


def test_skip_lines_name_the_material_once(capsys: pytest.CaptureFixture[str]) -> None:
    counts = SkipCounts()
    counts.add("mp-1", "empty", "mp-1: no\natoms")
    counts.add("mp-2", "empty", "no atoms")
    counts.add("mp-3", "a_reason", "x")
    counts.report()
    assert capsys.readouterr().err.splitlines() == [
        "skipped (a_reason): mp-3: x",
        "skipped (empty): mp-1: no atoms",
        "skipped (empty): mp-2: no atoms",
    ]
    assert counts.summary() == {"a_reason": 1, "empty": 2}
