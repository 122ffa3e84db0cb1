"""Counts of skipped materials, and the messages of each reason."""

from __future__ import annotations

from enum import StrEnum

import pytest

from xrdsym.common.skips import MESSAGES_PRINTED, SkipCounts


class Reason(StrEnum):
    EMPTY = "empty"


def test_reasons_are_counted_in_alphabetical_order(capsys: pytest.CaptureFixture[str]) -> None:
    skipped = SkipCounts()
    assert skipped.text() == "nothing was skipped"
    skipped.add("b", "unreadable", "b: not\n  a  CIF")
    skipped.add("a", Reason.EMPTY, "no atoms")
    skipped.add("c", "empty", "c: no atoms")
    assert skipped.summary() == {"empty": 2, "unreadable": 1}
    assert list(skipped.summary()) == ["empty", "unreadable"]
    assert skipped.text() == "2 empty, 1 unreadable"
    skipped.report()
    assert capsys.readouterr().err.splitlines() == [
        "skipped (empty): a: no atoms",
        "skipped (empty): c: no atoms",
        "skipped (unreadable): b: not a CIF",
    ]


def test_names_are_printed_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    skipped = SkipCounts()
    skipped.add("", "empty", "no atoms")
    skipped.add("a\nb\x1b", "empty", "a\nb\x1b: no\natoms")
    skipped.report()
    assert capsys.readouterr().err.splitlines() == [
        "skipped (empty): no atoms",
        r"skipped (empty): a\nb\x1b: no atoms",
    ]


def test_the_first_lines_are_printed_and_the_others_counted(capsys: pytest.CaptureFixture[str]) -> None:
    skipped = SkipCounts()
    for number in range(MESSAGES_PRINTED + 7):
        skipped.add(str(number), "empty", "no atoms")
    skipped.report()
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == MESSAGES_PRINTED + 1
    assert lines[-1] == "skipped (empty): … and 7 more"
