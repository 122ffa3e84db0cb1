"""The MLflow experiment that holds all runs of a project, and the view of it that opens with the scores."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from xrdsym.config.paths import project_root
from xrdsym.tracking.store import tracking_uri

if TYPE_CHECKING:
    from xrdsym.config.paths import Paths

EXPERIMENT = "xrdsym"
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
TAGS = {
    "mlflow.experimentKind": "custom_model_development",
    "mlflow.note.content": (
        "Trainings, and studies with their trials as nested runs. A run is called after what differs from its preset "
        "(tag `preset`). Scores are those of the validation part; those of the test part begin with `test/`. Curves "
        "begin with `epoch/`."
    ),
    # MLflow's page reads a saved view from such a tag; nothing documents its keys, which were read in MLflow 3.17
    f"mlflow.sharedViewState.{VIEW}": json.dumps(
        {
            "searchFilter": "",
            "orderByKey": "attributes.start_time",
            "orderByAsc": False,
            "startTime": "ALL",
            "lifecycleFilter": "Active",
            "modelVersionFilter": "All Runs",
            "datasetsFilter": [],
            "selectedColumns": list(COLUMNS),
        }
    ),
}


def ensure_experiment(client: Any, paths: Paths) -> None:  # noqa: ANN401 - MlflowClient
    """Create the experiment where it is missing; give one of an earlier version its description and its view.

    What people wrote there themselves stays.
    """
    experiment = client.get_experiment_by_name(EXPERIMENT)
    if experiment is None:
        served = tracking_uri(paths).startswith(("http:", "https:"))
        location = None if served else (project_root(paths) / "mlruns" / EXPERIMENT).as_uri()
        experiment = client.get_experiment(client.create_experiment(EXPERIMENT, artifact_location=location))
    for name, value in TAGS.items():
        if name not in experiment.tags:
            client.set_experiment_tag(experiment.experiment_id, name, value)


def page_address(experiment_id: str = "1", server: str = "http://127.0.0.1:5000") -> str:
    """The address of the list of runs with their scores.

    MLflow opens on its pages for language models, and cannot be told otherwise but by the address.

    Args:
        experiment_id: The id of the experiment, 1 in a store of this project's.
        server: Where `mlflow ui` runs.
    """
    return f"{server}/#/experiments/{experiment_id}/runs?workflowType=machine_learning&viewStateShareKey={VIEW}"
