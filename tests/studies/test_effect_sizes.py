"""Effects, intervals and corrections against what is known: analytic variances, made-up truths, published examples."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score, recall_score

from made_trials import answers, made_materials, trial, trial_of
from xrdsym.common.errors import XrdsymError
from xrdsym.crystal.symmetry import CRYSTAL_SYSTEMS
from xrdsym.studies.cluster_bootstrap import MEASURES
from xrdsym.studies.effect_sizes import Estimate, compare, holm, score
from xrdsym.studies.results import Materials
from xrdsym.studies.seed_variance import SeedVariance

NO_SCATTER = SeedVariance(np.zeros(MEASURES), np.zeros(MEASURES), 10)


def scattered(variance: float, degrees: int = 100) -> SeedVariance:
    return SeedVariance(np.full(MEASURES, variance), np.zeros(MEASURES), degrees)


def part_of(materials: Materials, rows: np.ndarray) -> Materials:
    return Materials(
        tuple(materials.ids[row] for row in rows),
        materials.labels[rows],
        tuple(materials.compositions[row] for row in rows),
    )


def test_scores_are_those_of_scikit_learn() -> None:
    materials = made_materials(900)
    runs = [trial_of(materials, 0.5, draw=seed, seed=seed) for seed in (1, 2)]
    found = score(runs, None)
    actual = materials.labels
    assert found.accuracy.value == pytest.approx(np.mean([accuracy_score(actual, run.predicted) for run in runs]))
    macro = [f1_score(actual, run.predicted, average="macro") for run in runs]
    assert found.macro_f1.value == pytest.approx(np.mean(macro))
    recalls = np.mean([recall_score(actual, run.predicted, average=None) for run in runs], axis=0)
    assert [found.recalls[name].value for name in CRYSTAL_SYSTEMS] == pytest.approx(recalls)


def test_the_variance_for_independent_materials_is_mcnemars() -> None:
    materials = made_materials(3000)
    baseline, arm = trial_of(materials, 0.5, draw=1), trial_of(materials, 0.55, {"train.alpha": 1.0}, draw=2)
    found = compare([arm], [baseline], None, None)
    difference = (arm.predicted == materials.labels).astype(int) - (baseline.predicted == materials.labels)
    gained, lost, n = (difference == 1).sum(), (difference == -1).sum(), len(difference)
    mcnemar = math.sqrt(gained + lost - (gained - lost) ** 2 / n) / n
    assert found.accuracy.value == pytest.approx((gained - lost) / n)
    assert found.accuracy.standard_error == pytest.approx(mcnemar, rel=0.06)
    assert not found.has_seed_variance
    assert found.accuracy.degrees == math.inf


def test_compositions_are_drawn_whole() -> None:
    alone, fours = made_materials(4000), made_materials(4000, cluster=4)
    rng = np.random.default_rng(3)
    right = np.repeat(rng.random(1000) < 0.5, 4)
    errors = []
    for materials in (alone, fours):
        arm = trial(materials, answers(materials.labels, right, rng), {"train.alpha": 1.0})
        errors.append(score([arm], None).accuracy.standard_error)
    assert errors[1] == pytest.approx(2 * errors[0], rel=0.08)


def test_an_arm_right_on_five_points_more_is_found() -> None:
    materials = made_materials(2000, cluster=2)
    baseline = trial_of(materials, 0.50)
    missed = np.flatnonzero(baseline.predicted != materials.labels)[:100]
    better = baseline.predicted.copy()
    better[missed] = materials.labels[missed]
    found = compare([trial(materials, better, {"train.alpha": 1.0})], [baseline], None, None)
    assert found.accuracy.value == pytest.approx(0.05)
    assert 0 < found.accuracy.low < 0.05 < found.accuracy.high
    assert found.accuracy.p < 1e-6
    assert found.paired
    assert found.paired_seeds
    assert (found.n, found.compositions, found.seeds) == (2000, 1000, 1)
    assert found.macro_f1.value > 0.02


def test_the_same_answers_have_no_effect_at_all() -> None:
    materials = made_materials(500)
    run = trial_of(materials, 0.5)
    found = compare([dataclasses.replace(run, arm="again")], [run], None, None)
    assert (found.accuracy.value, found.accuracy.p, found.accuracy.visible) == (0, 1, 0)


def test_p_values_of_nothing_are_small_no_more_often_than_they_say() -> None:
    rng = np.random.default_rng(5)
    found = []
    for _ in range(150):
        materials = made_materials(400, seed=int(rng.integers(1 << 30)), cluster=2)
        runs = [trial(materials, answers(materials.labels, rng.random(400) < 0.5, rng)) for _ in range(2)]
        found.append(compare(runs[:1], runs[1:], None, None).accuracy.p)
    assert 0.01 <= np.mean(np.asarray(found) < 0.05) <= 0.10
    assert 0.40 <= np.mean(np.asarray(found) < 0.5) <= 0.60


@given(
    value=st.floats(-0.5, 0.5),
    error=st.floats(1e-4, 0.2),
    degrees=st.one_of(st.just(math.inf), st.floats(1, 500)),
)
def test_p_and_interval_agree(value: float, error: float, degrees: float) -> None:
    found = Estimate(value, error, degrees)
    outside = found.low > 0 or found.high < 0
    if abs(found.p - 0.05) > 1e-9:
        assert outside == (found.p < 0.05)
    assert found.high - found.value == pytest.approx(found.value - found.low)


def test_equal_scores_are_no_effect_whatever_rounding_leaves_of_them() -> None:
    assert Estimate(1e-17, 0.0, 4).p == Estimate(0.0, 1e-17, 4).p == Estimate(1e-17, 1e-19, 4).p == 1.0
    assert Estimate(0.01, 0.0, 4).p == Estimate(0.01, 1e-17, 4).p == 0.0


def test_the_visible_effect_is_2_8_standard_errors() -> None:
    assert Estimate(0.0, 0.01, math.inf).visible == pytest.approx(0.028, abs=1e-4)
    assert Estimate(0.0, 0.01, 4).visible > 0.035


def test_holm_is_that_of_a_worked_example() -> None:
    """As R's `p.adjust`: 4 times the smallest, 3 times the next, 2 times the third, which the last one takes."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.5]) == pytest.approx([1.0, 1.0])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
