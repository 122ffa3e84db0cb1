from __future__ import annotations

from typing import TYPE_CHECKING

from mlflow import MlflowClient

from params_of import preset_params
from xrdsym.config.paths import Paths
from xrdsym.tracking.studies import StudyRun, Tracked

if TYPE_CHECKING:
    import pytest
    from mlflow.entities import Run


STUDY = Tracked("sigma", "Question: which σ.", ("profile.sigma", "train.seed"))


def runs(paths: Paths) -> dict[str, Run]:
    """The runs of the project by their names."""
    client = MlflowClient(tracking_uri=f"sqlite:///{paths.root / 'mlflow.db'}")
    experiment = client.get_experiment_by_name("xrdsym").experiment_id
    return {run.info.run_name: run for run in client.search_runs([experiment])}


def test_trials_are_nested_in_the_run_of_their_study(paths: Paths) -> None:
    params = preset_params()
    study = StudyRun(paths, params, STUDY, None)
    trial = study.trial(params, 3, "σ=1", "σ=1 · seed 0")
    trial.log_epoch(1, {"val_accuracy": 0.25, "seconds": 3.0})
    trial.log_epoch(2, {"val_accuracy": 0.5, "seconds": 3.0})
    scores = {
        "validation_macro_f1": 0.375,
        "test_accuracy": 0.25,
        "validation_recall_cubic": 0.5,
        "training_seconds": 6.0,
    }
    trial.finish("FINISHED", scores, {"study.outcome": "complete"}, "Accuracy **0.250**")
    study.finish("KILLED", 1)
    found = runs(paths)
    assert set(found) == {"sigma", "σ=1 · seed 0"}
    inner, outer = found["σ=1 · seed 0"], found["sigma"]
    assert inner.data.tags["mlflow.parentRunId"] == outer.info.run_id == study.run_id
    assert (inner.data.tags["changed"], inner.data.tags["training.seconds"]) == ("σ=1", "6")
    assert inner.data.metrics == {"epoch/val_accuracy": 0.5, "macro_f1": 0.375, "test/accuracy": 0.25}
    assert inner.data.params["profile.sigma"] == "5.0"
    assert (inner.info.status, outer.info.status) == ("FINISHED", "KILLED")
    assert outer.data.tags["study.trials"] == "1"
    notes = [run.data.tags["mlflow.note.content"] for run in (outer, inner)]
    assert notes == ["Question: which σ.", "Accuracy **0.250**"]


def test_the_next_worker_continues_the_run_and_ends_trials_that_died(paths: Paths) -> None:
    params = preset_params()
    first = StudyRun(paths, params, STUDY, None)
    for number in (0, 1):
        arm = ("baseline", "σ=1")[number]
        first.trial(params, number, arm, f"{arm} · seed 0")
    second = StudyRun(paths, params, STUDY, first.run_id)
    assert second.run_id == first.run_id
    second.end_died([1])
    found = runs(paths)
    died = found["σ=1 · seed 0"]
    assert (found["baseline · seed 0"].info.status, died.info.status) == ("RUNNING", "KILLED")
    assert died.data.tags["study.outcome"] == "its process died"


def test_a_run_that_was_deleted_is_created_again(paths: Paths) -> None:
    assert StudyRun(paths, preset_params(), STUDY, "0" * 32).run_id not in {None, "0" * 32}


def test_a_study_without_a_store_continues(paths: Paths, caplog: pytest.LogCaptureFixture) -> None:
    (paths.root / "mlflow.db").write_text("no database")
    params = preset_params()
    study = StudyRun(paths, params, STUDY, None)
    assert study.run_id is None
    trial = study.trial(params, 0, "baseline", "baseline · seed 0")
    trial.log_epoch(1, {"val_accuracy": 0.5})
    trial.finish("FINISHED", {}, {})
    study.end_died([0])
    study.finish("FINISHED")
    assert caplog.text.count("this study is not tracked") == 1
