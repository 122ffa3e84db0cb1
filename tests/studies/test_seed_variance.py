"""The pooled variance between seeds, and the arms that are left out of it."""

from __future__ import annotations

import numpy as np
import pytest

from made_trials import made_materials, trial_of
from xrdsym.studies.cluster_bootstrap import MEASURES
from xrdsym.studies.results import TrialResult
from xrdsym.studies.seed_variance import SeedVariance, larger_variance, outlying_arms, pooled_seed_variance


def scattered(variance: float, degrees: int = 100) -> SeedVariance:
    return SeedVariance(np.full(MEASURES, variance), degrees)


def test_the_scatter_is_pooled_over_arms_with_several_seeds() -> None:
    materials = made_materials(1000)
    first = [trial_of(materials, accuracy, draw=seed, seed=seed) for seed, accuracy in enumerate((0.5, 0.52, 0.54))]
    second = [trial_of(materials, accuracy, draw=seed, seed=seed) for seed, accuracy in enumerate((0.6, 0.7))]
    found = pooled_seed_variance([first, second, first[:1]])
    assert found is not None
    assert found.degrees == 3
    assert found.variance[0] == pytest.approx((2 * 0.02**2 + 0.005) / 3, rel=1e-6)
    assert pooled_seed_variance([first[:1], second[:1]]) is None


def test_an_arm_that_scatters_more_than_the_others_is_not_pooled() -> None:
    materials = made_materials(1000)

    def arm(*accuracies: float) -> list[TrialResult]:
        return [trial_of(materials, one, draw=seed, seed=seed) for seed, one in enumerate(accuracies)]

    alike = [arm(0.5, 0.52, 0.51), arm(0.6, 0.61, 0.63), arm(0.4, 0.42, 0.43), arm(0.7, 0.71, 0.69)]
    wild = arm(0.1, 0.25, 0.4)
    assert outlying_arms(alike) == set()
    assert outlying_arms([*alike, wild, alike[0][:1]]) == {4}
    found, without = pooled_seed_variance([*alike, wild]), pooled_seed_variance(alike)
    assert found is not None
    assert without is not None
    assert found.degrees == without.degrees == 8
    np.testing.assert_array_equal(found.variance, without.variance)


def test_with_two_arms_either_may_be_the_usual_one() -> None:
    materials = made_materials(1000)
    still = [trial_of(materials, 0.5, draw=0, seed=seed) for seed in range(3)]
    wild = [trial_of(materials, one, draw=seed, seed=seed) for seed, one in enumerate((0.1, 0.25, 0.4))]
    assert outlying_arms([still, wild]) == {1}
    assert outlying_arms([still, still]) == set()


def test_the_larger_scatter_counts() -> None:
    small, large = scattered(0.01, 9), scattered(0.04, 2)
    found = larger_variance(small, large)
    assert found is not None
    assert found.degrees == 2
    assert (found.variance == 0.04).all()
    assert larger_variance(None, small) is small
    assert larger_variance(small, None) is small
