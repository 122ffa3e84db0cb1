"""Run the remaining trials of studies one after the other; several processes can work on one study at once."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from filelock import FileLock

from xrdsym.common.errors import UsageError, XrdsymError
from xrdsym.common.progress import duration
from xrdsym.config.params_file import load_params
from xrdsym.config.paths import Paths, project_root
from xrdsym.studies.clock import Clock
from xrdsym.studies.data_line import data_line
from xrdsym.studies.definition import COMPARISON, Study
from xrdsym.studies.open_trial import OpenTrial, PrunedError
from xrdsym.studies.results import arm_name, trial_name
from xrdsym.studies.storage import StoredStudy, open_storage
from xrdsym.studies.trial import Trials
from xrdsym.studies.workers import Worker
from xrdsym.tracking.shown import scores_text
from xrdsym.tracking.studies import StudyRun, Tracked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from xrdsym.config.schema import Params
    from xrdsym.models.protocol import Workspace
    from xrdsym.studies.trial_scores import MeasuredPatterns

WORKERS_FOLDER = "studies/.workers"


def run_studies(
    paths: Paths,
    studies: Sequence[Study],
    storage: str | Path,
    report: Callable[[str], None],
    patterns: MeasuredPatterns | None = None,
) -> None:
    """Run the remaining trials of studies, one after the other.

    Args:
        paths: The working tree, with the tables of `data/`.
        studies: The studies.
        storage: The path of a journal file, or the URL of a database.
        report: Called with each line of progress.
        patterns: Measured patterns on which each model is evaluated as well.

    Raises:
        UsageError: A study would take longer than its budget, or was begun with another baseline or on other data.
        XrdsymError: A table is missing.
    """
    base = load_params(paths.params)
    for table in (paths.labels, paths.peaks, paths.split):
        if not table.is_file():
            msg = f"no table at {table}. Run `dvc repro peaks split` to make it, or `dvc pull` to fetch it."
            raise XrdsymError(msg)
    trials = Trials(paths, base, patterns)
    folder = project_root(paths) / WORKERS_FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    # two workers that create the storage at once would conflict
    lock = FileLock(folder / "queue.lock")
    with lock:
        opened = open_storage(storage)
    for study in studies:
        with lock:
            stored = StoredStudy(opened, study, trials.digests)
        with Worker(folder) as worker:
            _run_study(_Work(paths, study, stored, trials, worker, lock, report))


@dataclass(frozen=True)
class _Work:
    """One study that this process works on; only the holder of `lock` may use the queue."""

    paths: Paths
    study: Study
    stored: StoredStudy
    trials: Trials
    worker: Worker
    lock: FileLock
    report: Callable[[str], None]


def _run_study(work: _Work) -> None:
    study, stored, report = work.study, work.stored, work.report
    with work.lock:
        dead = stored.plan(work.worker)
    if dead:
        report(f"{_count(len(dead))} whose process died will run again")
    if not stored.remaining():
        report(f"study {study.name}: all {stored.finished()} trials have been run")
        return
    clock = Clock(work.trials, study)
    description = f"Question: {study.guess}. Baseline: `{study.start}`. {_report_data(work)}."
    _check_budget(clock, stored, study, report)
    shown = Tracked(study.name, description, study.varied)
    # workers that start at once would each create a run of the study
    with work.lock:
        tracked = StudyRun(work.paths, study.params(study.points[0]), shown, stored.mlflow_run)
        if tracked.run_id is not None:
            stored.mlflow_run = tracked.run_id
    tracked.end_died(dead)
    try:
        while True:
            with work.lock:
                trial = stored.begin_next(work.worker)
            if trial is None:
                break
            line = _run_one(work.trials, study, trial, tracked, clock)
            left = _seconds_left(clock, stored)
            report(f"trial {trial.number}, {line}" + (f"; about {duration(left)} left" if left else ""))
    except KeyboardInterrupt:
        tracked.finish("KILLED")
        raise
    tracked.finish("FINISHED", stored.finished())
    if tracked.charts is not None:
        report(f"study {study.name}: {tracked.charts}")


def _run_one(trials: Trials, study: Study, trial: OpenTrial, tracked: StudyRun, clock: Clock) -> str:
    """Run one trial until it completes, is pruned or fails; return one line about it."""
    name, started = trial_name(trial.point.settings, trial.point.seed), time.perf_counter()
    try:
        params = study.params(trial.point)
    except UsageError as error:
        # only a search combines values that have not been checked together
        trial.fail(" ".join(str(error).split()))
        return f"{name}: failed: {error}"
    run = tracked.trial(params, trial.number, arm_name(trial.point.settings), name)

    def on_epoch(epoch: int, metrics: Mapping[str, float]) -> None:
        run.log_epoch(epoch, {key: value for key, value in metrics.items() if key != "epoch"})
        trial.report(epoch, metrics[study.metric])
        _show_epoch(f"{name}, epoch {epoch}/{params.train.epochs}", study.metric, metrics)

    try:
        workspace = trials.workspace(params, study.looks)
        equal = trial.find_equal(workspace.checkpoint.name, test=study.test)
        if equal is not None:
            trial.copy_result(equal)
            described = _described(trials, study, params, workspace, equal.metrics)
            run.finish("FINISHED", equal.metrics, {"study.outcome": f"as {equal.name}"}, described)
            return f"{name}: {study.metric} {equal.value:.4f}, as {equal.name}"
        outcome = trials.run(params, workspace, test=study.test, on_epoch=on_epoch)
    except PrunedError:
        trial.prune()
        run.finish("KILLED", {}, {"study.outcome": "pruned"})
        return f"{name}: pruned"
    except KeyboardInterrupt:
        trial.fail("interrupted", again=True)
        run.finish("KILLED", {}, {"study.outcome": "interrupted"})
        raise
    except _failures() as error:
        reason = " ".join(str(error).split())[:500] or type(error).__name__
        trial.fail(reason)
        run.finish("FAILED", {}, {"study.outcome": reason})
        return f"{name}: failed: {reason}"
    for row in outcome.result.history[: outcome.result.resumed_epochs]:
        run.log_epoch(int(row["epoch"]), {key: number for key, number in row.items() if key != "epoch"})
    value = outcome.value(study.metric)
    trial.complete(value, workspace.checkpoint.name, outcome)
    described = _described(trials, study, params, workspace, outcome.metrics)
    run.finish("FINISHED", outcome.metrics, {"study.outcome": "complete"}, described)
    seconds = time.perf_counter() - started
    clock.update(params, [row["seconds"] for row in outcome.result.history[outcome.result.resumed_epochs :]], seconds)
    return f"{name}: {study.metric} {value:.4f}, {duration(seconds)}"


def _described(trials: Trials, study: Study, params: Params, workspace: Workspace, metrics: Mapping[str, float]) -> str:
    """A finished trial for people: its scores, their data, and the question of its study."""
    scores = scores_text(metrics, trials.context(params, workspace, metrics))
    return f"{scores} Study `{study.name}`: {study.guess}."


def _show_epoch(name: str, metric: str, metrics: Mapping[str, float]) -> None:
    """One line an epoch on a terminal; the line of the trial follows, and stays alone where nobody watches."""
    if sys.stderr.isatty():
        scores = ", ".join(f"{key} {metrics[key]:.4f}" for key in (metric, "loss") if key in metrics)
        print(f"  {name}: {scores}", file=sys.stderr)


def _failures() -> tuple[type[Exception], ...]:
    """The errors of a failed trial: no memory on the host or the device, a loss that is not finite, a missing table."""
    import keras

    if keras.backend.backend() != "tensorflow":
        return (XrdsymError, MemoryError, RuntimeError)
    import tensorflow as tf

    return (XrdsymError, MemoryError, RuntimeError, tf.errors.OpError)


def _report_data(work: _Work) -> str:
    """Say which data the scores hold for, keep the count for whoever reads them later, and return the data in words."""
    study = work.study
    if study.design == COMPARISON:
        return "Validation part, by the target and the split of each row"
    structures, trained, n = work.trials.part_sizes(study.params(study.points[0]))
    work.stored.structures = structures
    data = data_line(study.content, structures, trained, n)
    work.report(f"study {study.name}: {data}")
    return data


def _seconds_left(clock: Clock, stored: StoredStudy) -> float:
    points = stored.waiting_points()
    return clock.seconds_left(points, stored.remaining() - len(points))


def _check_budget(clock: Clock, stored: StoredStudy, study: Study, report: Callable[[str], None]) -> None:
    needed, budget = _seconds_left(clock, stored), study.budget_minutes * 60
    trials = _count(stored.remaining())
    if needed > budget:
        msg = (
            f"study {study.name}: {trials} would take about {duration(needed)} on this machine, "
            f"more than its budget_minutes: {study.budget_minutes:g}. Raise it in studies/{study.name}.yaml, vary "
            "less, or lower train.limit or train.epochs under `set`."
        )
        raise UsageError(msg)
    report(f"study {study.name}: {trials}, about {duration(needed)}")


def _count(count: int) -> str:
    return f"{count} trial{'' if count == 1 else 's'}"
