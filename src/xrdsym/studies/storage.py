"""The storage of studies: their queues of trials and their results. This is the only module that imports Optuna.

The trials of a study that compares arms are known beforehand. They are put into a queue, the baseline first, from which
workers take them; Optuna's grid sampler has no order and can give one point to two workers. A search uses Optuna's TPE
sampler and median pruner. A study that compares arms prunes no trial.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import optuna
from optuna.trial import Trial, TrialState

from xrdsym.common.errors import UsageError, XrdsymError
from xrdsym.studies.begun import changes_message, fixed_parameters
from xrdsym.studies.journal import broken_line, finish_last_line, may_be_journal
from xrdsym.studies.open_trial import OpenTrial
from xrdsym.studies.record import (
    BEGUN,
    MATERIALS,
    STRUCTURES,
    EqualTrial,
    point_key,
    record_of,
)
from xrdsym.studies.search_space import point_attributes, point_of, point_values, suggest_point

if TYPE_CHECKING:
    from collections.abc import Mapping

    from optuna.trial import FrozenTrial

    from xrdsym.studies.definition import Point, Study
    from xrdsym.studies.record import StudyRecord
    from xrdsym.studies.workers import Worker

TRIALS_BEFORE_PRUNING = 5
"""Number of trials of a search that end before one can be pruned."""


def open_storage(address: str | Path) -> optuna.storages.BaseStorage:
    """Open a storage.

    Args:
        address: The path of a journal file, which is created if it is missing, or the URL of a database.

    Raises:
        XrdsymError: The database cannot be opened, or the file is no journal that this version of Optuna reads.
    """
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    if "://" in str(address):
        from sqlalchemy.exc import SQLAlchemyError

        try:
            return optuna.storages.RDBStorage(str(address))
        except (SQLAlchemyError, ImportError, ValueError, RuntimeError, optuna.exceptions.OptunaError) as error:
            msg = f"cannot open the storage of studies ({str(error).splitlines()[0]}). Check the URL of --storage."
            raise XrdsymError(msg) from error
    file = Path(address)
    msg = (
        f"{file} is no journal of studies that Optuna {optuna.__version__} can read. Give another --storage, or "
        "install the version of Optuna that wrote it."
    )
    if not may_be_journal(file):
        raise XrdsymError(msg)
    try:
        backend = optuna.storages.journal.JournalFileBackend(str(file), lock_obj=_JournalLock(file))
        return optuna.storages.JournalStorage(backend)
    # what Optuna raises where it meets a broken line, or an operation or a field of another version
    except (AssertionError, KeyError, TypeError, ValueError) as error:
        if (line := broken_line(file)) is not None:
            msg = (
                f"{file} is broken in line {line}, which is no JSON. Delete this line to lose one step of one trial, "
                "fetch the file again, or give another --storage."
            )
        raise XrdsymError(msg) from error


class _JournalLock(optuna.storages.journal.JournalFileSymlinkLock):
    """The lock that Optuna holds while it appends; whoever gets it finds the journal's last line whole.

    Args:
        file: The journal.
    """

    def __init__(self, file: Path) -> None:
        super().__init__(str(file))
        self._file = file

    def acquire(self) -> bool:
        """See Optuna's class.

        Raises:
            OSError: The disk is full.
        """
        acquired: bool = super().acquire()
        try:
            finish_last_line(self._file)
        except OSError:
            self.release()
            raise
        return acquired


def stored_studies(storage: optuna.storages.BaseStorage) -> list[str]:
    """The names of the studies in a storage."""
    return list(optuna.get_all_study_names(storage))


class StoredStudy:
    """A study in its storage.

    Args:
        storage: The storage; the study is created in it if it is missing.
        definition: The study.
        data: SHA-256 of each table by name.

    Raises:
        UsageError: The study was begun with another baseline or on other data.
    """

    def __init__(self, storage: optuna.storages.BaseStorage, definition: Study, data: Mapping[str, str]) -> None:
        search = definition.design == "search"
        self._definition = definition
        self._study = optuna.create_study(
            study_name=definition.name,
            storage=storage,
            direction="maximize",
            load_if_exists=True,
            sampler=optuna.samplers.TPESampler(seed=definition.points[0].seed) if search else None,
            pruner=optuna.pruners.MedianPruner(TRIALS_BEFORE_PRUNING, 1) if search else optuna.pruners.NopPruner(),
        )
        self._storage = self._study._storage  # noqa: SLF001 - the cache in front of the database, which is not public
        begun = {"baseline": fixed_parameters(definition), "data": dict(data)}
        stored = self._study.user_attrs
        if BEGUN in stored and (changes := changes_message(definition.name, stored[BEGUN], begun)):
            raise UsageError(changes)
        described = {"guess": definition.guess, "start": definition.start, "design": definition.design}
        for name, value in {BEGUN: begun, "metric": definition.metric, **described}.items():
            if stored.get(name) != value:
                self._study.set_user_attr(name, value)

    @property
    def mlflow_run(self) -> str | None:
        """The id of the study's MLflow run, or None before a worker has started one."""
        run_id: str | None = self._study.user_attrs.get("mlflow_run")
        return run_id

    @mlflow_run.setter
    def mlflow_run(self, run_id: str) -> None:
        self._study.set_user_attr("mlflow_run", run_id)

    @property
    def structures(self) -> int | None:
        """The number of structures in all parts, or None before a worker has counted them."""
        count: int | None = self._study.user_attrs.get(STRUCTURES)
        return count

    @structures.setter
    def structures(self, count: int) -> None:
        if count != self.structures:
            self._study.set_user_attr(STRUCTURES, count)

    def plan(self, worker: Worker) -> list[int]:
        """Queue missing trials; end trials of dead workers and queued ones that are no longer in the study's file.

        The caller must hold the lock of the queue.

        Args:
            worker: This process.

        Returns:
            The numbers of the trials of dead workers that run again.
        """
        planned = {point_key(point_attributes(point)): point for point in self._definition.points}
        dead = [trial for trial in self._in_state(TrialState.RUNNING) if worker.is_dead(trial.user_attrs)]
        for trial in dead:
            self._discard(trial, "its process died")
        for trial in self._in_state(TrialState.WAITING):
            if "settings" in trial.user_attrs and point_key(trial.user_attrs) not in planned:
                self._discard(trial, "removed from the study's file")
        known = [
            point_key(trial.user_attrs)
            for trial in self._study.get_trials(deepcopy=False)
            if "settings" in trial.user_attrs and not trial.user_attrs.get("again")
        ]
        for key, point in planned.items():
            if key not in known:
                self._study.enqueue_trial(point_values(self._definition, point), user_attrs=point_attributes(point))
        search = self._definition.design == "search"
        return [trial.number for trial in dead if search or point_key(trial.user_attrs) in planned]

    def _discard(self, trial: FrozenTrial, reason: str) -> None:
        """End a trial that no process runs, so that its point counts as not begun."""
        handle = Trial(self._study, trial._trial_id)  # noqa: SLF001 - Optuna has no public way
        handle.set_user_attr("reason", reason)
        handle.set_user_attr("again", True)
        self._storage.set_trial_state_values(trial._trial_id, TrialState.FAIL)  # noqa: SLF001

    def waiting_points(self) -> list[Point]:
        """The points in the queue; for a search only those known beforehand."""
        return [
            point_of(trial.user_attrs) for trial in self._in_state(TrialState.WAITING) if "settings" in trial.user_attrs
        ]

    def remaining(self) -> int:
        """The number of trials that have not begun, including those that a search will choose."""
        waiting = len(self.waiting_points())
        if self._definition.design != "search":
            return waiting
        begun = len(self._in_state(TrialState.RUNNING)) + self.finished()
        return max(self._definition.trials - begun, waiting)

    def begin_next(self, worker: Worker) -> OpenTrial | None:
        """Begin the next trial; the caller must hold the lock of the queue.

        Args:
            worker: This process.

        Returns:
            The trial, or None if none remains.
        """
        if not self.remaining():
            return None
        trial = self._study.ask()
        for name, value in worker.attributes().items():
            trial.set_user_attr(name, value)
        point = suggest_point(trial, self._definition)
        for name, value in point_attributes(point).items():
            trial.set_user_attr(name, value)
        return OpenTrial(self, trial, point)

    def find_equal(self, digest: str, *, test: bool) -> EqualTrial | None:
        """Find a finished trial in any study of this storage with the same parameters, data and code.

        Args:
            digest: Digest of the parameters, the data and the code.
            test: The trial must have been evaluated on the test part as well.
        """
        for name in stored_studies(self._storage):
            study = optuna.load_study(study_name=name, storage=self._storage)
            for trial in study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,)):
                attrs = trial.user_attrs
                if attrs.get("fingerprint") == digest and (not test or "test_predicted" in attrs):
                    packs = {key: text for key, text in study.user_attrs.items() if key.startswith(MATERIALS)}
                    return EqualTrial(f"trial {trial.number} of study {name}", float(trial.value or 0.0), attrs, packs)
        return None

    def add_materials(self, packs: Mapping[str, str]) -> None:
        """Store packed materials that the study does not have yet.

        Args:
            packs: `MATERIALS` with the digest to packed materials.
        """
        for key, text in packs.items():
            if key not in self._study.user_attrs:
                self._study.set_user_attr(key, text)

    def end(self, trial: Trial, state: str, value: float | None = None) -> None:
        """End a trial.

        Args:
            trial: The trial.
            state: One of Optuna's states: COMPLETE, PRUNED or FAIL.
            value: The metric of a complete trial.
        """
        self._study.tell(trial, value, state=TrialState[state])

    def finished(self) -> int:
        """The number of ended trials, without those that count as not begun."""
        ended = self._in_state(TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL)
        return sum(not trial.user_attrs.get("again") for trial in ended)

    def _in_state(self, *states: TrialState) -> list[FrozenTrial]:
        return list(self._study.get_trials(deepcopy=False, states=states))


def read_record(storage: optuna.storages.BaseStorage, name: str) -> StudyRecord:
    """Read a study, finished or not.

    Raises:
        UsageError: The storage has no study of that name.
    """
    if name not in stored_studies(storage):
        msg = f"study {name} has not been run. Run it with `xrdsym study run {name}`."
        raise UsageError(msg)
    study = optuna.load_study(study_name=name, storage=storage)
    return record_of(name, study.user_attrs, study.get_trials(deepcopy=False))
