from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from params_of import preset_params, write_params
from xrdsym.cli.main import main
from xrdsym.config.params_file import load_params


@pytest.fixture
def project(tmp_path: Path, project_root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_params(tmp_path)
    (tmp_path / "dvc.yaml").write_text("stages: {}\n")
    shutil.copytree(project_root / "presets", tmp_path / "presets")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_list_has_a_sentence_for_each(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["preset", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == sorted(path.stem for path in (project / "presets").glob("*.yaml"))
    assert all(len(line.split()) > 3 for line in lines)


def test_show_prints_the_file(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["preset", "show", "resnet1d"]) == 0
    assert capsys.readouterr().out == (project / "presets" / "resnet1d.yaml").read_text(encoding="utf-8")


def test_apply_writes_the_parameters_and_says_what_changed(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["preset", "apply", "resnet1d"]) == 0
    printed = capsys.readouterr().out
    assert "train.model: mobilenetv2 → resnet1d" in printed
    assert "does not name structures" in printed
    assert load_params(project / "params.yaml") == preset_params("resnet1d")
    assert main(["preset", "apply", "resnet1d"]) == 0
    assert capsys.readouterr().out.startswith("params.yaml already is the preset resnet1d")


def test_an_unknown_preset_changes_nothing(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (project / "params.yaml").read_text()
    assert main(["preset", "apply", "resnet"]) == 2
    assert "did you mean resnet1d?" in capsys.readouterr().err
    assert (project / "params.yaml").read_text() == before


def test_schema_writes_a_file_of_json(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "presets" / "params.schema.json").unlink()
    assert main(["preset", "schema"]) == 0
    written = project / capsys.readouterr().out.strip()
    assert "profile" in json.loads(written.read_text(encoding="utf-8"))["properties"]
