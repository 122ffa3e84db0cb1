"""How far trainings that differ in nothing but their seed scatter, pooled over arms that are alike in it."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import fdtrc

from xrdsym.studies.cluster_bootstrap import LEVEL, MEASURES, measured

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from xrdsym.studies.results import TrialResult


@dataclass(frozen=True, eq=False)
class SeedScatter:
    """How far trainings that differ in nothing but their seed scatter.

    Attributes:
        variance: float64 (9,), of each of `MEASURES` between seeds, pooled over arms alike.
        degrees: Its degrees of freedom: the seeds less the arms.
    """

    variance: NDArray[np.float64]
    degrees: int


def seed_scatter(arms: Iterable[Sequence[TrialResult]]) -> SeedScatter | None:
    """The scatter between seeds pooled over the arms that have several, but for `outlying` ones; None where none has.

    Args:
        arms: The trials of each arm, which differ in nothing but their seed.
    """
    several = [runs for runs in arms if len(runs) > 1]
    wide = outlying(several)
    squares, degrees = np.zeros(MEASURES), 0
    for place, runs in enumerate(several):
        if place not in wide:
            squares += _squares(runs)
            degrees += len(runs) - 1
    return SeedScatter(squares / degrees, degrees) if degrees else None


def outlying(arms: Sequence[Sequence[TrialResult]]) -> set[int]:
    """The places of arms whose accuracy scatters more between seeds than that of the others.

    Pooling is for what has one variance. The widest arm is held against the others pooled and left out where it differs
    (F test at 5 %, Bonferroni over the arms: Cochran's test for arms of several sizes), then the next one, as in
    ISO 5725-2 laboratories are.

    Args:
        arms: The trials of each arm, several of which differ in nothing but their seed.
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
    """The squared deviations of each measure from its mean over the seeds, summed, float64 (9,)."""
    found = np.stack([measured(run) for run in runs])
    return np.asarray(((found - found.mean(axis=0)) ** 2).sum(axis=0))


def larger(one: SeedScatter | None, other: SeedScatter | None) -> SeedScatter | None:
    """Of each measure the larger variance, with the degrees of freedom of the one that scatters more in accuracy."""
    if one is None or other is None:
        return one or other
    wider = max(one, other, key=lambda scatter: float(scatter.variance[0]))
    return SeedScatter(np.maximum(one.variance, other.variance), wider.degrees)
