"""The MLflow experiment that holds all runs of a project, and its views: all runs with scores, the charts of a study.

MLflow's page reads a saved view from a tag of the experiment. Nothing documents its keys, which MLflow 3.17 has.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from xrdsym.config.paths import project_root
from xrdsym.tracking.store import tracking_uri

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xrdsym.config.paths import Paths

EXPERIMENT = "xrdsym"
LOCAL = "http://127.0.0.1:5000"
"""Where a plain `mlflow ui` runs."""
VIEW = "scores"
"""The key of the view, as `viewStateShareKey` in the address of MLflow's page."""
COLUMNS = (
    "metrics.`accuracy`",
    "metrics.`accuracy_low`",
    "metrics.`accuracy_high`",
    "metrics.`macro_f1`",
    "tags.`changed`",
    "tags.`preset`",
    "tags.`dvc.experiment`",
)
VIEW_TAG = "mlflow.sharedViewState."
LISTED: dict[str, Any] = {
    "orderByKey": "attributes.start_time",
    "orderByAsc": False,
    "startTime": "ALL",
    "lifecycleFilter": "Active",
    "modelVersionFilter": "All Runs",
    "datasetsFilter": [],
    "selectedColumns": list(COLUMNS),
}
TAGS = {
    "mlflow.experimentKind": "custom_model_development",
    "mlflow.note.content": (
        "Trainings, and studies with their trials as nested runs. A run is called after what differs from its preset "
        "(tag `preset`). Scores are those of the validation part; those of the test part begin with `test/`. Curves "
        "begin with `epoch/`."
    ),
    f"{VIEW_TAG}{VIEW}": json.dumps({**LISTED, "searchFilter": ""}),
}
STUDY_METRICS = ("macro_f1", "accuracy")
"""The last axes of a study's parallel coordinates; MLflow colours the trials by the last one."""


def ensure_experiment(client: Any, paths: Paths) -> Any:  # noqa: ANN401 - MlflowClient, Experiment
    """Create the experiment where it is missing; give one of an earlier version its description and its view.

    What people wrote there themselves stays.

    Returns:
        The experiment, as MLflow describes it.
    """
    experiment = client.get_experiment_by_name(EXPERIMENT)
    if experiment is None:
        served = tracking_uri(paths).startswith(("http:", "https:"))
        location = None if served else (project_root(paths) / "mlruns" / EXPERIMENT).as_uri()
        experiment = client.get_experiment(client.create_experiment(EXPERIMENT, artifact_location=location))
    for name, value in TAGS.items():
        if name not in experiment.tags:
            client.set_experiment_tag(experiment.experiment_id, name, value)
    return experiment


def save_study_view(client: Any, experiment_id: str, study: str, run_id: str, varied: Sequence[str]) -> None:  # noqa: ANN401 - MlflowClient
    """Save the view of a study: charts of its trials, first their parallel coordinates.

    Args:
        client: MLflow's client.
        experiment_id: The id of the experiment.
        study: Name of the study.
        run_id: The run of the study, whose nested runs are shown.
        varied: Dotted names of the parameters that differ between the trials, the axes.
    """
    chart = {
        "uuid": "parallel",
        "type": "PARALLEL",
        "metricSectionId": "study",
        "runsCountToCompare": 10,
        "isGenerated": False,
        "deleted": False,
        "selectedParams": list(varied),
        "selectedMetrics": list(STUDY_METRICS),
        "showAllRuns": True,
    }
    section = {
        "uuid": "study",
        "name": study,
        "display": True,
        "isReordered": False,
        "isGenerated": False,
        "columns": 1,
        "cardHeight": 420,
    }
    view = {
        **LISTED,
        "searchFilter": f"tags.`mlflow.parentRunId` = '{run_id}'",
        # by another order than this, nested runs would be hidden behind that of the study
        "orderByKey": "metrics.`accuracy`",
        "runsHiddenMode": "SHOW_ALL",
        "compareRunCharts": [chart],
        "compareRunSections": [section],
        # else sections are sorted by their names, and the metrics' own come before it
        "isAccordionReordered": True,
    }
    client.set_experiment_tag(experiment_id, f"{VIEW_TAG}{study_view(study)}", json.dumps(view))


def study_view(study: str) -> str:
    """The key of a study's view, as `viewStateShareKey` in the address of MLflow's page."""
    return f"study-{study}"


def page_address(experiment_id: str, server: str = LOCAL, view: str = VIEW) -> str:
    """The address of a view: the list of runs with their scores, or the charts of a study.

    MLflow opens on its pages for language models, and cannot be told otherwise but by the address.

    Args:
        experiment_id: The id of the experiment.
        server: Where `mlflow ui` or the tracking server runs.
        view: `VIEW`, or `study_view` of a study.
    """
    mode = "" if view == VIEW else "&compareRunsMode=CHART"
    return f"{server}/#/experiments/{experiment_id}/runs?workflowType=machine_learning&viewStateShareKey={view}{mode}"
