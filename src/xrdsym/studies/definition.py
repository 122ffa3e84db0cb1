"""A study as a file: what it varies, from which baseline, with which seeds and within which time.

`studies/<name>.yaml` names parameters by their names in `params.yaml`, so that any of them can be probed:

    guess: the classes are unequally large      # what it is about, in a line
    start: screening                            # the preset that the baseline has; null: params.yaml as it stands
    set: {train.epochs: 2}                      # changes that all trials share, the baseline too
    design: each                                # each, grid, steps, search or comparison
    vary: {train.class_weight: [balanced]}      # parameter: its values
    arms: [{train.loss: focal, train.oversample: true}]
    seeds: [0]
    budget_minutes: 60
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from xrdsym.common.checking import check_mapping, checked_dataclass
from xrdsym.common.errors import UsageError
from xrdsym.common.suggestions import nearest
from xrdsym.config.params_file import content_with, params_from, read_content, typed_params, value_of
from xrdsym.config.presets import preset_content, preset_path
from xrdsym.config.renamed import with_new_dotted_names
from xrdsym.config.schema import Params, Seed, content_of
from xrdsym.studies.results import arm_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Design = Literal["each", "grid", "steps", "search", "comparison"]
COMPARISON = "comparison"
"""The design whose trials are rows of a page: every one of `arms` with every combination of `vary`, and no baseline."""
FOLDER = "studies"
SECTIONS = ("labels", "split", "profile", "images", "effects", "target", "train")
"""What a study may vary; the structures and their peaks are those of the tables that are there."""
OWN_SECTIONS = ("profile", "images", "effects", "target", "train")
"""The sections that a study takes from the preset it starts from."""
FIXED = {"train.seed": "name seeds in `seeds`", "train.input": "take it out, trials always render from the peaks"}


@checked_dataclass
class StudyFile:
    """A study file; see the head of this module."""

    guess: str
    budget_minutes: float = Field(ge=0.1, le=1e6)
    start: str | None = None
    set: dict[str, Any] = Field(default_factory=dict)
    design: Design = "each"
    vary: dict[str, Any] = Field(default_factory=dict)
    arms: list[Any] = Field(default_factory=list)
    seeds: tuple[Seed, ...] = Field(default=(0,), min_length=1)
    metric: Literal["val_accuracy", "val_macro_f1"] = "val_accuracy"
    trials: int | None = Field(default=None, ge=1, le=1_000_000)
    test: bool = False


@dataclass(frozen=True)
class Span:
    """The values between two numbers, for a search."""

    low: float
    high: float
    log: bool


@dataclass(frozen=True)
class Point:
    """One trial to be run: what it changes against the baseline, and its seed."""

    settings: Mapping[str, Any]
    seed: int


@dataclass(frozen=True)
class Study:
    """A study that has been checked against the parameters there are.

    Attributes:
        name: The name of its file.
        guess: What it is about.
        start: The preset that the baseline has, or `params.yaml`.
        set: Changes that all trials share.
        design: How its trials are chosen.
        space: For a search: parameter to its values or span.
        points: The trials that are known beforehand, the baseline first; for a search the baseline alone, and for a
            comparison its rows alone.
        metric: What is compared, a metric of the validation part; higher is better.
        trials: For a search: how many.
        test: Trials are judged on the test part, too.
        budget_minutes: What it may take at most.
        content: The baseline as `params.yaml` would hold it.
    """

    name: str
    guess: str
    start: str
    set: Mapping[str, Any]
    design: Design
    space: Mapping[str, list[Any] | Span]
    points: tuple[Point, ...]
    metric: str
    trials: int
    test: bool
    budget_minutes: float
    content: Mapping[str, Any]

    def params(self, point: Point) -> Params:
        """The parameters of a trial.

        Raises:
            UsageError: The values contradict each other.
        """
        changes = {**point.settings, "train.seed": point.seed}
        return params_from(content_with(self.content, changes), f"study {self.name}, {arm_name(point.settings)}")


def study_names(root: Path) -> list[str]:
    """The names of the studies of a project, sorted."""
    return sorted(path.stem for path in (root / FOLDER).glob("*.yaml"))


def load_study(root: Path, name: str, changes: Mapping[str, Any] | None = None, params: Path | None = None) -> Study:
    """Read a study file and check all that it would run, before anything runs.

    Args:
        root: The project's folder, with `params.yaml`.
        name: The study, `studies/<name>.yaml`.
        changes: Values for all trials, the baseline too, over those of the file's `set`.
        params: The parameters of the tables where they are others than the project's own.

    Raises:
        UsageError: There is no such study, or something in it is wrong; all that is wrong is told at once.
        XrdsymError: There is no `params.yaml`.
    """
    path = root / FOLDER / f"{name}.yaml"
    if not path.is_file():
        msg = f"no study called {name}: {nearest(name, study_names(root))}"
        raise UsageError(msg)
    file, problems = check_mapping(StudyFile, read_content(path))
    if file is None:
        raise _wrong(name, problems)
    file = _renamed(file, changes or {})
    baseline = read_content(params or root / "params.yaml")
    params_from(baseline)
    if file.start is not None:
        start = preset_content(preset_path(root, file.start))
        baseline = {**baseline, **{section: start[section] for section in OWN_SECTIONS if section in start}}
    # every key is there, so that a study can vary what params.yaml and the preset leave out
    content = content_of(typed_params(baseline, f"the baseline of study {name}"))
    problems = _unknown_names(file, content)
    if problems:
        raise _wrong(name, problems)
    content = content_with(content, {**file.set, "train.input": "peaks"})
    return _checked(name, file, content)


def _renamed(file: StudyFile, changes: Mapping[str, Any]) -> StudyFile:
    """The file with the names of today, and with changes over those of its `set`."""
    arms = [with_new_dotted_names(arm) if isinstance(arm, dict) else arm for arm in file.arms]
    shared = with_new_dotted_names({**file.set, **changes})
    return replace(file, set=shared, vary=with_new_dotted_names(file.vary), arms=arms)


def _with_step_or_points(file: StudyFile, params: Params) -> dict[str, Any]:
    """The baseline with the one of `profile.step` and `profile.points` that the trials vary."""
    content, profile = content_of(params), params.profile
    names = {*file.vary, *(name for arm in file.arms for name in arm)}
    if "profile.points" in names and profile.points is None:
        return content_with(content, {"profile.points": profile.grid.points})
    if "profile.step" in names and profile.step is None:
        return content_with(content, {"profile.step": profile.resolved_step})
    return content


def _checked(name: str, file: StudyFile, baseline: Mapping[str, Any]) -> Study:
    problems = []
    try:
        baseline = _with_step_or_points(file, params_from(baseline, f"the baseline of study {name}"))
    except UsageError as error:
        raise _wrong(name, str(error).splitlines()[1:]) from error
    space: dict[str, list[Any] | Span] = {}
    if file.design == "search":
        problems += _search_problems(file)
        points = [Point({}, seed) for seed in file.seeds]
        if not problems:
            space = {key: _span(value) if isinstance(value, dict) else value for key, value in file.vary.items()}
    else:
        problems += [
            f"vary.{key}: expected a list with at least one value, received {value!r}"
            for key, value in file.vary.items()
            if not isinstance(value, list) or not value
        ]
        points = [] if problems else list(_points(file, baseline))
        if not problems and len(points) <= len(file.seeds):
            problems.append("vary, arms: nothing differs from the baseline; give a parameter another value")
    if problems:
        raise _wrong(name, problems)
    study = Study(
        name=name,
        guess=file.guess,
        start=file.start or "params.yaml",
        set=file.set,
        design=file.design,
        space=space,
        points=tuple(points),
        metric=file.metric,
        trials=file.trials or len(points),
        test=file.test,
        budget_minutes=file.budget_minutes,
        content=baseline,
    )
    alone = [
        Point({key: value}, study.points[0].seed)
        for key, values in space.items()
        for value in ([values.low, values.high] if isinstance(values, Span) else values)
    ]
    for point in (*study.points, *alone):
        try:
            study.params(point)
        except UsageError as error:
            problems += [line.strip() for line in str(error).splitlines()[1:]]
    if problems:
        raise _wrong(name, list(dict.fromkeys(problems)))
    return study


def _points(file: StudyFile, baseline: Mapping[str, Any]) -> Iterator[Point]:
    """Every arm with every seed, the baseline first, nothing twice and nothing that is the baseline again.

    A comparison has no baseline, and so may have its values among its rows.
    """
    arms: list[dict[str, Any]] = [{}]
    if file.design == "grid":
        arms += [dict(zip(file.vary, values, strict=True)) for values in itertools.product(*file.vary.values())]
    else:
        arms += [{key: value} for key, values in file.vary.items() for value in values]
    if file.design == "steps":
        arms += [
            dict(pair for arm in file.arms[: count + 1] for pair in arm.items()) for count in range(len(file.arms))
        ]
    else:
        arms += file.arms
    if file.design == COMPARISON:
        columns = [dict(zip(file.vary, values, strict=True)) for values in itertools.product(*file.vary.values())]
        arms = [{**column, **arm} for column in columns for arm in file.arms]
    seen: list[dict[str, Any]] = []
    for arm in arms:
        # what the arms of a comparison are is told, whatever `params.yaml` has today
        always = {key for one in file.arms for key in one} if file.design == COMPARISON else set()
        changes = {key: value for key, value in arm.items() if key in always or value_of(baseline, key) != value}
        if changes not in seen:
            seen.append(changes)
            yield from (Point(changes, seed) for seed in file.seeds)


def _unknown_names(file: StudyFile, baseline: Mapping[str, Any]) -> list[str]:
    """Parameters that do not exist, or that a study does not vary."""
    problems = []
    arms = [arm for arm in file.arms if isinstance(arm, dict)]
    problems += [f"arms: expected a mapping of parameters, received {arm!r}" for arm in file.arms if arm not in arms]
    known = [f"{section}.{key}" for section in SECTIONS for key in baseline[section]]
    for where, names in (("set", file.set), ("vary", file.vary), *(("arms", arm) for arm in arms)):
        for key in map(str, names):
            if key in FIXED:
                problems.append(f"{where}.{key}: {FIXED[key]}")
            elif key.partition(".")[0] in set(baseline) - set(SECTIONS):
                problems.append(
                    f"{where}.{key}: a study does not make structures or peaks again; set it in params.yaml and run "
                    f"`dvc repro`. It varies {', '.join(SECTIONS)}"
                )
            elif key.startswith("target.") and where != "set" and file.design != COMPARISON:
                problems.append(f"{where}.{key}: answers of two targets do not compare; put it into `set`")
            elif key not in known:
                problems.append(f"{where}.{key}: unknown parameter; {nearest(key, known)}")
    return problems + _design_problems(file)


def _design_problems(file: StudyFile) -> list[str]:
    """What the design lacks, or has no use for."""
    problems = []
    if {"profile.step", "profile.points"} <= set(file.vary):
        problems.append("vary.profile.points: profile.step is varied, too, and gives the points; vary one of the two")
    if not file.vary and not file.arms:
        problems.append("vary: nothing is varied; give a parameter and its values")
    if file.design == "steps" and file.vary:
        problems.append("vary: the design `steps` takes its changes in their order, from `arms`")
    if file.design == COMPARISON and not file.arms:
        problems.append("arms: a comparison needs what it compares, such as {train.model: boosted_trees}")
    if file.design == "grid" and file.arms:
        problems.append("arms: the design `grid` takes all combinations of `vary`")
    return problems


def _search_problems(file: StudyFile) -> list[str]:
    problems = []
    for key, value in file.vary.items():
        if isinstance(value, dict):
            if not {"low", "high"} <= set(value) <= {"low", "high", "log"} or not _numbers(value["low"], value["high"]):
                problems.append(f"vary.{key}: expected low, high and perhaps log, received {value!r}")
            elif value["low"] >= value["high"]:
                problems.append(f"vary.{key}: low {value['low']} is not below high {value['high']}")
        elif not isinstance(value, list) or not value:
            problems.append(f"vary.{key}: expected a list of values or low and high, received {value!r}")
    if file.trials is None:
        problems.append("trials: a search needs a number of trials")
    if file.arms:
        problems.append("arms: a search chooses its trials by itself")
    return problems


def _numbers(*values: object) -> bool:
    return all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)


def _span(value: Mapping[str, Any]) -> Span:
    return Span(value["low"], value["high"], bool(value.get("log", False)))


def _wrong(name: str, problems: list[str]) -> UsageError:
    lines = "\n".join(f"  {problem.strip()}" for problem in problems)
    count = f"{len(problems)} problem{'s' if len(problems) != 1 else ''}"
    return UsageError(f"{FOLDER}/{name}.yaml has {count}:\n{lines}")
