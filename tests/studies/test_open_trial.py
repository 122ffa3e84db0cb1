"""A trial that reports its epochs."""

from __future__ import annotations

import time
from typing import Any

import pytest

from xrdsym.studies.definition import Point
from xrdsym.studies.open_trial import OpenTrial, PrunedError


class Trial:
    """Optuna's trial, of which only the reports count."""

    number = 7

    def __init__(self, prune: bool) -> None:
        self.user_attrs: dict[str, Any] = {}
        self.reports: list[tuple[float, int]] = []
        self._prune = prune

    def set_user_attr(self, key: str, value: object) -> None:
        self.user_attrs[key] = value

    def report(self, value: float, step: int) -> None:
        self.reports.append((value, step))

    def should_prune(self) -> bool:
        return self._prune


class Storage:
    """A storage that keeps how trials ended."""

    def __init__(self) -> None:
        self.ended: list[tuple[str, float | None]] = []

    def end(self, trial: object, state: str, value: float | None = None) -> None:
        del trial
        self.ended.append((state, value))


def test_a_report_shows_that_the_trial_is_alive() -> None:
    trial = Trial(prune=False)
    OpenTrial(Storage(), trial, Point({}, 0)).report(3, 0.25)  # type: ignore[arg-type]
    assert trial.reports == [(0.25, 3)]
    assert time.time() - trial.user_attrs["beat"] < 60


def test_the_pruner_ends_a_trial() -> None:
    trial = Trial(prune=True)
    opened = OpenTrial(Storage(), trial, Point({}, 0))  # type: ignore[arg-type]
    with pytest.raises(PrunedError):
        opened.report(1, 0.1)
    assert trial.reports == [(0.1, 1)]


def test_a_trial_ends_as_failed_or_pruned() -> None:
    storage, trial = Storage(), Trial(prune=False)
    opened = OpenTrial(storage, trial, Point({}, 0))  # type: ignore[arg-type]
    opened.fail("no memory", again=True)
    opened.prune()
    assert storage.ended == [("FAIL", None), ("PRUNED", None)]
    assert trial.user_attrs == {"reason": "no memory", "again": True}
