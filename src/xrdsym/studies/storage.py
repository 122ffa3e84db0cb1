"""Optuna: the storage of studies, which trials are left to run, and what finished ones leave there.

The trials of a study that compares arms are known beforehand, so they are put into the queue, the baseline first, and
workers take them from there; Optuna's own grid sampler may hand one point to two workers and knows no order. A search
asks the TPE sampler and prunes by the median. Nothing is pruned where arms are compared.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import optuna
from optuna.trial import Trial, TrialState

from xrdsym.common.errors import UsageError, XrdsymError
from xrdsym.config.params_file import value_of
from xrdsym.studies.definition import COMPARISON, Point, Span
from xrdsym.studies.record import BEGUN, MATERIALS, SameTrial, compared, point_key, record_of, what_changed
from xrdsym.studies.results import arm_name, pack_classes, pack_materials

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from optuna.trial import FrozenTrial

    from xrdsym.studies.definition import Study
    from xrdsym.studies.record import StudyRecord
    from xrdsym.studies.results import Materials
    from xrdsym.studies.trial import Outcome
    from xrdsym.studies.workers import Worker

PRUNED_BEFORE = 5
"""A search prunes nothing before so many trials have ended."""


KEPT = (
    "fingerprint",
    "metrics",
    "history",
    "seconds",
    "training_structures",
    "materials",
    "predicted",
    "test_materials",
    "test_predicted",
)
"""What a trial keeps that another one, the very same, takes over."""


class PrunedError(Exception):
    """A trial of a search is not worth going on with."""


def open_storage(address: str | Path) -> optuna.storages.BaseStorage:
    """A storage: the path of a journal file, or the URL of a database.

    Raises:
        XrdsymError: The database cannot be opened.
    """
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    if "://" in str(address):
        from sqlalchemy.exc import SQLAlchemyError

        try:
            return optuna.storages.RDBStorage(str(address))
        except (SQLAlchemyError, ImportError, ValueError, RuntimeError, optuna.exceptions.OptunaError) as error:
            msg = f"the storage of studies cannot be opened ({str(error).splitlines()[0]}). Check the URL of --storage."
            raise XrdsymError(msg) from error
    return optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(str(address)))


def stored_studies(storage: optuna.storages.BaseStorage) -> list[str]:
    """The names of the studies of a storage."""
    return list(optuna.get_all_study_names(storage))


class StoredStudy:
    """A study in its storage.

    Args:
        storage: Where.
        definition: What the study runs.

    Raises:
        UsageError: The study was begun from another baseline or on other data.
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
            pruner=optuna.pruners.MedianPruner(PRUNED_BEFORE, 1) if search else optuna.pruners.NopPruner(),
        )
        begun = {"baseline": compared(definition), "data": dict(data)}
        stored = self._study.user_attrs
        if BEGUN in stored and (changed := what_changed(definition.name, stored[BEGUN], begun)):
            raise UsageError(changed)
        told = {"guess": definition.guess, "start": definition.start, "design": definition.design}
        for name, value in {BEGUN: begun, "metric": definition.metric, **told}.items():
            if stored.get(name) != value:
                self._study.set_user_attr(name, value)

    @property
    def mlflow_run(self) -> str | None:
        """The MLflow run of the study, once a worker has begun one."""
        found: str | None = self._study.user_attrs.get("mlflow_run")
        return found

    @mlflow_run.setter
    def mlflow_run(self, run_id: str) -> None:
        self._study.set_user_attr("mlflow_run", run_id)

    def plan(self, worker: Worker) -> list[int]:
        """Queue what is missing; give up trials whose workers have died, and those the file has no more.

        Only one worker at a time may.

        Returns:
            The numbers of the trials that had died and are to be begun again.
        """
        planned = {point_key(self._attributes(point)): point for point in self._definition.points}
        died = [trial for trial in self._in_state(TrialState.RUNNING) if worker.is_dead(trial.user_attrs)]
        for trial in died:
            self._give_up(trial, "its process died")
        for trial in self._in_state(TrialState.WAITING):
            if "settings" in trial.user_attrs and point_key(trial.user_attrs) not in planned:
                self._give_up(trial, "taken out of the study's file")
        known = [
            point_key(trial.user_attrs)
            for trial in self._study.get_trials(deepcopy=False)
            if "settings" in trial.user_attrs and not trial.user_attrs.get("again")
        ]
        for key, point in planned.items():
            if key not in known:
                self._study.enqueue_trial(self._values(point), user_attrs=self._attributes(point))
        search = self._definition.design == "search"
        return [trial.number for trial in died if search or point_key(trial.user_attrs) in planned]

    def _give_up(self, trial: FrozenTrial, reason: str) -> None:
        """End a trial that nobody runs, so that its point counts as not begun."""
        handle = Trial(self._study, trial._trial_id)  # noqa: SLF001 - Optuna offers no other way
        handle.set_user_attr("reason", reason)
        handle.set_user_attr("again", True)
        storage = self._study._storage  # noqa: SLF001 - Optuna offers no other way
        storage.set_trial_state_values(trial._trial_id, TrialState.FAIL)  # noqa: SLF001

    @staticmethod
    def _attributes(point: Point) -> dict[str, Any]:
        return {"settings": dict(point.settings), "seed": point.seed, "arm": arm_name(point.settings)}

    def left(self) -> list[Point]:
        """The points that nobody has begun; for a search only those known beforehand."""
        return [
            _point(trial.user_attrs) for trial in self._in_state(TrialState.WAITING) if "settings" in trial.user_attrs
        ]

    def trials_left(self) -> int:
        """How many trials are to be begun, those of a search included."""
        waiting = len(self.left())
        if self._definition.design != "search":
            return waiting
        begun = len(self._in_state(TrialState.RUNNING)) + self.finished()
        return max(self._definition.trials - begun, waiting)

    def take(self, worker: Worker) -> OpenTrial | None:
        """Begin the next trial; None when none is left. Only one worker at a time may."""
        if not self.trials_left():
            return None
        trial = self._study.ask()
        for name, value in worker.attributes().items():
            trial.set_user_attr(name, value)
        point = self._suggested(trial)
        trial.set_user_attr("settings", dict(point.settings))
        trial.set_user_attr("seed", point.seed)
        trial.set_user_attr("arm", arm_name(point.settings))
        return OpenTrial(self._study, trial, point)

    def finished(self) -> int:
        """How many trials have ended, in whatever way, but for those that count as not begun."""
        ended = self._in_state(TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL)
        return sum(not trial.user_attrs.get("again") for trial in ended)

    def _in_state(self, *states: TrialState) -> list[FrozenTrial]:
        return list(self._study.get_trials(deepcopy=False, states=states))

    def _names(self) -> list[str]:
        """All parameters that are varied, in a fixed order; none of a comparison.

        Optuna takes no further values of a parameter that is no number, and a comparison may be given further rows.
        """
        if self._definition.design == COMPARISON:
            return []
        names = [*self._definition.space, *(name for point in self._definition.points for name in point.settings)]
        return list(dict.fromkeys(names))

    def _values(self, point: Point) -> dict[str, Any]:
        """The value of every varied parameter, that of the baseline where the point does not change it."""
        content = self._definition.content
        values = {name: point.settings.get(name, value_of(content, name)) for name in self._names()}
        return values | {"train.seed": point.seed}

    def _suggested(self, trial: Trial) -> Point:
        """Fix or choose the value of every varied parameter, so that Optuna's own tools see it."""
        definition, content = self._definition, self._definition.content
        if definition.design != "search":
            point = _point(trial.user_attrs)
            for name, value in self._values(point).items():
                others = [self._values(one)[name] for one in definition.points]
                self._suggest(trial, name, [value, *others])
            return point
        values = {name: self._suggest(trial, name, space) for name, space in definition.space.items()}
        settings = {name: value for name, value in values.items() if value != value_of(content, name)}
        return Point(settings, definition.points[0].seed)

    def _suggest(self, trial: Trial, name: str, space: list[Any] | Span) -> Any:  # noqa: ANN401 - any YAML value
        baseline = trial.user_attrs.get("seed", 0) if name == "train.seed" else value_of(self._definition.content, name)
        if isinstance(space, Span):
            low, high = min(space.low, baseline), max(space.high, baseline)
            if all(isinstance(value, int) for value in (low, high, baseline)):
                return trial.suggest_int(name, int(low), int(high), log=space.log)
            return trial.suggest_float(name, low, high, log=space.log)
        kinds = {type(value) for value in [*space, baseline]}
        if self._definition.design != "search" and kinds == {int}:
            return trial.suggest_int(name, min(*space, baseline), max(*space, baseline))
        if self._definition.design != "search" and kinds <= {int, float}:
            return trial.suggest_float(name, min(*space, baseline), max(*space, baseline))
        choices = list(dict.fromkeys([*space, baseline]))
        try:
            return trial.suggest_categorical(name, sorted(choices, key=lambda value: (str(type(value)), str(value))))
        except ValueError as error:
            msg = (
                f"studies/{self._definition.name}.yaml has other values of {name} than the study was begun with, and "
                "Optuna cannot add to them. Copy the file under another name, or give another --storage."
            )
            raise UsageError(msg) from error


