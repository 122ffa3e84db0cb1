"""Effects of arms against a baseline, from what their trials answered: paired, resampled by composition and by seed.

The variance of an effect has two parts. Materials: a bootstrap that draws whole compositions, since related materials
are right and wrong together. Seeds: the same bootstrap draws the seeds of an arm as a second level; since few seeds, or
one, tell little of their scatter, the variance is raised to that of all arms pooled where theirs is greater (see
`scatter`). Both parts hold what a material answers anew with each seed, so intervals are rather too wide than too
narrow (the pigeonhole bootstrap: Owen 2007, Annals of Applied Statistics 1, 386).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from xrdsym.common.errors import XrdsymError
from xrdsym.crystal.symmetry import CRYSTAL_SYSTEMS
from xrdsym.studies.cluster_bootstrap import LEVEL, MEASURES, SAMPLES, common_ids, present, sampled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from xrdsym.studies.results import TrialResult
    from xrdsym.studies.seed_variance import SeedScatter

POWER = 0.8
"""How probably the smallest visible effect is seen."""
FEWEST_COMMON = 100
"""Common materials below which two sets of materials are compared unpaired."""


@dataclass(frozen=True)
class Estimate:
    """A number with its uncertainty.

    Attributes:
        value: The number: an effect or a score, as a share of 1.
        standard_error: Of materials and seeds together.
        degrees: Degrees of freedom of the standard error, infinite where seeds have no part in it.
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
        if self.standard_error == 0:
            return 1.0 if self.value == 0 else 0.0
        ratio = -abs(self.value) / self.standard_error
        return float(2 * (ndtr(ratio) if self.degrees == inf else stdtr(self.degrees, ratio)))

    @property
    def visible(self) -> float:
        """The smallest effect that is seen with a probability of 80 %: (1.96 + 0.84) standard errors.

        Where the standard error itself is uncertain, the two are the same quantiles of Student's t.
        """
        return (_quantile(0.5 + LEVEL / 2, self.degrees) + _quantile(POWER, self.degrees)) * self.standard_error


@dataclass(frozen=True, eq=False)
class Comparison:
    """An arm against another, or by itself.

    Attributes:
        accuracy: Difference of accuracies, or the accuracy.
        macro_f1: The same of macro F1.
        recalls: The same of the recall of each crystal system that occurs on both sides, by name.
        n: Materials that the arm was judged on in this comparison.
        compositions: Reduced formulas among them.
        seeds: Trainings of the arm in this comparison.
        paired: Both were judged on the same materials.
        paired_seeds: Each training of the arm had one of the other side with its seed.
        seed_scatter: The intervals hold the scatter between seeds.
    """

    accuracy: Estimate
    macro_f1: Estimate
    recalls: dict[str, Estimate]
    n: int
    compositions: int
    seeds: int
    paired: bool
    paired_seeds: bool
    seed_scatter: bool


def compare(
    arm: Sequence[TrialResult], baseline: Sequence[TrialResult], scatter: SeedScatter | None, seed: int = 0
) -> Comparison:
    """The effect of an arm: its scores less the baseline's, on the materials that both were judged on.

    Trainings are paired by seed where both sides have a seed in common (the others are left out), else all stand
    against all. Each side is judged by its own labels. Where the sides have fewer than `FEWEST_COMMON` materials in
    common, all of each side stand against all of the other.

    Args:
        arm: Trials of the arm, which differ in nothing but their seed.
        baseline: Trials of the other side, likewise.
        scatter: Between seeds, pooled; without it one seed tells nothing of seeds.
        seed: Of the bootstrap.

    Raises:
        XrdsymError: A side has no trial.
    """
    if not arm or not baseline:
        msg = "a comparison needs a finished trial on both sides. Run the study to its end."
        raise XrdsymError(msg)
    seeds = sorted({run.seed for run in arm} & {run.seed for run in baseline})
    if seeds:
        arm, baseline = ([{run.seed: run for run in runs}[one] for one in seeds] for runs in (arm, baseline))
    common = common_ids([*arm, *baseline])
    paired = len(common) >= min(FEWEST_COMMON, *(len(run.materials.ids) for run in (*arm, *baseline)))
    ours, mine = sampled(arm, common if paired else common_ids(arm), seed)
    theirs, _ = sampled(baseline, common if paired else common_ids(baseline), seed if paired else seed + 1)
    rng = np.random.default_rng(seed)
    sides, pooled = ([ours - theirs], 2.0) if seeds else ([ours, -theirs], 1.0)
    found = _estimates(sides, pooled, scatter, rng)
    shared = present(arm) & present(baseline)
    return Comparison(
        **_named(found, shared, mine),
        seeds=len(arm),
        paired=paired,
        paired_seeds=bool(seeds),
        seed_scatter=scatter is not None or min(len(arm), len(baseline)) > 1,
    )


