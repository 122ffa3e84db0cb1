"""The variance between seeds: which arms share one, which have their own, and what of it belongs to the materials."""

from __future__ import annotations

import numpy as np
import pytest

from made_trials import answers, made_materials, trial, trial_of
from xrdsym.studies.results import TrialResult
from xrdsym.studies.seed_variance import outlying_arms, seed_variances, training_kind

MATERIALS = made_materials(1000)
ALIKE = ((0.5, 0.52, 0.51), (0.6, 0.61, 0.63), (0.4, 0.42, 0.43), (0.7, 0.71, 0.69))
WILD = (0.1, 0.25, 0.4)


def arm(*accuracies: float) -> list[TrialResult]:
    return [trial_of(MATERIALS, one, draw=seed, seed=seed) for seed, one in enumerate(accuracies)]


def steady(*arms: list[TrialResult]) -> list:
    return seed_variances(arms, ["steady"] * len(arms))


def test_steady_arms_share_the_variance_of_those_with_several_seeds() -> None:
    first, second, single = arm(0.5, 0.52, 0.54), arm(0.6, 0.64), arm(0.55)
    found = steady(first, second, single)
    assert found[0] is found[1] is found[2]
    assert found[0].degrees == 3
    assert found[0].between[0] == pytest.approx((2 * 0.02**2 + 0.0008) / 3, rel=1e-6)
    assert steady(single, single) == [None, None]


def test_an_arm_that_varies_more_than_the_others_keeps_its_own_variance() -> None:
    alike = [arm(*accuracies) for accuracies in ALIKE]
    wild = arm(*WILD)
    assert outlying_arms(alike) == set()
    assert outlying_arms([*alike, wild, alike[0][:1]]) == {4}
    found, without = steady(*alike, wild, arm(0.5)), steady(*alike)
    assert found[0].degrees == without[0].degrees == 8
    np.testing.assert_array_equal(found[0].between, without[0].between)
    assert found[5] is found[0]
    assert found[4].degrees == 2
    assert found[4].between[0] == pytest.approx(0.0225)


def test_with_two_arms_either_may_be_the_usual_one() -> None:
    still = [trial_of(MATERIALS, 0.5, draw=0, seed=seed) for seed in range(3)]
    assert outlying_arms([still, arm(*WILD)]) == {1}
    assert outlying_arms([still, still]) == set()


def test_lagging_arms_keep_their_own_variances_and_single_ones_take_all_of_them() -> None:
    arms = [arm(*ALIKE[0]), arm(*WILD), arm(0.1, 0.4), arm(0.3), arm(0.5)]
    found = seed_variances(arms, ["steady", "lagging", "lagging", "lagging", "steady"])
    assert [one.degrees for one in found] == [2, 2, 1, 3, 2]
    assert found[1].between[0] == pytest.approx(0.0225)
    assert found[2].between[0] == pytest.approx(0.045)
    assert found[3].between[0] == pytest.approx((2 * 0.0225 + 0.045) / 3)
    assert found[4] is found[0]


def test_without_a_second_seed_of_the_kind_there_is_no_variance() -> None:
    arms = [arm(*ALIKE[0]), arm(0.3)]
    assert seed_variances(arms, ["steady", "lagging"])[1] is None
    elsewhere = [(arm(*WILD), "lagging"), (arm(*ALIKE[1]), "steady")]
    found = seed_variances(arms, ["steady", "lagging"], elsewhere)
    assert found[1] is not None
    assert found[1].between[0] == pytest.approx(0.0225)
    assert found[0] is not None
    assert found[0].between[0] == pytest.approx(0.0001)


def test_trainings_that_differ_on_single_materials_alone_have_no_variance_of_their_own() -> None:
    rng = np.random.default_rng(3)
    materials = made_materials(4000)
    runs = [trial(materials, answers(materials.labels, rng.random(4000) < 0.5, rng), seed=seed) for seed in range(40)]
    (found,) = steady(runs)
    assert found.noise[0] == pytest.approx(0.25 / 4000, rel=0.05)
    assert found.between[0] == pytest.approx(found.noise[0], rel=0.5)


@pytest.mark.parametrize(
    ("content", "settings", "kind"),
    [
        ({"batchnorm": "update", "batchnorm_momentum": 0.999}, {}, "lagging"),
        ({"batchnorm": "update", "batchnorm_momentum": 0.9}, {}, "steady"),
        ({"batchnorm": "update", "batchnorm_momentum": 0.99}, {}, "steady"),
        ({"batchnorm": "reestimate", "batchnorm_momentum": 0.999}, {}, "steady"),
        ({"batchnorm": "reestimate", "batchnorm_momentum": 0.999}, {"train.batchnorm": "update"}, "lagging"),
        ({"batchnorm": "update", "batchnorm_momentum": 0.999}, {"train.batchnorm_momentum": 0.9}, "steady"),
        ({}, {}, "steady"),
    ],
)
def test_statistics_lag_where_they_are_updated_slowly(content: dict, settings: dict, kind: str) -> None:
    assert training_kind({"train": content}, settings) == kind
