from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from made_trials import made_materials, trial_of
from xrdsym.studies.definition import COMPARISON
from xrdsym.studies.record import StudyRecord
from xrdsym.studies.results import TrialResult
from xrdsym.studies.summary import best_arm, summary, summary_lines

MATERIALS = made_materials(400)
WIDER: dict[str, Any] = {"profile.sigma": 2.0}


def scored(accuracy: float, settings: dict[str, Any], seed: int = 0) -> TrialResult:
    result = trial_of(MATERIALS, accuracy, settings, seed=seed)
    return replace(result, metrics={"val_accuracy": accuracy, "val_macro_f1": accuracy / 2}, seconds=100.0)


@pytest.fixture
def record() -> StudyRecord:
    results = [scored(0.5, {}), scored(0.75, WIDER), scored(0.25, {"profile.sigma": 9.0}), scored(0.5, WIDER, seed=1)]
    failed = [("profile.sigma=5.0", 0, "no memory")]
    baseline = {"profile": {"sigma": 5.0}}
    return StudyRecord(
        "sigma", "width of a peak", "screening", "each", "val_accuracy", baseline, results, [], failed, Counter()
    )


def test_arms_are_averaged_over_seeds_and_sorted_behind_the_baseline(record: StudyRecord) -> None:
    arms = summary(record)["arms"]
    assert [arm["arm"] for arm in arms] == ["baseline", "profile.sigma=2.0", "profile.sigma=9.0"]
    assert [arm["val_accuracy"] for arm in arms] == [0.5, 0.625, 0.25]
    assert [arm["difference"] for arm in arms] == [0.0, 0.125, -0.25]
    assert (arms[1]["seeds"], arms[1]["seconds"]) == ([0, 1], 200.0)


def test_the_lines_are_one_table_with_the_context_of_its_scores(record: StudyRecord) -> None:
    lines = summary_lines(record)
    assert lines[1] == "baseline screening; validation part, n = 400, 10,000 training structures, 7 classes"
    header, *rows = lines[2:6]
    assert header.split() == ["arm", "seeds", "val_accuracy", "difference", "val_macro_f1", "time"]
    assert [len(row) for row in rows] == [len(header)] * 3
    assert rows[0].split() == ["baseline", "1", "0.5000", "0.2500", "2", "min"]
    assert rows[1].split() == ["profile.sigma=2.0", "2", "0.6250", "+0.1250", "0.3125", "3", "min"]
    assert lines[6] == "failed: profile.sigma=5.0, seed 0: no memory"


def test_without_a_baseline_there_is_no_difference(record: StudyRecord) -> None:
    arms = summary(replace(record, results=record.results[1:]))["arms"]
    assert [arm["difference"] for arm in arms] == [None, None]


def test_a_comparison_has_no_common_context(record: StudyRecord) -> None:
    assert summary_lines(replace(record, design=COMPARISON))[1].endswith("by the target and the split of each arm")


def test_the_best_arm_has_the_best_mean_and_the_baseline_wins_a_tie(record: StudyRecord) -> None:
    assert best_arm(record) == {"profile.sigma": 2.0}
    tied = [scored(0.5, WIDER), scored(0.5, {})]
    assert best_arm(replace(record, results=tied)) == {"profile.sigma": 5.0}
