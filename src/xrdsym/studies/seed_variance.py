"""The variance of scores between trainings that differ only in their seed, for arms whose variances are equal or not.

Two parts make up the variance between the scores of such trainings. One belongs to the trainings: their true scores
differ. The other belongs to the evaluated materials: of materials on which trainings disagree, a finite number was
evaluated. The bootstrap over materials has the second part already, so it is estimated and left out here (the variance
components of a random-effects model).

Trainings whose BatchNorm statistics lag vary by far more than others, and each of them by another amount. Their arms
with several seeds keep their own variance; single ones take that of all lagging arms. All other arms share one
variance, except those that vary significantly more.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import fdtrc

from xrdsym.config.params_file import value_of
from xrdsym.studies.cluster_bootstrap import LEVEL, common_ids, measures_of, sampled_measures

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xrdsym.studies.results import TrialResult

Kind = Literal["steady", "lagging"]
LAGGING_MOMENTUM = 0.99
"""Above this momentum the moving statistics of BatchNorm are those of more than a hundred batches ago."""


@dataclass(frozen=True, eq=False)
class SeedVariance:
    """The variance between trainings that differ only in their seed.

    Attributes:
        between: Variance of each of the `MEASURES` scores between trainings, on the same materials, float64 (9,).
        noise: The part of it that other materials would have changed, float64 (9,).
        degrees: Degrees of freedom of `between`: the number of seeds minus the number of arms.
    """

    between: NDArray[np.float64]
    noise: NDArray[np.float64]
    degrees: int


def training_kind(content: Mapping[str, Any], settings: Mapping[str, Any]) -> Kind:
    """Whether the BatchNorm statistics of a training lag behind its weights.

    Args:
        content: Parameters of the baseline, as `params.yaml` has them.
        settings: What the arm changes, by dotted names.
    """

    def value(name: str) -> Any:  # noqa: ANN401 - any YAML value
        return settings.get(name, value_of(content, name))

    lagging = value("train.batchnorm") == "update" and (value("train.batchnorm_momentum") or 0.0) > LAGGING_MOMENTUM
    return "lagging" if lagging else "steady"


def seed_variances(
    arms: Sequence[Sequence[TrialResult]],
    kinds: Sequence[Kind],
    others: Sequence[tuple[Sequence[TrialResult], Kind]] = (),
) -> list[SeedVariance | None]:
    """The variance between seeds of each arm.

    Args:
        arms: The trials of each arm, which differ only in their seed.
        kinds: The kind of each.
        others: Arms of other studies with their kinds; they count where no arm of a kind has several seeds here.

    Returns:
        One variance an arm. Arms that share one have the same object. None where no arm of this kind has several seeds.
    """
    found: dict[Kind, list[SeedVariance | None]] = {}
    for kind in dict.fromkeys(kinds):
        own = [runs for runs, one in zip(arms, kinds, strict=True) if one == kind]
        elsewhere = [runs for runs, one in others if one == kind]
        found[kind] = _of_kind(own, kind, [] if any(len(runs) > 1 for runs in own) else elsewhere)
    left = {kind: iter(variances) for kind, variances in found.items()}
    return [next(left[kind]) for kind in kinds]


def _of_kind(
    arms: Sequence[Sequence[TrialResult]], kind: Kind, others: Sequence[Sequence[TrialResult]]
) -> list[SeedVariance | None]:
    """The variance of each arm of one kind; that of other arms for all of them where those are given."""
    known = others or arms
    several = {place: _variance(runs) for place, runs in enumerate(known) if len(runs) > 1}
    if kind == "lagging":
        own, shared = set(several), _pooled(list(several.values()))
    else:
        own = outlying_arms(known)
        shared = _pooled([one for place, one in several.items() if place not in own])
    return [shared if others or place not in own else several[place] for place in range(len(arms))]


def _variance(runs: Sequence[TrialResult]) -> SeedVariance:
    """The variance of one arm with several seeds."""
    degrees = len(runs) - 1
    samples, _ = sampled_measures(runs, common_ids(runs), seed=0)
    apart = samples[:, 1:] - samples[:, 1:].mean(axis=0)
    noise = apart.var(axis=1, ddof=1).sum(axis=0) / degrees
    return SeedVariance(_squares(runs) / degrees, noise, degrees)


def _pooled(variances: Sequence[SeedVariance]) -> SeedVariance | None:
    """The mean of variances, weighted by their degrees of freedom; None of none."""
    degrees = sum(one.degrees for one in variances)
    if not degrees:
        return None
    between = np.sum([one.degrees * one.between for one in variances], axis=0) / degrees
    noise = np.sum([one.degrees * one.noise for one in variances], axis=0) / degrees
    return SeedVariance(between, noise, degrees)


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
