from __future__ import annotations

import pytest

from xrdsym.common.formatting import (
    flat,
    format_value,
    in_words,
    interval,
    percent,
    percent_interval,
    percent_with_interval,
    setting,
    with_interval,
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "null"),
        (True, "true"),
        (87989, "87,989"),
        (0.123456, "0.1235"),
        (12345.6, "12,346"),
        (1e-05, "1e-05"),
        (["a", 1], "a, 1"),
        (list(range(20)), "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, … (20)"),
    ],
)
def test_values_are_written_for_people(value: object, expected: str) -> None:
    assert format_value(value) == expected


def test_names_are_written_in_words() -> None:
    assert in_words("space_group") == "space group"
    assert in_words("structures.train") == "structures, train"


def test_shares_and_intervals_are_rounded_alike() -> None:
    assert percent(0.95449) == "95.4 %"
    assert percent(0.00449, 2) == "0.45 %"
    assert interval(0.9514, 0.9586) == "0.951 to 0.959"
    assert interval(-1.25, 2, "+.1f") == "-1.2 to +2.0"
    assert with_interval(0.955, 0.9514, 0.9586) == "0.955 (0.951 to 0.959)"
    assert percent_interval(0.9514, 0.9586) == "95.1 to 95.9"
    assert percent_with_interval(0.955, 0.9514, 0.9586) == "95.5 % (95.1 to 95.9)"


@pytest.mark.parametrize(
    ("value", "expected"),
    [(2.0, "a.b=2.0"), ("log", "a.b=log"), (None, "a.b=null"), (False, "a.b=false"), (["x"], 'a.b=["x"]')],
)
def test_a_setting_is_what_the_command_line_reads(value: object, expected: str) -> None:
    assert setting("a.b", value) == expected


def test_nested_values_are_shown_by_dotted_names() -> None:
    assert flat({"a": 1, "b": {"c": {"d": 2}, "e": []}}) == {"a": 1, "b.c.d": 2, "b.e": []}
