"""What is read of the trials of a study, and why a study cannot go on."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np

from made_trials import MATERIALS, Answers
from xrdsym.studies.record import MATERIALS as PREFIX
from xrdsym.studies.record import changes_message, outcome_attributes, point_key, record_of
from xrdsym.studies.results import Materials, pack_materials

TEST_PART = Materials(("mp-8", "mp-9"), np.array([5, 6]), ("KCl", "CaO"))


@dataclass
class Stored:
    """A trial as Optuna freezes it."""

    number: int
    name: str
    user_attrs: dict[str, Any]
    state: Any = field(init=False)

    def __post_init__(self) -> None:
        self.state = SimpleNamespace(name=self.name)


def attributes(outcome: Answers, settings: dict[str, Any], seed: int = 0) -> dict[str, Any]:
    point = {"settings": settings, "seed": seed, "arm": str(settings)}
    return point | outcome_attributes("print", outcome)  # type: ignore[arg-type]


def test_what_a_trial_stores_is_read_back() -> None:
    outcome = Answers(np.array([0, 1, 6]), 0.5, test_materials=TEST_PART, test_predicted=np.array([5, 5]))
    packs = {PREFIX + digest: text for digest, text in map(pack_materials, (MATERIALS, TEST_PART))}
    trials = [
        Stored(0, "COMPLETE", attributes(outcome, {"profile.sigma": 2.0})),
        Stored(1, "COMPLETE", attributes(outcome, {"profile.sigma": 2.0})),
        Stored(2, "COMPLETE", attributes(Answers(np.array([0, 1, 2]), 1.0), {})),
        Stored(3, "FAIL", {"arm": "x", "seed": 4, "reason": "no memory"}),
        Stored(4, "FAIL", {"arm": "x", "seed": 5, "reason": "interrupted", "again": True}),
    ]
    record = record_of("mine", packs | {"guess": "why?"}, trials)
    assert (record.name, record.guess) == ("mine", "why?")
    assert [result.number for result in record.results] == [0, 2]
    assert record.results[0].predicted.tolist() == [0, 1, 6]
    assert record.results[0].materials.ids == MATERIALS.ids
    assert [(one.materials.ids, one.predicted.tolist()) for one in record.test_results] == [(TEST_PART.ids, [5, 5])]
    assert record.failed == [("x", 4, "no memory")]
    assert record.counts == {"complete": 3, "fail": 2}


def test_a_point_is_its_settings_in_any_order_and_its_seed() -> None:
    first = {"settings": {"a": 1, "b": 2}, "seed": 0}
    assert point_key(first) == point_key({"settings": {"b": 2, "a": 1}, "seed": 0})
    assert point_key(first) != point_key({**first, "seed": 1})
    assert point_key(first) != point_key({**first, "settings": {"a": 1}})


def test_changes_are_named_one_by_one() -> None:
    before = {"baseline": {"train": {"epochs": 9, "alpha": 1.0}}, "data": {"labels": "1", "peaks": "2"}}
    now = {
        "baseline": {"train": {"epochs": 5, "alpha": 1.0}, "effects": {"noise": 1}},
        "data": {"labels": "1", "peaks": "3"},
    }
    lines = changes_message("mine", before, now).splitlines()
    assert lines[1:4] == ["  train.epochs: 9 → 5", "  effects.noise: None → 1", "  data/peaks: another table"]
    assert "--storage" in lines[-1]
