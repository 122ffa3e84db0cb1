"""Runs the trials of a study that are left, one after the other; several of these may work on one study at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from filelock import FileLock

from xrdsym.common.errors import UsageError, XrdsymError
from xrdsym.common.progress import duration
from xrdsym.config.params_file import load_params
from xrdsym.config.paths import Paths, project_root
from xrdsym.studies.definition import COMPARISON, Study
from xrdsym.studies.rates import OVERHEAD, relative_cost
from xrdsym.studies.results import arm_name
from xrdsym.studies.storage import OpenTrial, PrunedError, StoredStudy, open_storage
from xrdsym.studies.trial import Trials
from xrdsym.studies.workers import Worker
from xrdsym.tracking.studies import StudyRun

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from xrdsym.config.schema import Params
    from xrdsym.studies.trial import Outcome
    from xrdsym.studies.trial_scores import MeasuredPatterns

WORKERS_FOLDER = "studies/.workers"


def run_studies(
    paths: Paths,
    studies: Sequence[Study],
    storage: str | Path,
    tell: Callable[[str], None],
    patterns: MeasuredPatterns | None = None,
) -> None:
    """Run what is left of studies, one after the other.

    Args:
        paths: The working tree, with the tables of `data/`.
        studies: What to run.
        storage: The path of a journal file, or the URL of a database.
        tell: Takes each line of progress.
        patterns: Measured patterns that each model is scored on, too.

    Raises:
        UsageError: A study would take longer than its budget, or it was begun from another baseline or on other data.
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
    # two workers that make the storage at once would clash
    alone = FileLock(folder / "queue.lock")
    with alone:
        opened = open_storage(storage)
    for study in studies:
        with alone:
            stored = StoredStudy(opened, study, trials.digests)
        with Worker(folder) as worker:
            _run_study(_Work(paths, study, stored, trials, worker, alone, tell))


@dataclass(frozen=True)
class _Work:
    """One study in the hands of this process; only one worker at a time looks at the queue or takes from it."""

    paths: Paths
    study: Study
    stored: StoredStudy
    trials: Trials
    worker: Worker
    alone: FileLock
    tell: Callable[[str], None]


def _run_study(work: _Work) -> None:
    study, stored, tell = work.study, work.stored, work.tell
    with work.alone:
        died = stored.plan(work.worker)
    if died:
        tell(f"{_trials(len(died))} whose process had died: begun again")
    if not stored.trials_left():
        tell(f"study {study.name}: all {stored.finished()} trials have been run")
        return
    clock = _Clock(work.trials, study)
    _check_budget(clock, stored, study, tell)
    tracked = StudyRun(work.paths, study.params(study.points[0]), study.name, stored.mlflow_run)
    if tracked.run_id is not None:
        stored.mlflow_run = tracked.run_id
    tracked.end_died(died)
    try:
        while True:
            with work.alone:
                taken = stored.take(work.worker)
            if taken is None:
                break
            line = _run_one(work.trials, study, taken, tracked, clock)
            left = clock.seconds_left(stored)
            tell(f"trial {taken.number}, {line}" + (f"; about {duration(left)} left" if left else ""))
    except KeyboardInterrupt:
        tracked.finish("KILLED", {})
        raise
    tracked.finish("FINISHED", {"trials": float(stored.finished())})


