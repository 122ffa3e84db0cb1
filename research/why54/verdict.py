"""The fingerprint of the paper's table, and what can be said of an arm as the cause of it.

The paper's 54 % are of a kind: a third of its answers are orthorhombic, though a fifth of the materials is, and
triclinic is hardly ever answered but mostly rightly. Whatever is the cause brings that about, not any 54 %.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xrdsym.crystal.symmetry import CRYSTAL_SYSTEMS
from xrdsym.evaluation.confusions import confusion_matrix
from xrdsym.reporting.paper import PAPER_ACCURACY, PAPER_STRUCTURES, PAPER_TABLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xrdsym.studies.effect_sizes import Estimate
    from xrdsym.studies.results import TrialResult

NEAR = 0.03
"""How far from the paper's an accuracy may be to count as near it."""
FARTHEST = 0.10
"""The largest distance of shares that still counts as the paper's; a model whose answers fall on the systems as the
materials do is at 0.20."""
FEWEST_TRAINED = PAPER_STRUCTURES // 2
"""Training structures below which an accuracy near the paper's says nothing: fewer materials make it lower, too."""
SIGNIFICANT = 0.05
"""Where p-values, corrected by Holm, count as an effect seen."""

EXPLAINS, HELPS, NOTHING, HURTS = "explains it", "helps", "no effect seen", "hurts"

_TRICLINIC = CRYSTAL_SYSTEMS.index("triclinic")


@dataclass(frozen=True, eq=False)
class ErrorProfile:
    """How a model's answers fall on the crystal systems.

    Attributes:
        accuracy: Share of right answers.
        occurrence: float64 (7,), share of each system among the materials.
        shares: float64 (7,), share of each among the answers.
        recall: float64 (7,).
        precision: float64 (7,), 0 where a system is never answered.
    """

    accuracy: float
    occurrence: NDArray[np.float64]
    shares: NDArray[np.float64]
    recall: NDArray[np.float64]
    precision: NDArray[np.float64]

    @property
    def distance(self) -> float:
        """Total variation between the shares of its answers and those of the paper's, 0 to 1."""
        return float(np.abs(self.shares - paper_shares(self.occurrence)).sum() / 2)

    @property
    def marked(self) -> bool:
        """It has the paper's marks, whatever its accuracy.

        The shares of its answers are no farther than `FARTHEST` from the paper's, triclinic is answered less than half
        as often as it occurs, and more than half of those answers are right.
        """
        rare = self.shares[_TRICLINIC] < self.occurrence[_TRICLINIC] / 2
        return bool(self.distance <= FARTHEST and rare and self.precision[_TRICLINIC] > 0.5)

    @property
    def near(self) -> bool:
        """Its accuracy is no farther than `NEAR` from the paper's."""
        return abs(self.accuracy - PAPER_ACCURACY) <= NEAR


def mean_confusion(runs: Sequence[TrialResult]) -> NDArray[np.float64]:
    """The confusion matrix averaged over trainings, float64 (7, 7), rows actual, columns predicted."""
    size = len(CRYSTAL_SYSTEMS)
    matrices = [confusion_matrix(run.materials.labels, run.predicted, size) for run in runs]
    return np.asarray(np.mean(matrices, axis=0), dtype=np.float64)


def error_profile(runs: Sequence[TrialResult]) -> ErrorProfile:
    """The fingerprint of an arm, its trainings taken together."""
    matrix = mean_confusion(runs)
    right, support, answers = np.diagonal(matrix), matrix.sum(axis=1), matrix.sum(axis=0)
    return ErrorProfile(
        accuracy=float(right.sum() / matrix.sum()),
        occurrence=support / matrix.sum(),
        shares=answers / matrix.sum(),
        recall=right / np.maximum(support, 1),
        precision=np.divide(right, answers, out=np.zeros(len(right)), where=answers > 0),
    )


def paper_error_profile(occurrence: NDArray[np.float64]) -> ErrorProfile:
    """The paper's, for materials of which the crystal systems have these shares."""
    table = [PAPER_TABLE[name] for name in CRYSTAL_SYSTEMS]
    return ErrorProfile(
        accuracy=PAPER_ACCURACY,
        occurrence=occurrence,
        shares=paper_shares(occurrence),
        recall=np.array([row.recall for row in table]),
        precision=np.array([row.precision for row in table]),
    )


def paper_shares(occurrence: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of each system among the paper's answers, float64 (7,).

    Recall times occurrence over precision, scaled to a sum of 1, which the two printed decimals miss by a little.
    """
    table = [PAPER_TABLE[name] for name in CRYSTAL_SYSTEMS]
    shares = occurrence * np.array([row.recall / row.precision for row in table])
    return np.asarray(shares / shares.sum(), dtype=np.float64)


def explains(baseline: ErrorProfile, arm: ErrorProfile, effect: Estimate, p: float, trained: int) -> bool:
    """Whether what parts the two is the cause of the paper's result.

    One side is near the paper's accuracy and has its marks; the other is neither near nor marked, and better by an
    effect that was seen; and both were trained on `FEWEST_TRAINED` structures or more.
    """
    worse, better = (baseline, arm) if effect.value > 0 else (arm, baseline)
    has_it = worse.near and worse.marked
    return has_it and not better.near and not better.marked and p < SIGNIFICANT and trained >= FEWEST_TRAINED


def verdict(baseline: ErrorProfile, arm: ErrorProfile, effect: Estimate, p: float, trained: int) -> str:
    """One of `EXPLAINS`, `HELPS`, `NOTHING` and `HURTS`.

    Args:
        baseline: What the arm is compared with.
        arm: The arm.
        effect: Of the arm on the accuracy.
        p: The p-value of the effect, corrected.
        trained: Training structures of the side that had fewer.
    """
    if explains(baseline, arm, effect, p, trained):
        return EXPLAINS
    if p >= SIGNIFICANT:
        return NOTHING
    return HELPS if effect.value > 0 else HURTS
