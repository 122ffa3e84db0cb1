"""Effect sizes of arms against a baseline, from paired predictions, with a bootstrap over compositions.

The variance of an effect has two parts, which are added:

* Materials. The bootstrap draws whole compositions, because predictions of related materials are correlated.
* Seeds. Each side adds the variance of its trainings over their number. What belongs to the materials already is left
  out of it (see `seed_variance`).

Few seeds estimate their variance poorly. The part of the seeds has the degrees of freedom of Satterthwaite (Biometrics
Bulletin 2, 1946, 110); the quantile of an interval is the mean of the normal one and Student's, weighted by the two
parts (Cochran and Cox, Experimental Designs, 1950). Satterthwaite's approximation for both parts together would make
intervals too narrow where there are two degrees of freedom.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import ndtr, ndtri, stdtr, stdtridf, stdtrit

from xrdsym.common.errors import XrdsymError
from xrdsym.crystal.symmetry import CRYSTAL_SYSTEMS
from xrdsym.studies.cluster_bootstrap import LEVEL, MEASURES, common_ids, present, sampled_measures

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from xrdsym.studies.results import TrialResult
    from xrdsym.studies.seed_variance import SeedVariance

POWER = 0.8
"""Probability of detecting the smallest visible effect."""
ROUNDING = 1e-12
"""Scores are equal if they differ by less: rounding leaves that much, and one material makes a larger difference."""
FEWEST_COMMON = 100
"""With fewer common materials, two sets of materials are compared unpaired."""


@dataclass(frozen=True)
class Estimate:
    """A number with its uncertainty.

    Attributes:
        value: An effect or a score, as a share of 1.
        standard_error: Standard error from materials and seeds together.
        degrees: Degrees of freedom of the standard error, infinite if it has no part from seeds; see `_degrees`.
    """

    value: float
    standard_error: float
    degrees: float

    @property
    def low(self) -> float:
        """Lower end of the 95 % interval."""
        return self.value - _quantile(0.5 + LEVEL / 2, self.degrees) * self.standard_error

    @property
    def high(self) -> float:
        """Upper end of the 95 % interval."""
        return self.value + _quantile(0.5 + LEVEL / 2, self.degrees) * self.standard_error

    @property
    def p(self) -> float:
        """Two-sided p-value of "there is no effect"; below 0.05 just where the interval leaves out 0."""
        if self.standard_error < ROUNDING:
            return 1.0 if abs(self.value) < ROUNDING else 0.0
        ratio = -abs(self.value) / self.standard_error
        return float(2 * (ndtr(ratio) if self.degrees == inf else stdtr(self.degrees, ratio)))

    @property
    def visible(self) -> float:
        """The smallest effect that is detected with a probability of 80 %: (1.96 + 0.84) standard errors.

        With finite degrees of freedom the two numbers are the same quantiles of Student's t.
        """
        return (_quantile(0.5 + LEVEL / 2, self.degrees) + _quantile(POWER, self.degrees)) * self.standard_error


@dataclass(frozen=True, eq=False)
class Comparison:
    """An arm compared with another arm, or the scores of one arm.

    Attributes:
        accuracy: Difference of accuracies, or the accuracy.
        macro_f1: The same for macro F1.
        recalls: The same for the recall of each crystal system that occurs on both sides, by name.
        n: Number of evaluated materials of the arm.
        compositions: Number of distinct reduced formulas among them.
        seeds: Number of trainings of the arm.
        paired: Both arms are evaluated on the same materials.
        paired_seeds: Each training of the arm has a counterpart with the same seed.
        has_seed_variance: The intervals include the variance between seeds.
    """

    accuracy: Estimate
    macro_f1: Estimate
    recalls: dict[str, Estimate]
    n: int
    compositions: int
    seeds: int
    paired: bool
    paired_seeds: bool
    has_seed_variance: bool


def compare(
    arm: Sequence[TrialResult],
    baseline: Sequence[TrialResult],
    arm_variance: SeedVariance | None,
    baseline_variance: SeedVariance | None,
    seed: int = 0,
) -> Comparison:
    """The effect of an arm: its scores minus the baseline's, on the materials of both evaluations.

    If the sides share seeds, other trainings are left out. Each side is evaluated with its own labels. With fewer than
    `FEWEST_COMMON` common materials, each side is evaluated on all of its own.

    Args:
        arm: Trials of the arm, which differ only in their seed.
        baseline: Trials of the other side, which differ only in their seed.
        arm_variance: Variance between seeds of the arm; without it the interval has no part from its seeds.
        baseline_variance: The same of the other side.
        seed: Seed of the bootstrap.

    Raises:
        XrdsymError: A side has no trial.
    """
    if not arm or not baseline:
        msg = "a comparison needs a finished trial on both sides. Run the remaining trials of the study."
        raise XrdsymError(msg)
    seeds = sorted({run.seed for run in arm} & {run.seed for run in baseline})
    if seeds:
        arm, baseline = ([{run.seed: run for run in runs}[one] for one in seeds] for runs in (arm, baseline))
    common = common_ids([*arm, *baseline])
    paired = len(common) >= min(FEWEST_COMMON, *(len(run.materials.ids) for run in (*arm, *baseline)))
    own, compositions = sampled_measures(arm, common if paired else common_ids(arm), seed)
    other, _ = sampled_measures(baseline, common if paired else common_ids(baseline), seed if paired else seed + 1)
    known = [(arm_variance, len(arm)), (baseline_variance, len(baseline))]
    estimates = _estimates(own.mean(axis=0) - other.mean(axis=0), known)
    shared = present(arm) & present(baseline)
    return Comparison(
        **_named(estimates, shared, compositions),
        seeds=len(arm),
        paired=paired,
        paired_seeds=bool(seeds),
        has_seed_variance=arm_variance is not None and baseline_variance is not None,
    )


def score(runs: Sequence[TrialResult], seed_variance: SeedVariance | None, seed: int = 0) -> Comparison:
    """The scores of one arm, averaged over its seeds, with intervals as in `compare`.

    Args:
        runs: Trials of the arm, which differ only in their seed.
        seed_variance: Its variance between seeds; without it the interval has no part from them.
        seed: Seed of the bootstrap.
    """
    samples, compositions = sampled_measures(runs, common_ids(runs), seed)
    estimates = _estimates(samples.mean(axis=0), [(seed_variance, len(runs))])
    shared = present(runs)
    return Comparison(
        **_named(estimates, shared, compositions),
        seeds=len(runs),
        paired=True,
        paired_seeds=True,
        has_seed_variance=seed_variance is not None,
    )


def holm(p: ArrayLike) -> NDArray[np.float64]:
    """Correct p-values by Holm's step-down method (Scandinavian Journal of Statistics 6, 1979, 65).

    Args:
        p: p-values, float (m,).

    Returns:
        Adjusted p-values in the same order, float64 (m,).
    """
    values = np.asarray(p, dtype=np.float64)
    order = np.argsort(values, kind="stable")
    stepped = np.maximum.accumulate(values[order] * np.arange(len(values), 0, -1))
    adjusted = np.empty_like(values)
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted


def _named(estimates: list[Estimate], shared: NDArray[np.bool_], compositions: Sequence[str]) -> dict[str, Any]:
    """The estimates and the numbers of materials by the names of a `Comparison`."""
    return {
        "accuracy": estimates[0],
        "macro_f1": estimates[1],
        "recalls": {name: estimates[2 + index] for index, name in enumerate(CRYSTAL_SYSTEMS) if shared[index]},
        "n": len(compositions),
        "compositions": len(set(compositions)),
    }


def _quantile(share: float, degrees: float) -> float:
    return float(ndtri(share) if degrees == inf else stdtrit(degrees, share))


def _estimates(samples: NDArray[np.float64], known: Sequence[tuple[SeedVariance | None, int]]) -> list[Estimate]:
    """The estimates of scores or their differences.

    Args:
        samples: float64 (1 + SAMPLES, 9), first without resampling; the mean over the seeds of each side.
        known: The variance between seeds of each side, and the number of its trainings.
    """
    shares: dict[int, tuple[SeedVariance, float]] = {}
    for variance, trainings in known:
        if variance is not None:
            # sides of one variance share its degrees of freedom
            before = shares.get(id(variance), (variance, 0.0))[1]
            shares[id(variance)] = (variance, before + 1 / trainings)
    of_materials = samples[1:].var(axis=0, ddof=1)
    of_trainings = sum((share * (one.between - one.noise) for one, share in shares.values()), np.zeros(MEASURES))
    total = of_materials + np.maximum(of_trainings, 0.0)
    parts = [(one.degrees, share * one.between) for one, share in shares.values()]
    return [
        Estimate(
            float(samples[0, index]),
            sqrt(total[index]),
            _degrees(float(of_materials[index]), [(free, float(part[index])) for free, part in parts]),
        )
        for index in range(MEASURES)
    ]


def _degrees(known: float, uncertain: Sequence[tuple[int, float]]) -> float:
    """The degrees of freedom whose Student quantile is that of Cochran and Cox.

    Args:
        known: A variance that is known well.
        uncertain: Variances with their degrees of freedom.
    """
    level = 0.5 + LEVEL / 2
    of_seeds = sum(variance for _, variance in uncertain)
    if of_seeds <= 0:
        return inf
    free = of_seeds**2 / sum(variance**2 / degrees for degrees, variance in uncertain)
    quantile = _quantile(level, inf) * known + _quantile(level, free) * of_seeds
    return float(stdtridf(level, quantile / (known + of_seeds)))