def _run_one(trials: Trials, study: Study, taken: OpenTrial, tracked: StudyRun, clock: _Clock) -> str:
    """Run one trial to its end, whatever that is; one line on it."""
    name = f"{arm_name(taken.point.settings)}, seed {taken.point.seed}"
    try:
        params = study.params(taken.point)
    except UsageError as error:
        # only a search puts values together that have not been checked
        taken.fail(" ".join(str(error).split()))
        return f"{name}: failed: {error}"
    run = tracked.trial(params, taken.number, arm_name(taken.point.settings))

    def on_epoch(epoch: int, metrics: Mapping[str, float]) -> None:
        run.log_epoch(epoch, {key: value for key, value in metrics.items() if key != "epoch"})
        taken.report(epoch, metrics[study.metric])

    try:
        workspace = trials.workspace(params)
        same = taken.same(workspace.checkpoint.name, test=study.test)
        if same is not None:
            taken.repeat(same)
            run.finish("FINISHED", same.metrics, {"study.outcome": f"as {same.name}"})
            return f"{name}: {study.metric} {same.value:.4f}, as {same.name}"
        outcome = trials.run(params, workspace, test=study.test, on_epoch=on_epoch)
    except PrunedError:
        taken.prune()
        run.finish("KILLED", {}, {"study.outcome": "pruned"})
        return f"{name}: pruned"
    except KeyboardInterrupt:
        taken.fail("interrupted", again=True)
        run.finish("KILLED", {}, {"study.outcome": "interrupted"})
        raise
    except _failures() as error:
        reason = " ".join(str(error).split())[:500] or type(error).__name__
        taken.fail(reason)
        run.finish("FAILED", {}, {"study.outcome": reason})
        return f"{name}: failed: {reason}"
    for row in outcome.result.history[: outcome.result.resumed_epochs]:
        run.log_epoch(int(row["epoch"]), {key: number for key, number in row.items() if key != "epoch"})
    clock.learn(params, outcome)
    value = outcome.value(study.metric)
    taken.complete(value, workspace.checkpoint.name, outcome)
    run.finish("FINISHED", outcome.metrics, {"study.outcome": "complete"})
    return f"{name}: {study.metric} {value:.4f}, {duration(outcome.seconds)}"


def _failures() -> tuple[type[Exception], ...]:
    """What a trial may fail with: no memory on the processor or the device, a loss that is no number, no table."""
    import keras

    if keras.backend.backend() != "tensorflow":
        return (XrdsymError, MemoryError, RuntimeError)
    import tensorflow as tf

    return (XrdsymError, MemoryError, RuntimeError, tf.errors.OpError)


class _Clock:
    """How long trials take: by a measurement before the first one, then by those that have ended."""

    def __init__(self, trials: Trials, study: Study) -> None:
        self._trials = trials
        self._study = study
        self._first = study.params(study.points[0])
        self._references = {self._first.train.model: self._first}
        if study.design != COMPARISON:
            # a baseline that cannot be built is told before anything runs, a row of a comparison on its page
            trials.seconds_an_input(self._first)
        self._factor = 1.0

    def seconds(self, params: Params) -> float:
        reference = self._references.setdefault(params.train.model, params)
        try:
            images = self._trials.input_count(params)
            rate = self._trials.seconds_an_input(reference)
        except XrdsymError:
            # the trial will end as soon and say why
            return OVERHEAD
        return rate * relative_cost(params, reference) * images + OVERHEAD

    def learn(self, params: Params, outcome: Outcome) -> None:
        self._factor = (self._factor + outcome.seconds / self.seconds(params)) / 2

    def seconds_left(self, stored: StoredStudy) -> float:
        points = stored.left()
        unknown = stored.trials_left() - len(points)
        each = [self.seconds(self._study.params(point)) for point in points]
        return self._factor * (sum(each) + unknown * self.seconds(self._first))


def _check_budget(clock: _Clock, stored: StoredStudy, study: Study, tell: Callable[[str], None]) -> None:
    needed, budget = clock.seconds_left(stored), study.budget_minutes * 60
    trials = _trials(stored.trials_left())
    if needed > budget:
        msg = (
            f"study {study.name}: {trials} would take about {duration(needed)} on this machine, "
            f"more than its budget_minutes: {study.budget_minutes:g}. Raise it in studies/{study.name}.yaml, vary "
            "less, or lower train.limit or train.epochs under `set`."
        )
        raise UsageError(msg)
    tell(f"study {study.name}: {trials}, about {duration(needed)}")


def _trials(count: int) -> str:
    return f"{count} trial{'' if count == 1 else 's'}"
