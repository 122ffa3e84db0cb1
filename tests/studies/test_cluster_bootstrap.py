"""Scores of trials and their bootstrap samples."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score, recall_score

from made_trials import made_materials, trial_of
from xrdsym.crystal.symmetry import CRYSTAL_SYSTEMS
from xrdsym.evaluation.metrics import evaluate
from xrdsym.studies.cluster_bootstrap import LEVEL, SAMPLES, common_ids, measures_of, present, sampled_measures
from xrdsym.studies.results import Materials


def first_of(materials: Materials, count: int) -> Materials:
    return Materials(materials.ids[:count], materials.labels[:count], materials.compositions[:count])


def test_the_scores_are_those_of_scikit_learn() -> None:
    run = trial_of(made_materials(900), 0.6)
    actual, predicted = run.materials.labels, run.predicted
    expected = [accuracy_score(actual, predicted), f1_score(actual, predicted, average="macro")]
    expected += recall_score(actual, predicted, average=None).tolist()
    assert measures_of(run) == pytest.approx(expected)


def test_the_first_sample_is_the_data_and_the_others_scatter_about_it() -> None:
    run = trial_of(made_materials(2000), 0.6)
    samples, compositions = sampled_measures([run], run.materials.ids, 0)
    assert samples.shape == (1, 1 + SAMPLES, 9)
    assert compositions == run.materials.compositions
    assert samples[0, 0] == pytest.approx(measures_of(run))
    accuracy = samples[0, 1:, 0]
    assert accuracy.mean() == pytest.approx(samples[0, 0, 0], abs=0.002)
    assert accuracy.std() == pytest.approx(np.sqrt(0.6 * 0.4 / 2000), rel=0.06)


def test_runs_are_drawn_alike() -> None:
    materials = made_materials(500)
    run = trial_of(materials, 0.6)
    samples, _ = sampled_measures([run, replace(run, seed=1)], materials.ids, 0)
    np.testing.assert_array_equal(samples[0], samples[1])


def test_common_materials_stand_in_the_order_of_the_first() -> None:
    materials = made_materials(100)
    order = np.arange(100)[::-1]
    turned = Materials(
        tuple(materials.ids[row] for row in order),
        materials.labels[order],
        tuple(materials.compositions[row] for row in order),
    )
    runs = [trial_of(turned, 0.5), trial_of(first_of(materials, 60), 0.5)]
    assert common_ids(runs) == tuple(materials.ids[row] for row in range(59, -1, -1))
    assert common_ids(runs[1:]) == materials.ids[:60]


def test_a_system_is_present_where_all_runs_have_it() -> None:
    labels = np.array([0, 1, 1, 2])
    materials = Materials(tuple("abcd"), labels, tuple("abcd"))
    runs = [trial_of(materials, 0.5), trial_of(first_of(materials, 3), 0.5)]
    assert present(runs).tolist() == [True, True, False, False, False, False, False]


@pytest.mark.parametrize("seed", [0, 5])
def test_an_evaluation_and_a_study_draw_the_same_compositions(seed: int) -> None:
    materials = made_materials(700, cluster=3)
    run = trial_of(materials, 0.6, draw=1)
    scores = evaluate(
        materials.labels,
        np.eye(len(CRYSTAL_SYSTEMS))[run.predicted],
        materials.compositions,
        classes=CRYSTAL_SYSTEMS,
        bootstrap=SAMPLES,
        seed=seed,
    )
    samples, compositions = sampled_measures([run], common_ids([run]), seed)
    assert compositions == materials.compositions
    for column, name in enumerate(("accuracy", "macro_f1")):
        assert samples[0, 0, column] == scores[name]
        ends = np.quantile(samples[0, 1:, column], [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
        assert ends.tolist() == scores["intervals"][name]
