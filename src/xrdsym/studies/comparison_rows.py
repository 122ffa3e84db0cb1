"""The rows of a comparison: planned trials, their results, and the test of one row against another."""

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
NOT_LISTED = ("target.name", "split.by", "train.model", "train.weights")
"""Settings that a row does not list: they name its table and its model."""


@dataclass(frozen=True)
class Row:
    """One model on one target and one split.

    Attributes:
        model: `train.model`.
        input: Input and pattern type, as `features, ideal`.
        target: `target.name`.
        split: `split.by`.
        settings: Other parameters that differ from the study's baseline.
        every: All parameters of its trial: those, the shared ones, its table, its model and its seed.
        fitted: It is a baseline, which has no epochs.
        result: Result of its trial on the evaluated part; None without one.
        reason: Why there is no result.
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
        study: The comparison.
        record: Its trials, as read from the storage.
    """
    results = record.test_results if study.test else record.results
    finished = {(result.arm, result.seed): result for result in results}
    failed = {(arm, seed): reason for arm, seed, reason in record.failed}
    groups: dict[tuple[str, str], list[Row]] = {}
    for point in study.points:
        params = study.params(point)
        spec = model_spec(params.train.model)
        key = arm_name(point.settings), point.seed
        table = {"target.name": params.target.name, "split.by": params.split.by, "train.model": params.train.model}
        row = Row(
            model=params.train.model,
            input=f"{spec.input}, {pattern_type(params.effects)}",
            target=params.target.name,
            split=params.split.by,
            settings={name: value for name, value in point.settings.items() if name not in NOT_LISTED},
            every={**study.set, **table, **point.settings, "train.seed": point.seed},
            fitted=not spec.network,
            result=finished.get(key),
            reason=failed.get(key, NOT_RUN),
        )
        groups.setdefault((row.target, row.split), []).append(row)
    return {group: sorted(rows, key=_rank) for group, rows in groups.items()}


def _rank(row: Row) -> float:
    return 1.0 if row.result is None else -accuracy(row.result)


def accuracy(result: TrialResult) -> float:
    """Share of correct predictions."""
    return float((result.predicted == result.materials.labels).mean())


def mcnemar(one: TrialResult, other: TrialResult) -> float:
    """The p-value of McNemar's exact test on the common materials: two equally good models differ at least that much.

    Materials that one model alone predicts correctly would fall to either like the tosses of a fair coin (Q. McNemar,
    Psychometrika 12, 153 (1947)). The test takes materials as independent; those of one composition are not quite.
    """
    others = dict(zip(other.materials.ids, other.predicted == other.materials.labels, strict=True))
    right = zip(one.materials.ids, one.predicted == one.materials.labels, strict=True)
    pairs = [(bool(mine), bool(others[name])) for name, mine in right if name in others]
    mine_alone, theirs_alone = pairs.count((True, False)), pairs.count((False, True))
    if not mine_alone + theirs_alone:
        return 1.0
    return float(binomtest(mine_alone, mine_alone + theirs_alone).pvalue)
