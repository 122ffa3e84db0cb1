from __future__ import annotations

import dataclasses
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field, ValidationError

from xrdsym.common.checking import check_mapping, checked_dataclass


@checked_dataclass
class Inner:
    width: float = Field(default=1.0, ge=0.0, le=5.0)
    name: Literal["left", "right"] = "left"


@dataclasses.dataclass(frozen=True)
class Plain:
    depth: float = 1.0


@checked_dataclass
class Outer:
    inner: Inner | None
    count: int | None = Field(default=3, ge=1, le=100)
    pair: tuple[Annotated[float, Field(ge=0.0, le=2.0)], Annotated[float, Field(ge=0.0, le=2.0)]] | None = None
    kinds: tuple[Literal["x", "y"], ...] = Field(default=("x",), min_length=1)
    counts: dict[str, Annotated[int, Field(ge=0, le=9)]] = Field(default_factory=dict)
    radiation: str | Annotated[float, Field(gt=0.0, le=100.0)] = "CuKa"
    on: bool = False
    left: list[Any] = Field(default_factory=list)
    plain: Plain | None = None


def problems(content: object) -> list[str]:
    found, lines = check_mapping(Outer, content)
    assert found is None
    return lines


def test_what_is_left_out_has_its_default() -> None:
    assert check_mapping(Outer, {"inner": {"width": 2}}) == (Outer(Inner(2.0)), [])
    assert check_mapping(Outer, {"inner": None}) == (Outer(None), [])
    assert problems({}) == ["inner: missing"]


def test_lists_become_tuples_and_whole_numbers_numbers() -> None:
    found, _ = check_mapping(Outer, {"inner": None, "pair": [1, 2], "kinds": ["y", "x"], "counts": {"a": 1}})
    assert found == Outer(None, pair=(1.0, 2.0), kinds=("y", "x"), counts={"a": 1})
    assert isinstance(found.pair[0], float)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ({"inner": {"widht": 1}}, "inner.widht: unknown key; did you mean width?"),
        ({"inner": 3}, "inner: expected a mapping or null, received 3"),
        ({"inner": {"width": "wide"}}, "inner.width: expected a number, received 'wide'"),
        ({"inner": {"width": 6}}, "inner.width: expected 0 to 5, received 6"),
        ({"inner": {"width": float("nan")}}, "inner.width: expected a number, received nan"),
        ({"inner": {"width": True}}, "inner.width: expected a number, received True"),
        (
            {"inner": {"name": "rigth"}},
            "inner.name: expected one of left, right (did you mean right?), received 'rigth'",
        ),
        ({"count": 1.0}, "count: expected a whole number or null, received 1.0"),
        ({"count": True}, "count: expected a whole number or null, received True"),
        ({"count": 10**40}, f"count: expected 1 to 100 or null, received {10**40}"),
        ({"pair": 5}, "pair: expected a list of 2 or null, received 5"),
        ({"pair": [1]}, "pair: expected a list of 2 or null, received [1]"),
        ({"pair": [1, 2, 3]}, "pair: expected a list of 2 or null, received [1, 2, 3]"),
        ({"pair": [1, 3]}, "pair: expected 0 to 2 or null, received [1, 3]"),
        ({"pair": [1, "x"]}, "pair: expected a number or null, received [1, 'x']"),
        ({"kinds": []}, "kinds: expected a list with at least one entry, received []"),
        ({"kinds": ["x", "z"]}, "kinds: expected one of x, y, received ['x', 'z']"),
        ({"kinds": "x"}, "kinds: expected a list with at least one entry, received 'x'"),
        ({"counts": {"a": -1}}, "counts.a: expected 0 to 9, received -1"),
        ({"counts": [1]}, "counts: expected a mapping, received [1]"),
        ({"radiation": []}, "radiation: expected a text or a number, received []"),
        ({"radiation": -1}, "radiation: expected a text or more than 0 to 100, received -1"),
        ({"on": 1}, "on: expected true or false, received 1"),
        ({"on": None}, "on: expected true or false, received null"),
        ({"left": 1}, "left: expected a list, received 1"),
        ({"plain": {"dept": 1}}, "plain.dept: unknown key; did you mean depth?"),
        ({"plain": {"depth": "deep"}}, "plain.depth: expected a number, received 'deep'"),
        ({7: 1}, "7: unknown key; known are inner, count, pair, kinds, counts, radiation, on, left, plain"),
    ],
)
def test_what_is_wrong_is_named_with_what_was_expected(content: dict[Any, Any], line: str) -> None:
    assert problems({"inner": None} | content) == [line]


def test_all_that_is_wrong_is_named_at_once() -> None:
    assert len(problems({"inner": {"width": "x", "colour": 1}, "count": 0, "on": "yes"})) == 4


@pytest.mark.parametrize("content", [None, [], "text", 3])
def test_what_is_no_mapping_is_refused(content: object) -> None:
    assert problems(content)[0].startswith("the file: expected a mapping, received ")


def test_what_has_no_plain_values_is_refused() -> None:
    circle: dict[str, Any] = {}
    circle["inner"] = circle
    assert "expected plain values" in problems(circle)[0]
    assert "expected plain values" in problems({(1, 2): 3})[0]


def test_values_are_checked_in_python_too() -> None:
    with pytest.raises(ValidationError):
        Inner(7.0)
    with pytest.raises(ValidationError):
        dataclasses.replace(Inner(), width="wide")
    with pytest.raises(dataclasses.FrozenInstanceError):
        Inner().width = 2.0  # type: ignore[misc]
    assert dataclasses.asdict(Outer(Inner(2))) == {
        **{field.name: getattr(Outer(None), field.name) for field in dataclasses.fields(Outer)},
        "inner": {"width": 2.0, "name": "left"},
    }


def test_a_message_repeats_the_beginning_of_a_long_value() -> None:
    (line,) = problems({"inner": None, "on": "x" * 10_000})
    assert line.startswith("on: expected true or false, received 'xxx")
    assert line.endswith("x… (10002 characters)")
    assert len(line) < 300


def test_numbers_of_any_length_and_texts_of_any_kind_are_refused_in_words() -> None:
    assert problems({"inner": None, "count": int("9" * 40)}) == [
        f"count: expected 1 to 100 or null, received {'9' * 40}"
    ]
    (line,) = problems({"inner": None, "count": int("9" * 4000)})
    assert line.startswith("count: expected 1 to 100 or null, received 999")
    assert problems({"inner": {"name": "\ud800"}}) == ["the file: expected texts that UTF-8 can hold"]


def test_names_that_are_numbers_are_unknown_names() -> None:
    assert problems({"inner": None, 5: {"a": 1}})[0].startswith("5: unknown key; known are inner")
    assert problems({"inner": None, "counts": {5: "x"}}) == ["counts.5: expected a whole number, received 'x'"]
