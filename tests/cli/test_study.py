from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from params_of import write_params
from xrdsym.cli.main import main


@pytest.fixture
def project(tmp_path: Path, project_root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_params(tmp_path)
    shutil.copy(project_root / "dvc.yaml", tmp_path)
    for name in ("presets", "research", "studies"):
        shutil.copytree(
            project_root / name, tmp_path / name, ignore=shutil.ignore_patterns("studies.journal*", ".*", "__pycache__")
        )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*"))


def test_looking_leaves_nothing_behind(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = files(project)
    assert main(["study", "list"]) == 0
    assert "sigma" in capsys.readouterr().out
    for words in (["show", "sigma"], ["answer"], ["show", "sigma", "--storage", "nowhere/x.journal"]):
        assert main(["study", *words]) == 2
        assert "no study has been run in" in capsys.readouterr().err
    assert files(project) == before


def test_a_broken_file_does_not_hide_the_others(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "studies" / "broken.yaml").write_text("- a\n")
    assert main(["study", "list", "--storage", "studies/paper.journal"]) == 0
    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}
    assert "studies/broken.yaml has 1 problem" in lines["broken"]
    assert "9 complete" in lines["intensity_scale"]


def test_a_study_that_differs_in_nothing_any_more_does_not_hide_the_answer(
    project: Path, caplog: pytest.LogCaptureFixture
) -> None:
    text = "guess: none\nstart: screening\nvary: {profile.sigma: [5.0]}\nbudget_minutes: 1\n"
    (project / "studies" / "mine.yaml").write_text(text)
    words = ["study", "answer", "--storage", "studies/paper.journal", "--to", "elsewhere"]
    assert main(words) == 0
    assert "left out of the answer" in caplog.text
    assert "nothing differs from the baseline" in caplog.text
    assert (project / "elsewhere" / "why-54.md").is_file()
    assert not (project / "docs").exists()


@pytest.mark.parametrize("word", ["train.epochs", "train.weights=["])
def test_a_value_that_is_none_is_a_usage_error(project: Path, capsys: pytest.CaptureFixture[str], word: str) -> None:
    before = files(project)
    assert main(["study", "run", "sigma", "--set", word]) == 2
    assert f"--set {word}: expected PARAMETER=VALUE" in capsys.readouterr().err
    assert files(project) == before


def test_the_studies_that_were_run_on_the_papers_data_are_shown(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["study", "show", "intensity_scale", "--storage", "studies/paper.journal"]) == 0
    shown = capsys.readouterr().out
    assert "n = 8,799, 10,000 training structures, 7 classes" in shown
    assert any(line.startswith("profile.scale=log") and "+0." in line for line in shown.splitlines())
    assert main(["study", "answer", "--storage", "studies/paper.journal"]) == 0
    assert (project / "docs" / "why-54.md").read_text().startswith("# Why 54 %?")
    assert (project / "reports" / "why-54.html").is_file()
