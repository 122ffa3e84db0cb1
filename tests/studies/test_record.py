"""What is read of the trials of a study, and why a study cannot go on."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import optuna
import pytest

from made_trials import MATERIALS, Answers
from params_of import write_params
from xrdsym.studies.definition import load_study
from xrdsym.studies.record import BEGUN, changes_message, fixed_parameters, outcome_attributes, point_key, record_of
from xrdsym.studies.record import MATERIALS as PREFIX
from xrdsym.studies.results import Materials, pack_materials
from xrdsym.studies.storage import open_storage, stored_studies

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
        "baseline": {"train": {"epochs": 5, "alpha": 1.0}, "effects": {"noise": [0.01, 0.1]}},
        "data": {"labels": "1", "peaks": "3"},
    }
    lines = changes_message("mine", before, now).splitlines()
    changes = ["  effects.noise: None → [0.01, 0.1]", "  train.epochs: 9 → 5", "  data/peaks: another table"]
    assert lines[1:4] == changes
    assert "--storage" in lines[-1]


@pytest.fixture(scope="module")
def begun(project_root: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """With which baseline and data each study of the shipped journal was begun, by version 0.1.0."""
    journal = shutil.copy(project_root / "studies" / "paper.journal", tmp_path_factory.mktemp("journal"))
    storage = open_storage(journal)
    return {
        name: optuna.load_study(study_name=name, storage=storage).user_attrs[BEGUN] for name in stored_studies(storage)
    }


def test_studies_that_an_earlier_version_began_go_on(begun: dict[str, Any], project_root: Path, tmp_path: Path) -> None:
    params = write_params(tmp_path, "paper-local")
    assert len(begun) == 20
    for name, before in begun.items():
        study = load_study(project_root, name, {"train.weights": "imagenet"}, params)
        assert changes_message(name, before, {"baseline": fixed_parameters(study), "data": before["data"]}) == ""
        narrow = load_study(project_root, name, {"train.weights": "imagenet", "profile.sigma": 3.0}, params)
        other = {"baseline": fixed_parameters(narrow), "data": before["data"] | {"split": "0"}}
        text = changes_message(name, before, other)
        assert "  profile.sigma: 5.0 → 3.0\n  data/split: another table\n" in text


def test_old_names_and_missing_parameters_of_a_baseline_change_nothing() -> None:
    before = {"baseline": {"effects": {"judged": True}, "profile": {"step": 0.5}}, "data": {}}
    now = {"baseline": {"effects": {"in_evaluation": True}, "profile": {"points": 181, "step": None}}, "data": {}}
    assert changes_message("mine", before, now) == ""
