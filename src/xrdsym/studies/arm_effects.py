"""The arms of one study against its baseline: difference, 95 % interval and a verdict in words.

Whatever shows an interval of a study takes it from here; the statistics are those of `effect_sizes`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from xrdsym.common.formatting import interval
from xrdsym.config.params_file import value_of
from xrdsym.crystal.targets.classes import CRYSTAL_SYSTEM
from xrdsym.studies.cluster_bootstrap import LEVEL
from xrdsym.studies.definition import COMPARISON
from xrdsym.studies.effect_sizes import Estimate, compare, holm
from xrdsym.studies.results import BASELINE, Materials, TrialResult, settings_key
from xrdsym.studies.seed_variance import seed_variances, training_kind

if TYPE_CHECKING:
    from xrdsym.studies.effect_sizes import Comparison
    from xrdsym.studies.record import StudyRecord

HELPS, HURTS = "helps", "hurts"
ONE_SEED = "one seed"
"""Ends the verdict where no arm of the study has several seeds, so that no interval knows the scatter between them."""
HIGHER, LOWER, INCONCLUSIVE = (f"{word}, {ONE_SEED}" for word in ("higher", "lower", "inconclusive"))
"""An effect beyond its interval, and none, as far as one seed can tell."""


@dataclass(frozen=True, eq=False)
class ArmEffect:
    """An arm of a study.

    Attributes:
        name: What it changes, for people.
        settings: The same, as parameters.
        trials: Its finished trials, one a seed.
        score: The mean of the study's metric over its seeds.
        difference: From the score of the baseline; None where the study has none.
        effect: The same with its interval; None for the baseline itself, and where there is none.
        verdict: In words; empty where there is no effect.
    """

    name: str
    settings: Mapping[str, Any]
    trials: tuple[TrialResult, ...]
    score: float
    difference: float | None = None
    effect: Estimate | None = None
    verdict: str = ""

    @property
    def is_baseline(self) -> bool:
        """It changes nothing."""
        return self.name == BASELINE

    @property
    def is_better(self) -> bool:
        """It is better than the baseline beyond its interval."""
        return self.verdict in {HELPS, HIGHER}

    @property
    def seconds(self) -> float:
        """The time of its trainings."""
        return sum(trial.seconds for trial in self.trials)

    def mean(self, metric: str) -> float:
        """The mean of a metric over its seeds."""
        return float(np.mean([trial.metrics[metric] for trial in self.trials]))


def arm_effects(record: StudyRecord) -> list[ArmEffect]:
    """The arms of a study with their effects, the baseline first, the others by their score.

    Args:
        record: The study.
    """
    grouped: defaultdict[str, list[TrialResult]] = defaultdict(list)
    for result in record.results:
        grouped[settings_key(result.settings)].append(result)
    arms = [_arm(record.metric, trials) for trials in grouped.values()]
    arms.sort(key=lambda arm: (not arm.is_baseline, -arm.score))
    if not arms or not arms[0].is_baseline:
        return arms
    arms = [replace(arm, difference=arm.score - arms[0].score) for arm in arms]
    return _with_effects(record, arms)


def best_arm(arms: list[ArmEffect]) -> ArmEffect | None:
    """The arm with the best score of those that are better than the baseline beyond their intervals, if any is."""
    return max((arm for arm in arms if arm.is_better), key=lambda arm: arm.score, default=None)


def applied_settings(record: StudyRecord, arm: ArmEffect) -> dict[str, Any]:
    """Every parameter that a study varies with its value in an arm, that of the baseline where it changes nothing."""
    names = dict.fromkeys(name for trial in record.results for name in trial.settings)
    return {name: arm.settings.get(name, value_of(record.baseline, name)) for name in names}


def effect_text(effect: Estimate) -> str:
    """An effect in points with its interval: `+3.2 points (1.1 to 5.3)`."""
    return f"{100 * effect.value:+.1f} points ({interval(100 * effect.low, 100 * effect.high, '.1f')})".replace(
        "-", "−"
    )


def _arm(metric: str, trials: list[TrialResult]) -> ArmEffect:
    score = float(np.mean([trial.metrics[metric] for trial in trials]))
    return ArmEffect(trials[0].arm, trials[0].settings, tuple(trials), score)


def _with_effects(record: StudyRecord, arms: list[ArmEffect]) -> list[ArmEffect]:
    """The arms with effects and verdicts, p-values corrected over all of them."""
    seven = record.baseline.get("target", {}).get("name", CRYSTAL_SYSTEM) == CRYSTAL_SYSTEM
    accuracy = record.metric == "val_accuracy"
    if record.design == COMPARISON or len(arms) < 2 or not (seven or accuracy):
        return arms
    trials = [arm.trials if seven else tuple(map(_right_or_wrong, arm.trials)) for arm in arms]
    kinds = [training_kind(record.baseline, arm.settings) for arm in arms]
    variances = seed_variances(trials, kinds)
    pairs = zip(trials[1:], variances[1:], strict=True)
    compared = [compare(one, trials[0], variance, variances[0]) for one, variance in pairs]
    effects = [comparison.accuracy if accuracy else comparison.macro_f1 for comparison in compared]
    corrected = holm([effect.p for effect in effects])
    judged = [
        replace(arm, difference=effect.value, effect=effect, verdict=_verdict(effect, float(p), comparison))
        for arm, effect, p, comparison in zip(arms[1:], effects, corrected, compared, strict=True)
    ]
    return [arms[0], *judged]


def _right_or_wrong(trial: TrialResult) -> TrialResult:
    """The same trial with two classes, right and wrong, whose accuracy is the same whatever the target."""
    materials, wrong = trial.materials, trial.predicted != trial.materials.labels
    labels = np.zeros(len(wrong), dtype=np.int64)
    return replace(
        trial,
        materials=Materials(materials.ids, labels, materials.compositions),
        predicted=wrong.astype(np.int64),
    )


def _verdict(effect: Estimate, p: float, comparison: Comparison) -> str:
    """What an effect tells, by its p-value after the correction for the number of arms."""
    better, worse = (HELPS, HURTS) if comparison.has_seed_variance else (HIGHER, LOWER)
    if p < 1 - LEVEL:
        return better if effect.value > 0 else worse
    if not comparison.has_seed_variance:
        return INCONCLUSIVE
    if effect.low > 0 or effect.high < 0:
        return "inconclusive among so many arms"
    return f"none seen larger than {100 * max(-effect.low, effect.high):.1f} points"
