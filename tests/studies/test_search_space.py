"""What Optuna sees of a study's parameters."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from xrdsym.common.errors import UsageError
from xrdsym.studies.definition import COMPARISON, Point, Span
from xrdsym.studies.search_space import point_attributes, point_of, point_values, suggest_point

CONTENT = {
    "profile": {"sigma": 5.0, "scale": "linear"},
    "images": {"side": 224},
    "train": {"seed": 0, "epochs": 10, "learning_rate": 0.001},
}


class Trial:
    """Keeps the ranges and answers with the highest value."""

    def __init__(self, attributes: dict[str, Any] | None = None) -> None:
        self.user_attrs = attributes or {}
        self.ranges: dict[str, tuple[Any, ...]] = {}

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False) -> int:
        self.ranges[name] = ("int", low, high, log)
        return high

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float:
        self.ranges[name] = ("float", low, high, log)
        return high

    def suggest_categorical(self, name: str, choices: list[Any]) -> Any:  # noqa: ANN401 - any value
        self.ranges[name] = ("categorical", *choices)
        return choices[-1]


def study(design: str, points: list[Point], space: dict[str, Any] | None = None) -> Any:  # noqa: ANN401 - a stand-in
    return SimpleNamespace(name="mine", design=design, points=points, space=space or {}, content=CONTENT)


def test_a_point_is_read_back_from_its_attributes() -> None:
    point = Point({"profile.sigma": 2.0}, 3)
    attributes = point_attributes(point)
    assert attributes == {"settings": {"profile.sigma": 2.0}, "seed": 3, "name": "σ=2 · seed 3"}
    assert point_of(attributes) == point


def test_a_point_has_a_value_of_every_varied_parameter() -> None:
    points = [Point({}, 0), Point({"profile.sigma": 2.0}, 1), Point({"images.side": 96}, 0)]
    definition = study("grid", points)
    assert point_values(definition, points[1]) == {"profile.sigma": 2.0, "images.side": 224, "train.seed": 1}
    assert point_values(study(COMPARISON, points), points[1]) == {"train.seed": 1}


def test_a_point_of_a_grid_lies_in_ranges_that_hold_all_points() -> None:
    points = [Point({}, 0), Point({"profile.sigma": 2.0}, 4), Point({"profile.scale": "log"}, 2)]
    trial = Trial(point_attributes(points[1]))
    assert suggest_point(trial, study("grid", points)) == points[1]  # type: ignore[arg-type]
    assert trial.ranges["profile.sigma"] == ("float", 2.0, 5.0, False)
    assert trial.ranges["profile.scale"] == ("categorical", "linear", "log")
    assert trial.ranges["train.seed"] == ("int", 0, 4, False)


def test_a_search_chooses_and_names_only_what_differs() -> None:
    space = {
        "train.learning_rate": Span(0.0001, 0.0005, log=True),
        "train.epochs": Span(5, 20, log=False),
        "profile.scale": ["linear", "log"],
        "images.side": [224],
    }
    trial = Trial()
    found = suggest_point(trial, study("search", [Point({}, 7)], space))  # type: ignore[arg-type]
    # the range is widened to the baseline, which the sampler here chooses
    assert trial.ranges["train.learning_rate"] == ("float", 0.0001, 0.001, True)
    assert trial.ranges["train.epochs"] == ("int", 5, 20, False)
    assert found == Point({"train.epochs": 20, "profile.scale": "log"}, 7)


def test_new_values_that_optuna_refuses_are_a_usage_error() -> None:
    class Refusing(Trial):
        def suggest_categorical(self, name: str, choices: list[Any]) -> Any:  # noqa: ANN401 - any value
            msg = f"{name} does not support dynamic value space: {choices}"
            raise ValueError(msg)

    point = Point({"profile.scale": "log"}, 0)
    with pytest.raises(UsageError, match=r"studies/mine\.yaml has other values of profile\.scale"):
        suggest_point(Refusing(point_attributes(point)), study("grid", [point]))  # type: ignore[arg-type]
