"""Do 95 % intervals hold the truth in 95 of 100 studies? Studies are made up, so that the truth is known."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import pytest

from made_trials import answers, made_materials, trial
from xrdsym.studies import cluster_bootstrap
from xrdsym.studies.effect_sizes import Estimate, compare, score
from xrdsym.studies.results import TrialResult
from xrdsym.studies.seed_variance import Kind, seed_variances

pytestmark = pytest.mark.slow
COMPOSITIONS, EACH = 200, 3
N = COMPOSITIONS * EACH
CLUSTER, RESIDUE, BENEFIT = 0.8, 1.0, 0.4
"""Standard deviations of how easy a material is: by composition, by itself in each training, by what an arm gains."""
REPEATS = 800
Arm = tuple[float, int, float, Kind]
"""Gain, number of seeds, standard deviation between seeds, kind; the first arm of a study is its baseline."""
STEADY: list[Arm] = [(0.0, 3, 0.05, "steady"), (0.3, 3, 0.05, "steady"), (0.1, 1, 0.05, "steady")]
OTHERS: list[Arm] = [(0.2, 3, 0.05, "steady")] * 3
LAGGING: list[Arm] = [(0.0, 3, 0.25, "lagging"), (0.3, 3, 0.25, "lagging"), (0.1, 1, 0.25, "lagging")]
MIXED: list[Arm] = [(0.0, 3, 0.25, "lagging"), (0.3, 3, 0.05, "steady"), (0.6, 3, 0.05, "steady")]


@pytest.fixture(autouse=True)
def fewer_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Enough for a variance, whose own error is then 4 %."""
    monkeypatch.setattr(cluster_bootstrap, "SAMPLES", 300)


def expected_accuracy(gain: float, scatter: float) -> float:
    """The accuracy of an arm over all materials and trainings: P(ease > 0), a normal sum."""
    spread = math.sqrt(CLUSTER**2 + RESIDUE**2 + scatter**2 + (BENEFIT**2 if gain else 0.0))
    return 0.5 * math.erfc(-gain / spread / math.sqrt(2))


def study(rng: np.random.Generator, arms: list[Arm]) -> list[list[TrialResult]]:
    """The trials of a study of new materials and new trainings."""
    of_material = np.repeat(np.arange(COMPOSITIONS), EACH)
    materials = made_materials(N, seed=int(rng.integers(1 << 30)), cluster=EACH)
    ease = rng.normal(0, CLUSTER, COMPOSITIONS)[of_material]
    trials = []
    for gain, seeds, scatter, _ in arms:
        gained = gain + rng.normal(0, BENEFIT, COMPOSITIONS)[of_material] if gain else np.zeros(N)
        trials.append(
            [
                trial(
                    materials,
                    answers(
                        materials.labels,
                        ease + gained + rng.normal(0, RESIDUE, N) + rng.normal(0, scatter) > 0,
                        rng,
                    ),
                    seed=seed,
                )
                for seed in range(seeds)
            ]
        )
    return trials


def coverage(arms: list[Arm], place: int | None) -> float:
    """The share of studies whose interval holds the effect of an arm, or with None the accuracy of the baseline."""
    rng = np.random.default_rng(20)
    kinds = [kind for *_, kind in arms]
    truths = [expected_accuracy(gain, scatter) for gain, _, scatter, _ in arms]
    held = 0
    for _ in range(REPEATS):
        trials = study(rng, arms)
        variances = seed_variances(trials, kinds)
        found: Estimate
        if place is None:
            found, truth = score(trials[0], variances[0]).accuracy, truths[0]
        else:
            found = compare(trials[place], trials[0], variances[place], variances[0]).accuracy
            truth = truths[place] - truths[0]
        held += found.low <= truth <= found.high
        cluster_bootstrap._resampled.cache_clear()
    return held / REPEATS


@pytest.mark.parametrize(
    "measure",
    [
        pytest.param(partial(coverage, [*STEADY, *OTHERS], None), id="accuracy-of-a-steady-arm"),
        pytest.param(partial(coverage, [*STEADY, *OTHERS], 1), id="steady-arm-of-three-seeds"),
        pytest.param(partial(coverage, [*STEADY, *OTHERS], 2), id="steady-arm-of-one-seed"),
        pytest.param(partial(coverage, LAGGING, None), id="accuracy-of-a-lagging-arm"),
        pytest.param(partial(coverage, LAGGING, 1), id="lagging-arm-of-three-seeds"),
        pytest.param(partial(coverage, LAGGING, 2), id="lagging-arm-of-one-seed"),
        pytest.param(partial(coverage, MIXED, 1), id="steady-arm-against-a-lagging-baseline"),
    ],
)
def test_95_percent_intervals_hold_the_truth_in_93_to_97_percent(measure: partial[float]) -> None:
    assert 0.93 <= measure() <= 0.97
