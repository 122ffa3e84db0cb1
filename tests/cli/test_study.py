from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from params_of import write_params
from xrdsym.cli.main import main
from xrdsym.config.params_file import load_params


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


@pytest.mark.usefixtures("project")
def test_the_studies_that_were_run_on_the_papers_data_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["study", "show", "intensity_scale", "--storage", "studies/paper.journal"]) == 0
    shown = capsys.readouterr().out
    assert "split at random: 10,000 to train on, n = 8,799 validation, 7 classes" in shown
    (line,) = (line for line in shown.splitlines() if line.startswith("scale=log"))
    assert re.search(r"\+0\.0401 +\+0\.0\d\d to \+0\.0\d\d +helps ", line)
    assert "--apply-best` writes scale=log into params.yaml" in shown


def test_the_answer_goes_into_the_reports(project: Path) -> None:
    assert main(["study", "answer", "--storage", "studies/paper.journal"]) == 0
    written = (project / "reports" / "why-54.md").read_text(encoding="utf-8")
    shown = re.findall(r"\]\((images/[^)]+)\)", written)
    assert shown
    assert all((project / "reports" / name).is_file() for name in shown)
    assert (project / "reports" / "why-54.html").is_file()
    assert not (project / "docs").exists()


def test_the_page_of_a_study_is_written_on_request(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["study", "show", "sigma", "--storage", "studies/paper.journal"]
    assert main(words) == 0
    assert not (project / "reports").exists()
    assert main([*words, "--page"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "reports/studies/sigma.html"
    assert "xrdsym study show sigma --storage studies/paper.journal" in (
        project / "reports" / "studies" / "sigma.html"
    ).read_text(encoding="utf-8")


@pytest.mark.usefixtures("project")
def test_json_has_intervals_and_verdicts(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["study", "show", "confirmation", "--json", "--storage", "studies/paper.journal"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["data"].endswith("n = 8,799 validation, 7 classes")
    for arm in found["arms"][1:]:
        low, high = arm["interval"]
        assert low < arm["difference"] < high
        assert arm["verdict"] == "helps" or low < 0


def test_the_best_arm_is_applied_where_it_is_better(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_params(project, "paper-local")
    words = ["study", "show", "confirmation", "--storage", "studies/paper.journal", "--apply-best"]
    assert main(words) == 0
    changed = capsys.readouterr().out
    assert "profile.scale: linear → log" in changed
    assert load_params(project / "params.yaml").profile.scale == "log"
    # the study starts from a preset, so that it goes on whatever params.yaml has
    assert "set:" not in changed
    assert main(words[:-1]) == 0


def test_an_arm_that_ties_is_not_applied(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (project / "params.yaml").read_text(encoding="utf-8")
    words = ["study", "show", "class_weighting", "--storage", "studies/paper.journal"]
    assert main(words) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "No arm is better than the baseline beyond its interval."
    assert main([*words, "--apply-best"]) == 2
    refused = capsys.readouterr().err
    assert "no arm of study class_weighting is better than its baseline beyond its 95 % interval" in refused
    assert "the highest, loss=focal, is at +0.6 points (−0.3 to 1.6)" in refused
    assert (project / "params.yaml").read_text(encoding="utf-8") == before
