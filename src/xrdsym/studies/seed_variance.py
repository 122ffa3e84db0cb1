"""The variance of scores between trainings that differ only in their seed, pooled over arms with equal variance."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import fdtrc

from xrdsym.studies.cluster_bootstrap import LEVEL, MEASURES, measures_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from xrdsym.studies.results import TrialResult


@dataclass(frozen=True, eq=False)
class SeedVariance:
    """The variance between trainings that differ only in their seed.

    Attributes:
        variance: Variance of each of the `MEASURES` scores, float64 (9,).
        degrees: Degrees of freedom: the number of seeds minus the number of arms.
    """

    variance: NDArray[np.float64]
    degrees: int


def pooled_seed_variance(arms: Iterable[Sequence[TrialResult]]) -> SeedVariance | None:
    """Pool the variance between seeds over the arms with several seeds, without `outlying_arms`.

    Args:
        arms: The trials of each arm, which differ only in their seed.

    Returns:
        The variance, or None if no arm has several seeds.
    """
    several = [runs for runs in arms if len(runs) > 1]
    wide = outlying_arms(several)
    squares, degrees = np.zeros(MEASURES), 0
    for place, runs in enumerate(several):
        if place not in wide:
            squares += _squares(runs)
            degrees += len(runs) - 1
    return SeedVariance(squares / degrees, degrees) if degrees else None


def outlying_arms(arms: Sequence[Sequence[TrialResult]]) -> set[int]:
    """Find arms whose accuracy varies more between seeds than that of the other arms.

    Only equal variances may be pooled. As for laboratories in ISO 5725-2, the arm with the largest variance is compared
    with the pooled others and left out if it differs (F test at 5 %, with Bonferroni's correction for the number of
    arms: Cochran's test for arms of several sizes), then the next one.

    Args:
        arms: The trials of each arm, which differ only in their seed.

    Returns:
        Positions of the arms.
    """
    degrees = {place: len(runs) - 1 for place, runs in enumerate(arms) if len(runs) > 1}
    squares = {place: float(_squares(arms[place])[0]) for place in degrees}
    left_out: set[int] = set()
    while len(degrees) > 1:
        widest = max(degrees, key=lambda place: squares[place] / degrees[place])
        own, free = squares.pop(widest), degrees.pop(widest)
        rest = sum(squares.values()) / sum(degrees.values())
        ratio = own / free / rest if rest else inf if own else 1.0
        if (len(degrees) + 1) * fdtrc(free, sum(degrees.values()), ratio) >= 1 - LEVEL:
            break
        left_out.add(widest)
    return left_out


def _squares(runs: Sequence[TrialResult]) -> NDArray[np.float64]:
    """The sum of the squared deviations of each score from its mean over the seeds, float64 (9,)."""
    scores = np.stack([measures_of(run) for run in runs])
    return np.asarray(((scores - scores.mean(axis=0)) ** 2).sum(axis=0))


def larger_variance(one: SeedVariance | None, other: SeedVariance | None) -> SeedVariance | None:
    """The larger variance of each score, with the degrees of freedom of the estimate that is larger for accuracy."""
    if one is None or other is None:
        return one or other
    wider = max(one, other, key=lambda scatter: float(scatter.variance[0]))
    return SeedVariance(np.maximum(one.variance, other.variance), wider.degrees)