@settings(max_examples=50)
def test_holm_keeps_the_order_and_never_lowers(p: list[float]) -> None:
    adjusted = holm(p)
    assert (adjusted >= np.asarray(p)).all()
    assert (adjusted <= 1).all()
    assert (np.diff(adjusted[np.argsort(p, kind="stable")]) >= 0).all()
    assert adjusted.min() == pytest.approx(min(1.0, len(p) * min(p)))


def test_one_seed_takes_the_scatter_of_others_twice() -> None:
    materials = made_materials(2000)
    arm, baseline = trial_of(materials, 0.5, draw=1), trial_of(materials, 0.5, draw=2)
    without = compare([arm], [baseline], None, None).accuracy
    within = compare([arm], [baseline], scattered(0.02**2), scattered(0.02**2)).accuracy
    assert within.standard_error**2 == pytest.approx(without.standard_error**2 + 2 * 0.02**2)
    assert within.degrees > 100  # the part of the materials is known well
    assert compare([arm], [baseline], scattered(0.02**2), scattered(0.02**2)).has_seed_variance


def test_more_seeds_make_the_interval_narrower() -> None:
    materials = made_materials(2000)
    arms = [trial_of(materials, 0.55, draw=seed, seed=seed) for seed in range(4)]
    baselines = [trial_of(materials, 0.5, draw=10 + seed, seed=seed) for seed in range(4)]
    known = scattered(0.02**2)
    errors = [compare(arms[:count], baselines[:count], known, known).accuracy.standard_error for count in (1, 2, 4)]
    assert errors[0] > errors[1] > errors[2]