@dataclass(frozen=True)
class OpenTrial:
    """A trial that this process runs.

    Attributes:
        point: What it runs.
    """

    _study: optuna.Study
    _trial: Trial
    point: Point

    @property
    def number(self) -> int:
        """Of the trial in its study."""
        return int(self._trial.number)

    def report(self, epoch: int, value: float) -> None:
        """Tell the metric of an epoch, counted from 1; it shows that the trial is alive, too.

        Raises:
            PrunedError: A search gives the trial up.
        """
        self._trial.report(value, epoch)
        self._trial.set_user_attr("beat", time.time())
        if self._trial.should_prune():
            raise PrunedError

    def same(self, digest: str, *, test: bool) -> SameTrial | None:
        """A finished trial of any study of this storage that was the very same.

        Args:
            digest: Of the parameters, the data and the code.
            test: It must have been judged on the test part, too.
        """
        storage = self._study._storage  # noqa: SLF001 - Optuna offers no other way
        for name in optuna.get_all_study_names(storage):
            study = optuna.load_study(study_name=name, storage=storage)
            for trial in study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,)):
                attrs = trial.user_attrs
                if attrs.get("fingerprint") == digest and (not test or "test_predicted" in attrs):
                    packs = {key: text for key, text in study.user_attrs.items() if key.startswith(MATERIALS)}
                    return SameTrial(f"trial {trial.number} of study {name}", float(trial.value or 0.0), attrs, packs)
        return None

    def repeat(self, same: SameTrial) -> None:
        """Keep what a trial that was the very same found."""
        for key, text in same.materials.items():
            if key not in self._study.user_attrs:
                self._study.set_user_attr(key, text)
        for key in KEPT:
            if key in same.attributes:
                self._trial.set_user_attr(key, same.attributes[key])
        self._trial.set_user_attr("repeats", same.name)
        self._study.tell(self._trial, same.value)

    def complete(self, value: float, digest: str, outcome: Outcome) -> None:
        """Keep what came out."""
        self._trial.set_user_attr("fingerprint", digest)
        self._keep_materials(outcome.materials)
        for name, content in outcome.attributes().items():
            self._trial.set_user_attr(name, content)
        self._trial.set_user_attr("materials", pack_materials(outcome.materials)[0])
        self._trial.set_user_attr("predicted", pack_classes(outcome.predicted))
        if outcome.test_materials is not None and outcome.test_predicted is not None:
            self._keep_materials(outcome.test_materials)
            self._trial.set_user_attr("test_materials", pack_materials(outcome.test_materials)[0])
            self._trial.set_user_attr("test_predicted", pack_classes(outcome.test_predicted))
        self._study.tell(self._trial, value)

    def prune(self) -> None:
        """Give the trial up."""
        self._study.tell(self._trial, state=TrialState.PRUNED)

    def fail(self, reason: str, *, again: bool = False) -> None:
        """Record why it failed.

        Args:
            reason: In words.
            again: The next worker tries it once more.
        """
        self._trial.set_user_attr("reason", reason)
        self._trial.set_user_attr("again", again)
        self._study.tell(self._trial, state=TrialState.FAIL)

    def _keep_materials(self, materials: Materials) -> None:
        digest, text = pack_materials(materials)
        if MATERIALS + digest not in self._study.user_attrs:
            self._study.set_user_attr(MATERIALS + digest, text)


def read_record(storage: optuna.storages.BaseStorage, name: str) -> StudyRecord:
    """Read a study, finished or not.

    Raises:
        UsageError: The storage has none of that name.
    """
    if name not in stored_studies(storage):
        msg = f"study {name} has not been run: `xrdsym study run {name}` runs it."
        raise UsageError(msg)
    study = optuna.load_study(study_name=name, storage=storage)
    return record_of(name, study.user_attrs, study.get_trials(deepcopy=False))


def _point(attrs: Mapping[str, Any]) -> Point:
    return Point(attrs["settings"], attrs["seed"])
