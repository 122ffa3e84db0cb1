"""The varied parameters of a study as Optuna sees them: their names, values and ranges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from xrdsym.common.errors import UsageError
from xrdsym.config.params_file import value_of
from xrdsym.studies.definition import COMPARISON, Point, Span
from xrdsym.studies.results import trial_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xrdsym.studies.definition import Study


class OptunaTrial(Protocol):
    """The part of Optuna's `Trial` in use."""

    number: int
    user_attrs: dict[str, Any]

    def set_user_attr(self, key: str, value: Any) -> None:  # noqa: ANN401 - any JSON value
        """Store an attribute."""

    def report(self, value: float, step: int) -> None:
        """Report a metric."""

    def should_prune(self) -> bool:
        """Whether the pruner stops the trial."""

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False) -> int:
        """Choose an integer from a range."""

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float:
        """Choose a number from a range."""

    def suggest_categorical(self, name: str, choices: list[Any]) -> Any:  # noqa: ANN401 - any YAML value
        """Choose one of several values."""


def point_attributes(point: Point) -> dict[str, Any]:
    """The attributes of a trial that identify its point, and its name as Optuna's tools show it."""
    return {"settings": dict(point.settings), "seed": point.seed, "name": trial_name(point.settings, point.seed)}


def point_of(attributes: Mapping[str, Any]) -> Point:
    """The point of a trial with these attributes."""
    return Point(attributes["settings"], attributes["seed"])


def point_values(definition: Study, point: Point) -> dict[str, Any]:
    """The value of every varied parameter at a point, that of the baseline if the point does not change it."""
    content = definition.content
    values = {name: point.settings.get(name, value_of(content, name)) for name in _varied_names(definition)}
    return values | {"train.seed": point.seed}


def suggest_point(trial: OptunaTrial, definition: Study) -> Point:
    """Register the value of every varied parameter with Optuna; a search lets its sampler choose the values.

    Args:
        trial: The trial; outside of a search its attributes identify its point.
        definition: The study.

    Raises:
        UsageError: The study has other values of a parameter than when it was begun, and Optuna cannot add them.
    """
    if definition.design != "search":
        point = point_of(trial.user_attrs)
        for name, value in point_values(definition, point).items():
            others = [point_values(definition, one)[name] for one in definition.points]
            _suggest(trial, definition, name, [value, *others])
        return point
    values = {name: _suggest(trial, definition, name, space) for name, space in definition.space.items()}
    settings = {name: value for name, value in values.items() if value != value_of(definition.content, name)}
    return Point(settings, definition.points[0].seed)


def _varied_names(definition: Study) -> list[str]:
    """The names of all varied parameters in a fixed order; none for a comparison.

    A comparison can get further rows later, but Optuna accepts no new values of a categorical parameter.
    """
    if definition.design == COMPARISON:
        return []
    names = [*definition.space, *(name for point in definition.points for name in point.settings)]
    return list(dict.fromkeys(names))


def _suggest(trial: OptunaTrial, definition: Study, name: str, space: list[Any] | Span) -> Any:  # noqa: ANN401 - any YAML value
    baseline = trial.user_attrs.get("seed", 0) if name == "train.seed" else value_of(definition.content, name)
    if isinstance(space, Span):
        low, high = min(space.low, baseline), max(space.high, baseline)
        if all(isinstance(value, int) for value in (low, high, baseline)):
            return trial.suggest_int(name, int(low), int(high), log=space.log)
        return trial.suggest_float(name, low, high, log=space.log)
    kinds = {type(value) for value in [*space, baseline]}
    if definition.design != "search" and kinds == {int}:
        return trial.suggest_int(name, min(*space, baseline), max(*space, baseline))
    if definition.design != "search" and kinds <= {int, float}:
        return trial.suggest_float(name, min(*space, baseline), max(*space, baseline))
    choices = list(dict.fromkeys([*space, baseline]))
    try:
        return trial.suggest_categorical(name, sorted(choices, key=lambda value: (str(type(value)), str(value))))
    except ValueError as error:
        msg = (
            f"studies/{definition.name}.yaml has other values of {name} than the study was begun with, and Optuna "
            "cannot add them. Copy the file under another name, or give another --storage."
        )
        raise UsageError(msg) from error
