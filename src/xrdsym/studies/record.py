"""What the storage of a study holds, read: its arms and trials, and with which baseline and data it was begun."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from xrdsym.config.params_file import typed_params
from xrdsym.config.schema import content_of
from xrdsym.studies.results import TrialResult, unpack_classes, unpack_materials

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from xrdsym.studies.definition import Study
    from xrdsym.studies.results import Materials

BEGUN = "begun"
"""Study attribute: with which baseline and data it was begun, which must not change under it."""
MATERIALS = "materials "
"""Study attributes that begin so hold packed materials, by their digest."""


DEFAULT_TARGET = {"name": "crystal_system", "fewest": 1, "rare": "drop"}


class StoredTrial(Protocol):
    """What is read of a trial; Optuna's frozen trials have it."""

    number: int
    state: Any
    user_attrs: dict[str, Any]


@dataclass(frozen=True)
class StudyRecord:
    """What a storage holds of a study.

    Attributes:
        name: The study.
        guess: What it is about.
        start: The preset of its baseline.
        design: How its trials were chosen.
        metric: What was compared.
        baseline: Parameters of the baseline: section to key to value.
        results: The finished trials, no point with the same seed twice.
        test_results: The same trials judged on the test part, where they were.
        failed: Arm, seed and reason of trials that failed.
        counts: State to number of trials.
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


@dataclass(frozen=True)
class SameTrial:
    """A finished trial with the parameters, the data and the code of one that is to be run.

    Attributes:
        name: Its number and study, in words.
        value: Its metric.
        attributes: What it keeps.
        materials: The packed materials of its study.
    """

    name: str
    value: float
    attributes: Mapping[str, Any]
    materials: Mapping[str, str]

    @property
    def metrics(self) -> Mapping[str, float]:
        """What its MLflow run has."""
        found: Mapping[str, float] = self.attributes["metrics"]
        return found


def record_of(name: str, attrs: Mapping[str, Any], trials: Sequence[StoredTrial]) -> StudyRecord:
    """What the attributes of a study and its trials say.

    Args:
        name: The study.
        attrs: Its user attributes.
        trials: All of its trials.
    """
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
            (trial.user_attrs.get("arm", "?"), trial.user_attrs.get("seed", 0), trial.user_attrs.get("reason", "?"))
            for trial in trials
            if trial.state.name == "FAIL" and not trial.user_attrs.get("again")
        ],
        counts=Counter(trial.state.name.lower() for trial in trials),
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
        arm=attrs["arm"],
        settings=attrs["settings"],
        seed=attrs["seed"],
        materials=materials[attrs[f"{part}materials"]],
        predicted=unpack_classes(attrs[f"{part}predicted"]),
        metrics=attrs["metrics"],
        history=attrs["history"],
        seconds=attrs["seconds"],
        training_structures=attrs["training_structures"],
    )


def point_key(attrs: Mapping[str, Any]) -> tuple[str, int]:
    """What tells a point from the others of its study: its settings and its seed."""
    return str(sorted(attrs["settings"].items())), attrs["seed"]


def compared(definition: Study) -> dict[str, Any]:
    """What must not change under a study that was begun."""
    sections = ("structures", "labels", "peaks", "split", "profile", "images", "train")
    content = {section: dict(definition.content[section]) for section in sections}
    content["train"].pop("seed")
    # where none is on, a study goes on that was begun before there were any
    effects = {name: value for name, value in definition.content["effects"].items() if value}
    # likewise before there were other targets
    target = {name: value for name, value in definition.content["target"].items() if value != DEFAULT_TARGET[name]}
    return content | ({"effects": effects} if effects else {}) | ({"target": target} if target else {})


def what_changed(name: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Why a study cannot go on: its baseline or its data are others than when it was begun; "" where they are not.

    What an earlier version began goes on: parameters that it did not have yet have their defaults.

    Args:
        name: The study.
        before: The baseline and the digests of the data that it was begun with.
        now: Those of today.
    """
    begun, wanted = (_every_parameter(one["baseline"]) for one in (before, now))
    lines = [
        f"  {section}.{key}: {begun[section][key]} → {value}"
        for section, values in wanted.items()
        for key, value in values.items()
        if begun[section][key] != value
    ]
    lines += [
        f"  data/{table}: another table" for table, digest in now["data"].items() if before["data"].get(table) != digest
    ]
    if not lines:
        return ""
    return (
        f"study {name} was begun with another baseline or other data:\n" + "\n".join(lines) + "\nCopy its file under "
        "another name, or give another --storage, to begin anew."
    )


def _every_parameter(baseline: Mapping[str, Any]) -> dict[str, Any]:
    params = typed_params({**baseline}, "the baseline")
    content = content_of(params)
    content["profile"] |= {"step": params.profile.resolved_step, "points": None}
    return content
