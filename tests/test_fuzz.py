"""Damaged inputs of every reader: those that once failed, and a few new ones."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from fuzz import REGRESSIONS, TARGETS, attempt, changed, fuzz
from fuzz_target import Broken, Target

from xrdsym.common.errors import MaterialError, XrdsymError

KEPT = sorted(path for path in REGRESSIONS.rglob("*") if path.is_file())


@pytest.mark.parametrize("path", KEPT, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_what_once_failed_is_read_or_refused(path: Path) -> None:
    result = attempt(TARGETS[path.parent.name], path)
    assert not result.startswith("!"), result


@pytest.mark.parametrize("name", TARGETS)
def test_damaged_inputs_are_read_or_refused(name: str) -> None:
    results = fuzz(name, 100, seed=2, keep=None)
    assert results.total() == 100
    assert not [result for result in results if result.startswith("!")]


@pytest.mark.parametrize("name", TARGETS)
def test_the_inputs_themselves_are_read_or_refused_for_what_they_are(name: str, tmp_path: Path) -> None:
    target = TARGETS[name]
    results = []
    for index, content in enumerate(target.seeds()):
        path = tmp_path / f"{index}{target.suffix}"
        path.write_bytes(content)
        results.append(attempt(target, path))
    assert "read" in results
    assert not [result for result in results if result.startswith("!")]


def test_inputs_of_one_seed_are_the_same() -> None:
    inputs = [b"1 2\n3 4\n", b"# word\n5;6"]
    first, again = ([changed(inputs, random.Random(seed)) for seed in range(50)] for _ in range(2))  # noqa: S311
    assert first == again
    assert len(set(first)) > 25


def test_failures_are_counted_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(path: Path) -> None:
        content = path.read_bytes()
        if b"5" in content:
            raise KeyError(5)
        if b"4" in content:
            raise MaterialError("four", "a four")
        if b"3" in content:
            msg = "two\nlines"
            raise XrdsymError(msg)
        if b"2" in content:
            msg = "two"
            raise Broken(msg)

    monkeypatch.setitem(TARGETS, "made", Target(lambda: [b"5", b"4", b"3", b"2", b"1"], ".x", fails))
    results = fuzz("made", 200, seed=0, keep=tmp_path)
    failed = sorted(result.split(":")[0].split(" at ")[0] for result in results if result.startswith("!"))
    assert failed == ["!Broken", "!KeyError", "!an error of several lines"]
    assert {"four", "read"} < set(results)
    assert len(list((tmp_path / "made").glob("*.x"))) == 3
