from __future__ import annotations

import json
from pathlib import Path

import pytest

from params_of import write_params
from xrdsym.cli.main import main


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_params(tmp_path)
    (tmp_path / "dvc.yaml").write_text("stages: {}\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_before_the_first_run_it_says_what_to_do(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["results"]) == 0
    said = capsys.readouterr().out
    assert "reports/index.html does not exist yet: `dvc repro` makes it" in said
    assert said.splitlines()[-1].startswith("MLflow has no runs yet: `dvc repro` logs one")
    assert len(list(project.iterdir())) == 2


def test_broken_scores_are_named(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "reports").mkdir()
    (project / "reports" / "scores.json").write_text(json.dumps([1]))
    assert main(["results"]) == 1
    assert "scores.json does not hold a JSON object. Run `dvc repro`" in capsys.readouterr().err


def test_outside_a_project_it_says_where_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["results"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert f"no dvc.yaml in {tmp_path} or above it. Run this inside an xrdsym project" in said.err
