"""A study that has been checked: its baseline, its trials, and the parameters of each."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from xrdsym.common.checking import check_mapping
from xrdsym.common.errors import UsageError
from xrdsym.common.suggestions import nearest
from xrdsym.config.params_file import content_with, params_from, read_content, typed_params, value_of
from xrdsym.config.presets import preset_content, preset_path
from xrdsym.config.schema import Params, content_of
from xrdsym.studies.results import arm_name
from xrdsym.studies.study_file import COMPARISON, Design, StudyFile, search_problems, unknown_names, with_changes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["COMPARISON", "FOLDER", "Design", "Point", "Span", "Study", "load_study", "study_names"]

FOLDER = "studies"
PARAMS = "params.yaml"
"""The start of a study whose file names no preset."""
OWN_SECTIONS = ("profile", "images", "effects", "target", "train")
"""The sections that a study takes from the preset it starts from."""


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
        test: Trials are scored on the test part, too.
        looks: Steps between two looks at a network within an epoch; None looks after each epoch alone.
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
    looks: int | None
    budget_minutes: float
    content: Mapping[str, Any]

    @property
    def varied(self) -> tuple[str, ...]:
        """Dotted names of the parameters that differ between trials, the seed last."""
        settings = (*self.space, *itertools.chain.from_iterable(point.settings for point in self.points))
        seeds = {point.seed for point in self.points}
        return tuple(dict.fromkeys((*settings, *(["train.seed"] if len(seeds) > 1 else []))))

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
        UsageError: There is no such study, or it has wrong keys or values; all of them are named at once.
        XrdsymError: There is no `params.yaml`.
    """
    path = root / FOLDER / f"{name}.yaml"
    if not path.is_file():
        msg = f"no study called {name}: {nearest(name, study_names(root))}"
        raise UsageError(msg)
    file, problems = check_mapping(StudyFile, read_content(path))
    if file is None:
        raise _wrong(name, problems)
    file = with_changes(file, changes or {})
    baseline = read_content(params or root / PARAMS)
    params_from(baseline)
    if file.start is not None:
        start = preset_content(preset_path(root, file.start))
        baseline = {**baseline, **{section: start[section] for section in OWN_SECTIONS if section in start}}
    # every key is there, so that a study can vary what params.yaml and the preset leave out
    content = content_of(typed_params(baseline, f"the baseline of study {name}"))
    problems = unknown_names(file, content)
    if problems:
        raise _wrong(name, problems)
    content = content_with(content, {**file.set, "train.input": "peaks"})
    return _checked(name, file, content)


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
        problems += search_problems(file)
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
            problems.append(
                "vary, arms: nothing differs from the baseline; give a parameter another value, or the baseline "
                "its own under `set`, if params.yaml has got that value since (`--apply-best` does that)"
            )
    if problems:
        raise _wrong(name, problems)
    study = Study(
        name=name,
        guess=file.guess,
        start=file.start or PARAMS,
        set=file.set,
        design=file.design,
        space=space,
        points=tuple(points),
        metric=file.metric,
        trials=file.trials or len(points),
        test=file.test,
        looks=file.looks,
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
        # the rows of a comparison name all that its file names, whatever `params.yaml` has today
        always = {key for one in file.arms for key in one} if file.design == COMPARISON else set()
        changes = {key: value for key, value in arm.items() if key in always or value_of(baseline, key) != value}
        if changes not in seen:
            seen.append(changes)
            yield from (Point(changes, seed) for seed in file.seeds)


def _span(value: Mapping[str, Any]) -> Span:
    return Span(value["low"], value["high"], bool(value.get("log", False)))


def _wrong(name: str, problems: list[str]) -> UsageError:
    lines = "\n".join(f"  {problem.strip()}" for problem in problems)
    count = f"{len(problems)} problem{'s' if len(problems) != 1 else ''}"
    return UsageError(f"{FOLDER}/{name}.yaml has {count}:\n{lines}")
