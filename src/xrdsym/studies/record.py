"""The record of a study in its storage: its trials, its results, and the baseline and data it was begun with."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from xrdsym.common.errors import XrdsymError
from xrdsym.studies.results import (
    TrialResult,
    arm_name,
    pack_classes,
    pack_materials,
    settings_key,
    unpack_classes,
    unpack_looks,
    unpack_materials,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from xrdsym.studies.results import Materials
    from xrdsym.studies.trial import Outcome

BEGUN = "begun"
"""Study attribute with the baseline and the data at the study's begin (see `begun`)."""
STRUCTURES = "structures"
"""Study attribute with the number of structures in all parts."""
MATERIALS = "materials "
"""Prefix of study attributes with packed materials; their digest follows."""
REUSED_ATTRIBUTES = (
    "fingerprint",
    "metrics",
    "history",
    "looks",
    "seconds",
    "training_structures",
    "materials",
    "predicted",
    "test_materials",
    "test_predicted",
)
"""Attributes of a finished trial that an equal trial copies."""


class StoredTrial(Protocol):
    """The attributes of Optuna's `FrozenTrial` in use."""

    number: int
    state: Any
    user_attrs: dict[str, Any]


@dataclass(frozen=True)
class StudyRecord:
    """The content of a storage for one study.

    Attributes:
        name: Name of the study.
        guess: The hypothesis that the study tests.
        start: The preset of its baseline.
        design: How its trials are chosen.
        metric: The metric of the comparison.
        baseline: Parameters of the baseline: section to key to value.
        results: The finished trials, each point and seed once, evaluated on the validation part.
        test_results: The trials that were evaluated on the test part as well.
        failed: Arm, seed and reason of each failed trial.
        counts: State to number of trials.
        structures: Number of structures in all parts; None where an earlier version did not store it.
    """

    name: str
    guess: str
    start: str
    design: str
    metric: str
    baseline: Mapping[str, Mapping[str, Any]]
    results: list[TrialResult]
    test_results: list[TrialResult]
    failed: list[tuple[str, int, str]]
    counts: Mapping[str, int]
    structures: int | None = None


@dataclass(frozen=True)
class EqualTrial:
    """A finished trial with the same parameters, data and code as a new one.

    Attributes:
        name: Its number and study in words.
        value: Its metric.
        attributes: Its attributes.
        materials: The packed materials of its study.
    """

    name: str
    value: float
    attributes: Mapping[str, Any]
    materials: Mapping[str, str]

    @property
    def metrics(self) -> Mapping[str, float]:
        """The metrics of its MLflow run."""
        metrics: Mapping[str, float] = self.attributes["metrics"]
        return metrics


def outcome_attributes(digest: str, outcome: Outcome) -> dict[str, Any]:
    """The attributes that a finished trial stores.

    Args:
        digest: Digest of the parameters, the data and the code.
        outcome: The result of the training and its evaluation.
    """
    attributes = {
        "fingerprint": digest,
        **outcome.attributes(),
        "materials": pack_materials(outcome.materials)[0],
        "predicted": pack_classes(outcome.predicted),
    }
    if outcome.test_materials is not None and outcome.test_predicted is not None:
        attributes["test_materials"] = pack_materials(outcome.test_materials)[0]
        attributes["test_predicted"] = pack_classes(outcome.test_predicted)
    return attributes


def record_of(name: str, attrs: Mapping[str, Any], trials: Sequence[StoredTrial]) -> StudyRecord:
    """Read the record of a study from its attributes and trials.

    Args:
        name: Name of the study.
        attrs: User attributes of the study.
        trials: All trials of the study.

    Raises:
        XrdsymError: The trials are those of another program, or damaged.
    """
    if trials and BEGUN not in attrs:
        msg = (
            f"study {name} of this storage was not made by `xrdsym study run`, which stores the baseline and the data. "
            f"Give another --storage, or show it with optuna-dashboard."
        )
        raise XrdsymError(msg)
    try:
        return _record(name, attrs, trials)
    # what a missing, shortened or changed attribute gives
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, zlib.error) as error:
        msg = (
            f"study {name} cannot be read from its storage: {type(error).__name__} {str(error)[:100]}. It was damaged, "
            "or another version wrote it: fetch it again, or give another --storage."
        )
        raise XrdsymError(" ".join(msg.split())) from error


def _record(name: str, attrs: Mapping[str, Any], trials: Sequence[StoredTrial]) -> StudyRecord:
    packs = {key.removeprefix(MATERIALS): text for key, text in attrs.items() if key.startswith(MATERIALS)}
    materials = {digest: unpack_materials(text) for digest, text in packs.items()}
    complete = list(_once(trial for trial in trials if trial.state.name == "COMPLETE"))
    return StudyRecord(
        name=name,
        guess=attrs.get("guess", ""),
        start=attrs.get("start", ""),
        design=attrs.get("design", ""),
        metric=attrs.get("metric", ""),
        baseline=attrs.get(BEGUN, {}).get("baseline", {}),
        results=[_result(name, trial, materials, "") for trial in complete],
        test_results=[
            _result(name, trial, materials, "test_") for trial in complete if "test_predicted" in trial.user_attrs
        ],
        failed=[
            (arm_name(trial.user_attrs["settings"]), trial.user_attrs["seed"], trial.user_attrs.get("reason", "?"))
            for trial in trials
            if trial.state.name == "FAIL" and not trial.user_attrs.get("again")
        ],
        counts=Counter(trial.state.name.lower() for trial in trials),
        structures=attrs.get(STRUCTURES),
    )


def _once(trials: Iterable[StoredTrial]) -> Iterator[StoredTrial]:
    seen = []
    for trial in trials:
        if point_key(trial.user_attrs) not in seen:
            seen.append(point_key(trial.user_attrs))
            yield trial


def _result(study: str, trial: StoredTrial, materials: Mapping[str, Materials], part: str) -> TrialResult:
    attrs = trial.user_attrs
    return TrialResult(
        study=study,
        number=trial.number,
        arm=arm_name(attrs["settings"]),
        settings=attrs["settings"],
        seed=attrs["seed"],
        materials=materials[attrs[f"{part}materials"]],
        predicted=unpack_classes(attrs[f"{part}predicted"]),
        metrics=attrs["metrics"],
        history=attrs["history"],
        seconds=attrs["seconds"],
        training_structures=attrs["training_structures"],
        looks=unpack_looks(attrs["looks"]) if "looks" in attrs else [],
    )


def point_key(attrs: Mapping[str, Any]) -> tuple[str, int]:
    """The identity of a point in its study: its settings and its seed."""
    return settings_key(attrs["settings"]), attrs["seed"]
