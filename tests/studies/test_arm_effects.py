from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from made_trials import made_materials, trial_of
from params_of import preset_content
from xrdsym.studies.arm_effects import ArmEffect, applied_settings, arm_effects, best_arm, effect_text
from xrdsym.studies.effect_sizes import Estimate, compare
from xrdsym.studies.record import StudyRecord
from xrdsym.studies.results import TrialResult
from xrdsym.studies.seed_variance import seed_variances

MATERIALS = made_materials(1000)
SIGMA, GRAY = {"profile.sigma": 2.0}, {"images.colormap": "gray"}


def recorded(*results: TrialResult, metric: str = "val_accuracy", target: str = "crystal_system") -> StudyRecord:
    baseline = preset_content("screening", target__name=target)
    return StudyRecord("mine", "why?", "screening", "each", metric, baseline, list(results), [], [], Counter())


def runs(accuracy: float, settings: dict[str, Any], seeds: int = 3) -> list[TrialResult]:
    """Trainings that differ a little with the seed."""
    return [
        trial_of(MATERIALS, accuracy + 0.004 * (seed - 1), settings, seed=seed, draw=100 * len(settings) + seed)
        for seed in range(seeds)
    ]


def by_name(record: StudyRecord) -> dict[str, ArmEffect]:
    return {arm.name: arm for arm in arm_effects(record)}


def test_intervals_are_those_of_the_effect_sizes() -> None:
    one, other = runs(0.5, {}), runs(0.6, SIGMA)
    arm = by_name(recorded(*one, *other))["σ=2"]
    mine, other_variance = seed_variances([one, other], ["steady", "steady"])
    expected = compare(other, one, other_variance, mine).accuracy
    assert arm.effect is not None
    assert (arm.effect.value, arm.effect.low, arm.effect.high) == (expected.value, expected.low, expected.high)
    assert arm.difference == expected.value


def test_verdicts_follow_the_interval() -> None:
    worse, same = {"profile.sigma": 9.0}, {"profile.sigma": 5.5}
    found = by_name(recorded(*runs(0.5, {}), *runs(0.6, SIGMA), *runs(0.4, worse), *runs(0.5, same)))
    assert found["σ=2"].verdict == "helps"
    assert found["σ=9"].verdict == "hurts"
    effect = found["σ=5.5"].effect
    assert effect is not None
    bound = max(-effect.low, effect.high)
    assert found["σ=5.5"].verdict == f"none seen larger than {100 * bound:.1f} points"


def test_one_seed_claims_less() -> None:
    found = by_name(recorded(*runs(0.5, {}, 1), *runs(0.6, SIGMA, 1), *runs(0.4, GRAY, 1), *runs(0.5, SIGMA | GRAY, 1)))
    verdicts = [found[name].verdict for name in ("σ=2", "colormap=gray", "σ=2, colormap=gray")]
    assert verdicts == ["higher, one seed", "lower, one seed", "inconclusive, one seed"]


def test_the_best_arm_is_better_beyond_its_interval() -> None:
    arms = arm_effects(recorded(*runs(0.5, {}), *runs(0.6, SIGMA), *runs(0.65, GRAY)))
    best = best_arm(arms)
    assert best is not None
    assert best.name == "colormap=gray"
    assert best_arm(arm_effects(recorded(*runs(0.5, {}), *runs(0.505, SIGMA)))) is None
    assert best_arm(arm_effects(recorded(*runs(0.5, SIGMA)))) is None
    assert best_arm([]) is None


def test_what_is_applied_are_all_varied_parameters() -> None:
    record = recorded(*runs(0.5, {}), *runs(0.6, SIGMA), *runs(0.4, GRAY))
    best = by_name(record)["σ=2"]
    assert applied_settings(record, best) == {"profile.sigma": 2.0, "images.colormap": "viridis"}


@pytest.mark.parametrize("metric", ["val_accuracy", "val_macro_f1"])
def test_another_target_has_intervals_of_its_accuracy_alone(metric: str) -> None:
    def space_groups(trial: TrialResult) -> TrialResult:
        """The same with class indices that no crystal system has."""
        materials = replace(trial.materials, labels=trial.materials.labels + 50)
        metrics = {"val_accuracy": trial.metrics["val_accuracy"], "val_macro_f1": 0.5}
        return replace(trial, materials=materials, predicted=trial.predicted + 50, metrics=metrics)

    one, other = runs(0.5, {}), runs(0.6, SIGMA)
    seven = by_name(recorded(*one, *other))["σ=2"].effect
    moved = map(space_groups, (*one, *other))
    many = by_name(recorded(*moved, metric=metric, target="space_group"))["σ=2"].effect
    if metric == "val_macro_f1":
        assert many is None
    else:
        assert seven is not None
        assert many is not None
        assert (many.value, many.low, many.high) == pytest.approx((seven.value, seven.low, seven.high))


def test_an_effect_in_words() -> None:
    assert effect_text(Estimate(0.0123, 0.01, np.inf)) == "+1.2 points (−0.7 to 3.2)"
