from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from made_trials import made_materials, trial_of
from params_of import preset_content
from xrdsym.studies.definition import COMPARISON
from xrdsym.studies.record import StudyRecord
from xrdsym.studies.results import TrialResult
from xrdsym.studies.summary import summary, summary_lines

MATERIALS = made_materials(400)
WIDER: dict[str, Any] = {"profile.sigma": 2.0}


def scored(accuracy: float, settings: dict[str, Any], seed: int = 0) -> TrialResult:
    result = trial_of(MATERIALS, accuracy, settings, seed=seed)
    return replace(result, metrics={**result.metrics, "val_macro_f1": accuracy / 2}, seconds=100.0)


@pytest.fixture
def record() -> StudyRecord:
    results = [scored(0.5, {}), scored(0.75, WIDER), scored(0.25, {"profile.sigma": 9.0}), scored(0.5, {}, seed=1)]
    failed = [("σ=5", 0, "no memory")]
    baseline = preset_content("screening")
    return StudyRecord(
        "sigma", "width of a peak", "screening", "each", "val_accuracy", baseline, results, [], failed, Counter(), 12345
    )


def test_arms_are_averaged_over_seeds_and_sorted_behind_the_baseline(record: StudyRecord) -> None:
    arms = summary(record)["arms"]
    assert [arm["arm"] for arm in arms] == ["baseline", "σ=2", "σ=9"]
    assert [arm["val_accuracy"] for arm in arms] == [0.5, 0.75, 0.25]
    assert [arm["difference"] for arm in arms] == [0.0, 0.25, -0.25]
    assert (arms[0]["seeds"], arms[0]["seconds"]) == ([0, 1], 200.0)


def test_each_difference_has_its_interval_and_verdict(record: StudyRecord) -> None:
    baseline, wider, widest = summary(record)["arms"]
    assert (baseline["interval"], baseline["verdict"]) == (None, "")
    assert 0.1 < wider["interval"][0] < 0.25 < wider["interval"][1] < 0.4
    assert [wider["verdict"], widest["verdict"]] == ["helps", "hurts"]


def test_the_lines_are_one_table_with_the_context_of_its_scores(record: StudyRecord) -> None:
    lines = summary_lines(record)
    assert lines[1] == (
        "baseline screening; 12,345 structures from prototypes, split by prototype: 10,000 to train on, n = 400 "
        "validation, 7 classes"
    )
    header, *rows = lines[2:6]
    words = ["arm", "seeds", "val_accuracy", "difference", "95", "%", "interval", "verdict", "val_macro_f1", "time"]
    assert header.split() == words
    assert [len(row) for row in rows] == [len(header)] * 3
    assert rows[0].split() == ["baseline", "2", "0.5000", "0.2500", "3", "min"]
    assert rows[1].split()[:4] == ["σ=2", "1", "0.7500", "+0.2500"]
    assert "helps" in rows[1]
    assert lines[6:] == ["failed: σ=5 · seed 0: no memory"]


def test_one_seed_is_said_to_be_one(record: StudyRecord) -> None:
    lines = summary_lines(replace(record, results=record.results[:3]))
    assert "higher, one seed" in lines[4]
    assert "`seeds: [0, 1, 2]` in studies/sigma.yaml" in lines[-1]


def test_without_a_baseline_there_is_no_difference(record: StudyRecord) -> None:
    arms = summary(replace(record, results=record.results[1:3]))["arms"]
    assert [(arm["difference"], arm["interval"], arm["verdict"]) for arm in arms] == [(None, None, "")] * 2


def test_a_comparison_has_no_common_context(record: StudyRecord) -> None:
    assert summary_lines(replace(record, design=COMPARISON))[1].endswith("by the target and the split of each arm")
