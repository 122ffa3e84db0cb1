"""What is read of the trials of a study."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from made_trials import MATERIALS, Answers
from xrdsym.common.errors import XrdsymError
from xrdsym.studies.record import BEGUN, outcome_attributes, point_key, record_of
from xrdsym.studies.record import MATERIALS as PREFIX
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
    point = {"settings": settings, "seed": seed}
    return point | outcome_attributes("print", outcome)  # type: ignore[arg-type]


def test_what_a_trial_stores_is_read_back() -> None:
    outcome = Answers(np.array([0, 1, 6]), 0.5, test_materials=TEST_PART, test_predicted=np.array([5, 5]))
    packs = {PREFIX + digest: text for digest, text in map(pack_materials, (MATERIALS, TEST_PART))}
    trials = [
        Stored(0, "COMPLETE", attributes(outcome, {"profile.sigma": 2.0})),
        Stored(1, "COMPLETE", attributes(outcome, {"profile.sigma": 2.0})),
        Stored(2, "COMPLETE", attributes(Answers(np.array([0, 1, 2]), 1.0), {})),
        Stored(3, "FAIL", {"settings": {"profile.sigma": 3.0}, "seed": 4, "reason": "no memory"}),
        Stored(4, "FAIL", {"settings": {}, "seed": 5, "reason": "interrupted", "again": True}),
    ]
    record = record_of("mine", packs | {"guess": "why?", BEGUN: {}, "structures": 30}, trials)
    assert (record.name, record.guess) == ("mine", "why?")
    assert [result.number for result in record.results] == [0, 2]
    assert record.results[0].predicted.tolist() == [0, 1, 6]
    assert record.results[0].materials.ids == MATERIALS.ids
    assert [(one.materials.ids, one.predicted.tolist()) for one in record.test_results] == [(TEST_PART.ids, [5, 5])]
    assert record.failed == [("σ=3", 4, "no memory")]
    assert record.structures == 30
    assert record.counts == {"complete": 3, "fail": 2}


def test_a_point_is_its_settings_in_any_order_and_its_seed() -> None:
    first = {"settings": {"a": 1, "b": 2}, "seed": 0}
    assert point_key(first) == point_key({"settings": {"b": 2, "a": 1}, "seed": 0})
    assert point_key(first) != point_key({**first, "seed": 1})
    assert point_key(first) != point_key({**first, "settings": {"a": 1}})


def test_a_name_that_an_earlier_version_stored_is_not_shown() -> None:
    settings = {"profile.sigma": 2.0, "images.colormap": "gray"}
    outcome = Answers(np.array([0, 1, 6]), 0.5)
    digest, text = pack_materials(MATERIALS)
    stored = attributes(outcome, settings) | {"arm": "profile.sigma=2.0, images.colormap=gray"}
    record = record_of("mine", {PREFIX + digest: text, BEGUN: {}}, [Stored(0, "COMPLETE", stored)])
    assert [result.arm for result in record.results] == ["σ=2, colormap=gray"]


def test_a_study_of_another_program_is_named_as_such() -> None:
    with pytest.raises(XrdsymError, match="study theirs of this storage was not made by `xrdsym study run`"):
        record_of("theirs", {}, [Stored(0, "COMPLETE", {})])
    assert record_of("empty", {}, []).results == []
