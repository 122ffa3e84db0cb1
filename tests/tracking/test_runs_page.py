from __future__ import annotations

import logging
import shutil
from pathlib import Path

import pytest
from mlflow import MlflowClient

from params_of import preset_params
from xrdsym.config.paths import Paths
from xrdsym.tracking import runs_page
from xrdsym.tracking.models import training_run
from xrdsym.tracking.runs_page import NO_RUNS, runs_lines
from xrdsym.tracking.studies import StudyRun, Tracked

VIEW = "runs?workflowType=machine_learning&viewStateShareKey=scores"


def client_of(paths: Paths) -> MlflowClient:
    return MlflowClient(tracking_uri=f"sqlite:///{paths.root / 'mlflow.db'}")


def train(paths: Paths) -> None:
    with training_run(paths, preset_params(), {}, "f1"):
        pass


def test_the_address_has_the_id_that_the_experiment_has_in_the_store(paths: Paths) -> None:
    client_of(paths).create_experiment("another")
    train(paths)
    experiment = client_of(paths).get_experiment_by_name("xrdsym").experiment_id
    assert experiment == "2"
    assert runs_lines(paths) == [
        f"The runs with their scores, while `mlflow ui` runs: http://127.0.0.1:5000/#/experiments/2/{VIEW}"
    ]


def test_a_store_without_runs_says_how_to_make_one(paths: Paths) -> None:
    assert runs_lines(paths) == [NO_RUNS], "no experiment"
    train(paths)
    experiment = client_of(paths).get_experiment_by_name("xrdsym").experiment_id
    (run,) = client_of(paths).search_runs([experiment])
    client_of(paths).delete_run(run.info.run_id)
    assert runs_lines(paths) == [NO_RUNS], "no run that was not deleted"
    (paths.root / "mlflow.db").unlink()
    assert runs_lines(paths) == [NO_RUNS], "no store"
    assert not (paths.root / "mlflow.db").exists(), "looking creates nothing"


def test_another_database_is_named_for_mlflow_ui(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    train(paths)
    (paths.root / "mlflow.db").rename(paths.root / "own #1.db")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:///own #1.db")
    (line,) = runs_lines(paths)
    assert f"while `mlflow ui --backend-store-uri sqlite:///{paths.root}/own #1.db` runs: http://127.0.0.1:5000" in line


@pytest.mark.parametrize("content", [b"no database" * 100, b""])
def test_a_file_that_is_no_store_says_what_to_do(paths: Paths, content: bytes) -> None:
    (paths.root / "mlflow.db").write_bytes(content)
    (line,) = runs_lines(paths)
    assert "mlflow.db is no database of MLflow's" in line
    assert "Move it aside" in line


def test_a_server_is_asked_for_the_id_and_its_address_is_shown(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://somebody:secret@tracking.example.org/")
    found: list[tuple[str, str, bool] | None] = [("17", "mlflow-artifacts:/17", True), None]
    monkeypatch.setattr("xrdsym.tracking.mlflow_store.find_experiment", lambda _: found.pop(0))
    assert runs_lines(paths) == [f"The runs with their scores: https://tracking.example.org/#/experiments/17/{VIEW}"]
    assert runs_lines(paths) == [NO_RUNS]


def test_a_server_that_does_not_answer_says_what_to_do(
    paths: Paths, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for noisy in ("mlflow", "alembic", "urllib3"):
        monkeypatch.setattr(logging.getLogger(noisy), "level", logging.NOTSET)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://somebody:secret@127.0.0.1:9")
    (line,) = runs_lines(paths)
    assert line.startswith("MLflow at http://127.0.0.1:9 does not answer")
    assert "Check MLFLOW_TRACKING_URI, or unset it" in line
    assert caplog.text == ""


@pytest.mark.parametrize("address", ["databricks", "postgresql://somebody:secret@host/runs"])
def test_a_store_without_an_address_is_named(paths: Paths, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    shown = address.replace("somebody:secret@", "")
    assert runs_lines(paths) == [f"The runs with their scores are in MLflow at {shown}."]


@pytest.fixture
def moved(paths: Paths, tmp_path: Path) -> Paths:
    """A project whose store was made in a folder that is not there any more."""
    train(paths)
    other = tmp_path / "another" / "place"
    other.parent.mkdir()
    shutil.move(paths.root, other)
    return Paths(other)


def test_a_store_of_another_place_keeps_its_numbers_and_says_what_to_do(
    moved: Paths, paths: Paths, caplog: pytest.LogCaptureFixture
) -> None:
    address, hint = runs_lines(moved)
    assert "/#/experiments/1/" in address
    folder = paths.root / "mlruns" / "xrdsym"
    assert f"belong in {folder}, which does not exist here" in hint
    assert "`mv mlflow.db old.db`, and the next run begins a new one" in hint
    train(moved)
    assert (
        "`mv mlflow.db old.db`, and the next run begins a new store: this one was made in another place" in caplog.text
    )
    assert "this training is not tracked" in caplog.text
    assert not paths.root.exists(), "nothing is written to the other place"
    (moved.root / "mlflow.db").rename(moved.root / "old.db")
    train(moved)
    assert len(runs_lines(moved)) == 1, "a new store"


def test_a_copied_project_writes_nothing_into_the_first(
    paths: Paths, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    train(paths)
    copy = Paths(tmp_path / "copy")
    shutil.copytree(paths.root, copy.root)
    (paths.root / "mlruns" / "xrdsym").mkdir(exist_ok=True)
    _, hint = runs_lines(copy)
    assert f"belong in {paths.root / 'mlruns' / 'xrdsym'}: the store was made in another place" in hint
    train(copy)
    assert "this training is not tracked" in caplog.text
    assert list((paths.root / "mlruns" / "xrdsym").iterdir()) == []
    assert len(runs_lines(paths)) == 1, "the first project is at home"


def test_a_store_whose_files_lie_in_a_place_that_exists_is_used(paths: Paths, tmp_path: Path) -> None:
    elsewhere = tmp_path / "large disk"
    elsewhere.mkdir()
    client_of(paths).create_experiment("xrdsym", artifact_location=elsewhere.as_uri())
    train(paths)
    assert len(runs_lines(paths)) == 1


def test_a_study_says_where_its_trials_are_side_by_side(paths: Paths) -> None:
    client_of(paths).create_experiment("another")
    study = StudyRun(paths, preset_params(), Tracked("sigma", "", ("profile.sigma",)), None)
    assert study.charts == (
        "charts of its trials, while `mlflow ui` runs: http://127.0.0.1:5000/#/experiments/2/runs"
        "?workflowType=machine_learning&viewStateShareKey=study-sigma&compareRunsMode=CHART"
    )
    assert runs_page.runs_line(paths, "2", "study-sigma", "charts of its trials") == study.charts
