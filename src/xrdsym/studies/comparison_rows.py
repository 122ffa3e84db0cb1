"""The rows of a comparison: what its study planned, what its trials found, and what that is worth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scipy.stats import binomtest

from xrdsym.config.model_specs import model_spec
from xrdsym.encoding.recipe import pattern_type
from xrdsym.studies.results import TrialResult, arm_name

if TYPE_CHECKING:
    from xrdsym.studies.definition import Study
    from xrdsym.studies.record import StudyRecord

NOT_RUN = "not run yet"
TOLD_ELSEWHERE = ("target.name", "split.by", "train.model", "train.weights")
"""Settings that a row does not list: those of its table, and its model."""


@dataclass(frozen=True)
class Row:
    """One model on one target and one split.

    Attributes:
        model: `train.model`.
        input: What it takes, and of which pattern type, as `features, ideal`.
        target: `target.name`.
        split: `split.by`.
        settings: What else the row changes against the study's baseline.
        every: All that its trial was told: that, what all rows share, its table, its model and its seed.
        fitted: It is a baseline, which knows no epochs.
        result: What its trial found on the part that counts; None where it has not ended well.
        reason: Why it has not.
    """

    model: str
    input: str
    target: str
    split: str
    settings: Mapping[str, Any]
    every: Mapping[str, Any]
    fitted: bool
    result: TrialResult | None
    reason: str


def rows_of(study: Study, record: StudyRecord) -> dict[tuple[str, str], list[Row]]:
    """The rows of a comparison by target and split, in the order of its file, the best of each group first.

    Args:
        study: As its file has it.
        record: What its storage holds.
    """
    results = record.test_results if study.test else record.results
    found = {(result.arm, result.seed): result for result in results}
    failed = {(arm, seed): reason for arm, seed, reason in record.failed}
    groups: dict[tuple[str, str], list[Row]] = {}
    for point in study.points:
        params = study.params(point)
        known = model_spec(params.train.model)
        key = arm_name(point.settings), point.seed
        told = {"target.name": params.target.name, "split.by": params.split.by, "train.model": params.train.model}
        row = Row(
            model=params.train.model,
            input=f"{known.input}, {pattern_type(params.effects)}",
            target=params.target.name,
            split=params.split.by,
            settings={name: value for name, value in point.settings.items() if name not in TOLD_ELSEWHERE},
            every={**study.set, **told, **point.settings, "train.seed": point.seed},
            fitted=not known.network,
            result=found.get(key),
            reason=failed.get(key, NOT_RUN),
        )
        groups.setdefault((row.target, row.split), []).append(row)
    return {group: sorted(rows, key=_standing) for group, rows in groups.items()}


def _standing(row: Row) -> float:
    return 1.0 if row.result is None else -accuracy(row.result)


def accuracy(result: TrialResult) -> float:
    """The share of right answers."""
    return float((result.predicted == result.materials.labels).mean())


def mcnemar(one: TrialResult, other: TrialResult) -> float:
    """How likely two equally good models are to differ so much, p of McNemar's exact test on the common materials.

    Of those that one model alone gets right, as many would be each model's as heads of a fair coin (Q. McNemar,
    Psychometrika 12, 153 (1947)). Materials count as independent, which those of one composition are not quite.
    """
    others = dict(zip(other.materials.ids, other.predicted == other.materials.labels, strict=True))
    right = zip(one.materials.ids, one.predicted == one.materials.labels, strict=True)
    pairs = [(bool(mine), bool(others[name])) for name, mine in right if name in others]
    mine_alone, theirs_alone = pairs.count((True, False)), pairs.count((False, True))
    if not mine_alone + theirs_alone:
        return 1.0
    return float(binomtest(mine_alone, mine_alone + theirs_alone).pvalue)