def score(runs: Sequence[TrialResult], scatter: SeedScatter | None, seed: int = 0) -> Comparison:
    """The scores of an arm by itself, averaged over its seeds, with intervals as in `compare`."""
    samples, compositions = sampled(runs, common_ids(runs), seed)
    found = _estimates([samples], 1.0, scatter, np.random.default_rng(seed))
    shared = present(runs)
    return Comparison(
        **_named(found, shared, compositions),
        seeds=len(runs),
        paired=True,
        paired_seeds=True,
        seed_scatter=scatter is not None or len(runs) > 1,
    )


def holm(p: ArrayLike) -> NDArray[np.float64]:
    """Holm's step-down correction of p-values, float64 (m,) (Scandinavian Journal of Statistics 6, 1979, 65)."""
    values = np.asarray(p, dtype=np.float64)
    order = np.argsort(values, kind="stable")
    stepped = np.maximum.accumulate(values[order] * np.arange(len(values), 0, -1))
    adjusted = np.empty_like(values)
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted


def _named(found: list[Estimate], shared: NDArray[np.bool_], compositions: Sequence[str]) -> dict[str, Any]:
    """What is measured, by the names of a `Comparison`, and on how much."""
    return {
        "accuracy": found[0],
        "macro_f1": found[1],
        "recalls": {name: found[2 + index] for index, name in enumerate(CRYSTAL_SYSTEMS) if shared[index]},
        "n": len(compositions),
        "compositions": len(set(compositions)),
    }


def _quantile(share: float, degrees: float) -> float:
    return float(ndtri(share) if degrees == inf else stdtrit(degrees, share))


def _estimates(
    sides: Sequence[NDArray[np.float64]], pooled: float, scatter: SeedScatter | None, rng: np.random.Generator
) -> list[Estimate]:
    """The sum of the sides, each averaged over its seeds.

    Args:
        sides: float64 (seeds, 1 + SAMPLES, 9) each.
        pooled: How many trainings one entry of a side stands for: 2 for the difference of two.
        scatter: Between seeds.
        rng: Draws the seeds.
    """
    value, drawn = np.zeros(MEASURES), np.zeros((SAMPLES, MEASURES))
    of_seeds, left_out = np.zeros(MEASURES), np.zeros(MEASURES)
    for side in sides:
        seeds = len(side)
        value += side[:, 0].mean(axis=0)
        drawn += side[rng.integers(0, seeds, (SAMPLES, seeds)), np.arange(1, 1 + SAMPLES)[:, None]].mean(axis=1)
        own = side[:, 0].var(axis=0, ddof=1) if seeds > 1 else np.zeros(MEASURES)
        known = own if scatter is None else np.maximum(own, pooled * scatter.variance)
        of_seeds += known / seeds
        # drawing from few seeds shows less than their variance, from one nothing
        left_out += (known - own * (seeds - 1) / seeds) / seeds
    variance = drawn.var(axis=0, ddof=1) + left_out
    degrees = sum(len(side) - 1 for side in sides) if scatter is None else scatter.degrees
    found = []
    for index in range(MEASURES):
        free = degrees * (variance[index] / of_seeds[index]) ** 2 if of_seeds[index] > 0 else inf
        found.append(Estimate(float(value[index]), sqrt(variance[index]), float(free)))
    return found
