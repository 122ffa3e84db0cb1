from __future__ import annotations

from typing import TYPE_CHECKING

from mlflow import MlflowClient

from params_of import preset_params
from xrdsym.config.paths import Paths
from xrdsym.tracking.studies import StudyRun

if TYPE_CHECKING:
    import pytest
    from mlflow.entities import Run


def runs(paths: Paths) -> dict[str, Run]:
    """The runs of the project by their names, without the time in them."""
    client = MlflowClient(tracking_uri=f"sqlite:///{paths.root / 'mlflow.db'}")
    experiment = client.get_experiment_by_name("xrdsym").experiment_id
    return {run.info.run_name.split("-2")[0]: run for run in client.search_runs([experiment])}


def test_trials_are_nested_in_the_run_of_their_study(paths: Paths) -> None:
    params = preset_params()
    study = StudyRun(paths, params, "sigma", None)
    trial = study.trial(params, 3, "profile.sigma=1.0")
    trial.log_epoch(1, {"val_accuracy": 0.25})
    trial.log_epoch(2, {"val_accuracy": 0.5})
    trial.finish("FINISHED", {"macro_f1": 0.375}, {"study.outcome": "complete"})
    study.finish("KILLED", {"trials": 1})
    found = runs(paths)
    assert set(found) == {"study-sigma", "sigma-3"}
    inner, outer = found["sigma-3"], found["study-sigma"]
    assert inner.data.tags["mlflow.parentRunId"] == outer.info.run_id == study.run_id
    assert inner.data.tags["study.arm"] == "profile.sigma=1.0"
    assert inner.data.metrics == {"val_accuracy": 0.5, "macro_f1": 0.375}
    assert inner.data.params["profile.sigma"] == "5.0"
    assert (inner.info.status, outer.info.status) == ("FINISHED", "KILLED")
    assert outer.data.metrics == {"trials": 1}


def test_the_next_worker_continues_the_run_and_ends_trials_that_died(paths: Paths) -> None:
    params = preset_params()
    first = StudyRun(paths, params, "sigma", None)
    for number in (0, 1):
        first.trial(params, number, "baseline")
    second = StudyRun(paths, params, "sigma", first.run_id)
    assert second.run_id == first.run_id
    second.end_died([1])
    found = runs(paths)
    assert (found["sigma-0"].info.status, found["sigma-1"].info.status) == ("RUNNING", "KILLED")
    assert found["sigma-1"].data.tags["study.outcome"] == "its process died"


def test_a_run_that_was_deleted_is_created_again(paths: Paths) -> None:
    assert StudyRun(paths, preset_params(), "sigma", "0" * 32).run_id not in {None, "0" * 32}


def test_a_study_without_a_store_continues(paths: Paths, caplog: pytest.LogCaptureFixture) -> None:
    (paths.root / "mlflow.db").write_text("no database")
    params = preset_params()
    study = StudyRun(paths, params, "sigma", None)
    assert study.run_id is None
    trial = study.trial(params, 0, "baseline")
    trial.log_epoch(1, {"val_accuracy": 0.5})
    trial.finish("FINISHED", {}, {})
    study.end_died([0])
    study.finish("FINISHED", {})
    assert caplog.text.count("this study is not tracked") == 1