def test_sides_of_unequal_variances_are_each_add_their_own() -> None:
    materials = made_materials(2000)
    arms = [trial_of(materials, 0.55, draw=1, seed=seed) for seed in range(2)]
    baselines = [trial_of(materials, 0.5, draw=2, seed=seed) for seed in range(3, 6)]
    plain = compare(arms, baselines, None, None).accuracy
    wild, calm = scattered(0.1**2, 2), scattered(0.01**2, 8)
    found = compare(arms, baselines, wild, calm).accuracy
    assert found.standard_error**2 == pytest.approx(plain.standard_error**2 + 0.1**2 / 2 + 0.01**2 / 3)
    assert 2.0 <= found.degrees <= 2.2
    assert compare(arms, baselines, calm, calm).accuracy.degrees > 8


def test_the_noise_of_the_materials_counts_once() -> None:
    materials = made_materials(2000)
    runs = [trial_of(materials, 0.5, draw=draw, seed=draw) for draw in (1, 2)]
    half = SeedVariance(np.full(MEASURES, 0.02**2), np.full(MEASURES, 0.01**2), 50)
    without, within = score(runs, None).accuracy, score(runs, half).accuracy
    assert within.standard_error**2 == pytest.approx(without.standard_error**2 + (0.02**2 - 0.01**2) / 2)
    more = SeedVariance(np.full(MEASURES, 0.01**2), np.full(MEASURES, 0.02**2), 50)
    assert score(runs, more).accuracy.standard_error == pytest.approx(without.standard_error)


def test_seeds_are_paired_where_both_have_them_else_all_stand_against_all() -> None:
    materials = made_materials(1000)
    baselines = [trial_of(materials, 0.5 + 0.01 * seed, draw=seed, seed=seed) for seed in range(3)]
    paired = compare([trial_of(materials, 0.6, draw=9, seed=2)], baselines, NO_SCATTER, NO_SCATTER)
    assert paired.accuracy.value == pytest.approx(0.08)
    assert paired.seeds == 1
    assert paired.paired_seeds
    every = compare([trial_of(materials, 0.6, draw=9, seed=7)], baselines, NO_SCATTER, NO_SCATTER)
    assert every.accuracy.value == pytest.approx(0.09)
    assert not every.paired_seeds
    assert every.paired


def test_other_materials_are_compared_on_those_in_common() -> None:
    materials = made_materials(1000)
    rows = np.random.default_rng(0).permutation(1000)[:400]
    baseline = trial_of(materials, 0.5)
    arm = trial(part_of(materials, rows), materials.labels[rows], {"train.chemistry": "oxides"})
    found = compare([arm], [baseline], None, None)
    assert found.paired
    assert found.n == 400
    right = (baseline.predicted == materials.labels)[rows].mean()
    assert found.accuracy.value == pytest.approx(1 - right)


def test_too_few_materials_in_common_are_compared_unpaired() -> None:
    materials = made_materials(1000)
    half, rest = np.arange(550), np.arange(500, 1000)
    baseline = trial(part_of(materials, half), materials.labels[half])
    other = part_of(materials, rest)
    arm = trial(other, answers(other.labels, np.arange(500) % 2 == 0, np.random.default_rng(0)))
    found = compare([arm], [baseline], None, None)
    assert not found.paired
    assert found.n == 500
    assert found.accuracy.value == pytest.approx(-0.5)
    assert found.accuracy.standard_error == pytest.approx(math.sqrt(0.25 / 500), rel=0.06)


def test_each_side_is_evaluated_by_its_own_labels() -> None:
    materials = made_materials(600)
    relabelled = dataclasses.replace(materials, labels=(materials.labels + (np.arange(600) < 60)) % 7)
    baseline = trial(materials, materials.labels)
    found = compare([trial(relabelled, materials.labels, {"labels.symprec": 0.1})], [baseline], None, None)
    assert found.accuracy.value == pytest.approx(-0.1)


def test_a_system_that_is_missing_has_no_recall() -> None:
    materials = made_materials(600)
    rows = np.flatnonzero(materials.labels != 5)
    found = score([trial_of(part_of(materials, rows), 0.5)], None)
    assert "triclinic" not in found.recalls
    assert len(found.recalls) == 6


def test_an_empty_side_says_what_to_do() -> None:
    with pytest.raises(XrdsymError, match="Run the remaining trials of the study"):
        compare([], [trial_of(made_materials(200), 0.5)], None, None)
