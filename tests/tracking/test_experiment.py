from __future__ import annotations

import json

from mlflow import MlflowClient

from params_of import preset_params
from xrdsym.config.paths import Paths
from xrdsym.tracking.experiment import page_address, study_view
from xrdsym.tracking.studies import StudyRun, Tracked


def test_the_view_of_a_study_has_its_parameters_as_axes_and_finds_its_trials(paths: Paths) -> None:
    params = preset_params()
    studies = [
        StudyRun(paths, params, Tracked(name, "", ("profile.sigma", "train.seed")), None) for name in ("sigma", "other")
    ]
    for study in studies:
        study.trial(params, 0, "baseline", "baseline · seed 0").finish("FINISHED", {"validation_accuracy": 0.5}, {})
    client = MlflowClient(tracking_uri=f"sqlite:///{paths.root / 'mlflow.db'}")
    experiment = client.get_experiment_by_name("xrdsym")
    view = json.loads(experiment.tags[f"mlflow.sharedViewState.{study_view('sigma')}"])
    (chart,) = view["compareRunCharts"]
    assert (chart["type"], chart["selectedParams"]) == ("PARALLEL", ["profile.sigma", "train.seed"])
    assert chart["metricSectionId"] == view["compareRunSections"][0]["uuid"]
    (trial,) = client.search_runs([experiment.experiment_id], view["searchFilter"])
    assert trial.data.tags["mlflow.parentRunId"] == studies[0].run_id
    assert set(chart["selectedParams"]) < set(trial.data.params)


def test_a_study_that_begins_again_has_the_trials_of_its_new_run_in_its_view(paths: Paths) -> None:
    for _ in range(2):
        study = StudyRun(paths, preset_params(), Tracked("sigma", "", ("profile.sigma",)), None)
    client = MlflowClient(tracking_uri=f"sqlite:///{paths.root / 'mlflow.db'}")
    view = json.loads(client.get_experiment_by_name("xrdsym").tags["mlflow.sharedViewState.study-sigma"])
    assert str(study.run_id) in view["searchFilter"]


def test_an_address_opens_the_list_or_the_charts() -> None:
    assert "compareRunsMode" not in page_address("3")
    assert page_address("3", "https://host", study_view("sigma")) == (
        "https://host/#/experiments/3/runs?workflowType=machine_learning&viewStateShareKey=study-sigma"
        "&compareRunsMode=CHART"
    )
