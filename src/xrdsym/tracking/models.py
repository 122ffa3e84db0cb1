"""The MLflow runs of trainings and evaluations: one run a model.

A run stores the SHA-256 of its model's file. Evaluation finds the training's run by it; where DVC restored the model
from its cache, evaluation creates the run from the model's folder.

MLflow is never the only record: when it fails, one warning says so and the work continues.
"""

from __future__ import annotations

import dataclasses
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from xrdsym.config.model_specs import model_spec
from xrdsym.tracking import champion, provenance, shown
from xrdsym.tracking.mlflow_store import (
    DIGEST_TAG,
    Run,
    create_run,
    failures,
    find_run,
    model_tags,
    open_client,
    restore_run,
)
from xrdsym.tracking.store import Guard, lock

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import keras
    import numpy.typing as npt

    from xrdsym.config.paths import Paths
    from xrdsym.config.schema import Params

TRAINING_DIGEST_TAG = "training.fingerprint"


@contextmanager
def training_run(paths: Paths, params: Params, facts: Mapping[str, float | str], digest: str) -> Iterator[TrainingRun]:
    """An MLflow run around a training; it ends as FINISHED, after an error as FAILED, after Ctrl-C as KILLED.

    Args:
        paths: The working tree, which may be a temporary clone of DVC's.
        params: All of `params.yaml`.
        facts: Values known before the first epoch, such as the resolution of the input. They become tags.
        digest: Identifies this training. A run with the same digest that has not ended is continued.

    Yields:
        Records the metrics of each epoch and, at the end, the model.
    """
    run = TrainingRun(paths, params, facts, digest)
    status = "FAILED"
    try:
        yield run
        status = "FINISHED"
    except KeyboardInterrupt:
        status = "KILLED"
        raise
    finally:
        run.close(status)


class TrainingRun:
    """The MLflow run of a training in progress; `training_run` creates it."""

    def __init__(self, paths: Paths, params: Params, facts: Mapping[str, float | str], digest: str) -> None:
        self._logged_epochs: set[int] = set()
        self._guard = Guard("this training is not tracked, its results are on disk as usual", failures)
        self._run: Run | None = None
        with self._guard.tolerant(paths):
            client = open_client(paths)
            self._run = find_run(client, f"tags.`{TRAINING_DIGEST_TAG}` = '{digest}' AND attributes.status = 'RUNNING'")
            if self._run is None:
                values = provenance.flat_params(params)
                self._run = create_run(client, paths, params, values, model_tags("ran"))
            numbers = {name: value for name, value in facts.items() if not isinstance(value, str)}
            texts = {name: value for name, value in facts.items() if isinstance(value, str)}
            self._run.set_tags({TRAINING_DIGEST_TAG: digest, **texts, **shown.training_tags(numbers)})

    def log_epoch(self, epoch: int, metrics: Mapping[str, float]) -> None:
        """Log the metrics of one epoch (counted from 1), which is the step in MLflow."""
        if self._run is None or self._guard.lost:
            return
        with self._guard.tolerant():
            self._run.log_epochs({epoch: metrics})
            self._logged_epochs.add(epoch)

    def finish(
        self,
        model_folder: Path,
        network: keras.Model | None,
        sample_images: npt.NDArray[Any],
        sample_labels: Sequence[str],
    ) -> None:
        """Log the trained model and the files beside it; epochs not logged so far come from `history.csv`.

        Args:
            model_folder: The model's folder, complete.
            network: The network in memory; None for a baseline.
            sample_images: A few images of the training set, uint8 (n, side, side, 3), or profiles, float32 (n, points).
            sample_labels: The class of each.
        """
        if self._run is None:
            return
        with self._guard.tolerant():
            rows = provenance.history_rows(model_folder)
            self._run.log_epochs({epoch: row for epoch, row in rows.items() if epoch not in self._logged_epochs})
            self._run.log_model(model_folder, network, sample_images, sample_labels)

    def close(self, status: str) -> None:
        """End the run as FINISHED, FAILED or KILLED."""
        if self._run is not None and not self._guard.lost:
            with self._guard.tolerant():
                self._run.end(status)


def log_evaluation(  # noqa: PLR0913, PLR0917 - all results of an evaluation
    paths: Paths,
    params: Params,
    model_folder: Path,
    metrics: Mapping[str, Any],
    figures: Sequence[Path],
    tables: Sequence[Path],
) -> None:
    """Log the scores of a model to the run of its training, and make the model champion if it scores best.

    Where the store has no run of the model (DVC restored or pulled it), one is created from the model's folder. Another
    evaluation extends the same run. Only scores on the validation part make a `champion` (`champion.crown`).

    Args:
        paths: The working tree, which may be a temporary clone of DVC's.
        params: All of `params.yaml`.
        model_folder: The model that was scored.
        metrics: The content of `reports/scores.json`.
        figures: SVG files; they go to `figures/`.
        tables: CSV or JSON files; they go to `tables/`.
    """
    guard = Guard(
        "this evaluation is not tracked, its results are on disk as usual; once the store answers, "
        "`dvc repro -f -s evaluate` logs the run",
        failures,
    )
    with guard.tolerant(paths):
        client = open_client(paths)
        with lock(paths):
            digest = provenance.model_digest(model_folder)
            run = find_run(client, f"tags.`{DIGEST_TAG}` = '{digest}'") or restore_run(
                client, paths, params, model_folder
            )
        numbers = provenance.score_metrics(metrics)
        run.log_metrics(shown.shown_scores(numbers))
        # parameters in MLflow cannot change, but a model may be scored again on another part
        run.set_tags({f"evaluate.{name}": str(value) for name, value in dataclasses.asdict(params.evaluate).items()})
        run.log_files(figures, "figures")
        run.log_files(tables, "tables")
        _log_tables(run, metrics)
        if metrics["part"] == "validation":
            run.set_tags({shown.DESCRIPTION_TAG: shown.description(metrics)})
        # a baseline is not registered, so it cannot be champion
        if champion.SCORE in numbers and model_spec(params.train.model).network:
            with lock(paths):
                print(champion.crown(client, run.run_id, numbers[champion.SCORE]))


def _log_tables(run: Run, scores: Mapping[str, Any]) -> None:
    """Log the confusion matrix and the scores of the classes as tables that MLflow's page shows."""
    classes, part = list(scores["classes"]), scores["part"]
    confusion = [[actual, *counts] for actual, counts in zip(classes, scores["confusion_matrix"], strict=True)]
    run.log_table(f"{part}_confusion", ["actual", *classes], confusion)
    names = list(next(iter(scores["per_class"].values())))
    rows = [[label, *row.values()] for label, row in scores["per_class"].items()]
    run.log_table(f"{part}_per_class", ["class", *names], rows)
