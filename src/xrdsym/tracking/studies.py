"""The MLflow runs of studies: one run a study with one nested run a trial, without model files.

Parameters and metrics have the same names as in the runs of models, so MLflow compares all of them in one view.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from xrdsym.tracking import provenance, shown
from xrdsym.tracking.experiment import save_study_view, study_view
from xrdsym.tracking.mlflow_store import Run, create_run, failures, open_client
from xrdsym.tracking.runs_page import runs_line
from xrdsym.tracking.store import Guard, lock

if TYPE_CHECKING:
    from xrdsym.config.paths import Paths
    from xrdsym.config.schema import Params

STUDY_TAG = "study"
TRIAL_TAG = "study.trial"
PARENT_TAG = "mlflow.parentRunId"
KEPT_AS_TAGS = (shown.TRAINING, "inference_ms", "fwhm_degrees", "degrees_a_pixel")
"""Beginnings of the names of metrics of a trial that become tags."""


@dataclass(frozen=True)
class Tracked:
    """What MLflow shows of a study as a whole.

    Attributes:
        name: Its name.
        description: Its question and its data, for people.
        varied: Dotted names of the parameters that differ between its trials.
    """

    name: str
    description: str
    varied: Sequence[str]


class StudyRun:
    """The MLflow run of a study; if the store fails, one warning says so and the study continues.

    Args:
        paths: The working tree.
        params: Parameters of the baseline.
        study: What is shown of the study.
        run_id: The run that an earlier worker created, if any.

    Attributes:
        run_id: Stored with the study for the next worker; None where the store failed.
        charts: Where MLflow shows the trials side by side, in words; None where the store failed.
    """

    def __init__(self, paths: Paths, params: Params, study: Tracked, run_id: str | None) -> None:
        self._guard = Guard("this study is not tracked, its storage has the results as usual", failures)
        self._paths = paths
        self._study = study
        self._client: Any = None
        self.run_id: str | None = None
        self.charts: str | None = None
        with self._guard.tolerant(paths):
            self._client = open_client(paths)
            self.run_id = run_id if run_id is not None and self._exists(run_id) else self._create(params)
            experiment = self._client.get_run(self.run_id).info.experiment_id
            save_study_view(self._client, experiment, study.name, self.run_id, study.varied)
            self.charts = runs_line(paths, experiment, study_view(study.name), "charts of its trials")

    def _exists(self, run_id: str) -> bool:
        experiments = self._client.search_experiments()
        wanted = f"attributes.run_id = '{run_id}'"
        return bool(self._client.search_runs([one.experiment_id for one in experiments], wanted, max_results=1))

    def _create(self, params: Params) -> str:
        tags = {
            STUDY_TAG: self._study.name,
            shown.DESCRIPTION_TAG: self._study.description,
            "mlflow.source.name": f"xrdsym study run {self._study.name}",
        }
        with lock(self._paths):
            values = provenance.flat_params(params)
            return create_run(self._client, self._paths, params, values, tags, self._study.name).run_id

    def trial(self, params: Params, number: int, arm: str, name: str) -> TrialRun:
        """Create the run of a trial.

        Args:
            params: All parameters of the trial.
            number: Its number in the study.
            arm: The name of its arm.
            name: The name of the run.
        """
        trial_run = TrialRun(self._guard)
        if self.run_id is None or self._guard.lost:
            return trial_run
        tags = {
            STUDY_TAG: self._study.name,
            TRIAL_TAG: str(number),
            "changed": arm,
            PARENT_TAG: self.run_id,
            "mlflow.source.name": f"xrdsym study run {self._study.name}",
        }
        with self._guard.tolerant():
            values = provenance.flat_params(params)
            trial_run.run = create_run(self._client, self._paths, params, values, tags, name)
        return trial_run

    def end_died(self, numbers: Sequence[int]) -> None:
        """End as KILLED the runs of trials whose process died."""
        if self.run_id is None or self._guard.lost or not numbers:
            return
        with self._guard.tolerant():
            experiment = self._client.get_run(self.run_id).info.experiment_id
            wanted = f"tags.`{PARENT_TAG}` = '{self.run_id}' and attributes.status = 'RUNNING'"
            for found in self._client.search_runs([experiment], wanted):
                if int(found.data.tags[TRIAL_TAG]) in numbers:
                    run = Run(self._client, found.info.run_id)
                    run.set_tags({"study.outcome": "its process died"})
                    run.end("KILLED")

    def finish(self, status: str, trials: int | None = None) -> None:
        """End the study's run as FINISHED or, after an interruption, as KILLED.

        Args:
            status: FINISHED or KILLED.
            trials: Trials that have finished.
        """
        if self.run_id is None or self._guard.lost:
            return
        with self._guard.tolerant():
            run = Run(self._client, self.run_id)
            if trials is not None:
                run.set_tags({"study.trials": str(trials)})
            run.end(status)


class TrialRun:
    """The MLflow run of one trial; `StudyRun.trial` creates it.

    Attributes:
        run: None where the store failed.
    """

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self.run: Run | None = None

    def log_epoch(self, epoch: int, metrics: Mapping[str, float]) -> None:
        """Log the metrics of one epoch (counted from 1), which is the step in MLflow."""
        if self.run is not None and not self._guard.lost:
            with self._guard.tolerant():
                self.run.log_epochs({epoch: metrics})

    def finish(
        self, status: str, metrics: Mapping[str, float], tags: Mapping[str, str], description: str | None = None
    ) -> None:
        """End the run as FINISHED, FAILED or, after pruning or an interruption, as KILLED.

        Args:
            status: One of these.
            metrics: All numbers of the trial, by the names of `provenance.score_metrics`.
            tags: How it ended.
            description: Its scores and their data, for people.
        """
        if self.run is not None and not self._guard.lost:
            with self._guard.tolerant():
                if description is not None:
                    self.run.set_tags({shown.DESCRIPTION_TAG: description})
                self.run.log_metrics(shown.shown_scores(metrics))
                others = {name: value for name, value in metrics.items() if name.startswith(KEPT_AS_TAGS)}
                self.run.set_tags({**shown.training_tags(others), **tags})
                self.run.end(status)
