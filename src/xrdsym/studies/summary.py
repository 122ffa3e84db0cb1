"""The results of one study: as JSON values, and as a table for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xrdsym.common.formatting import interval
from xrdsym.common.progress import duration
from xrdsym.common.tables import aligned
from xrdsym.studies.arm_effects import ONE_SEED, arm_effects
from xrdsym.studies.data_line import data_line
from xrdsym.studies.definition import COMPARISON

if TYPE_CHECKING:
    from xrdsym.studies.arm_effects import ArmEffect
    from xrdsym.studies.record import StudyRecord

SCORES = ("val_accuracy", "val_macro_f1")


def summary(record: StudyRecord) -> dict[str, Any]:
    """Arms and their scores as JSON values, the baseline first, the others by their score.

    Args:
        record: The study, with a finished trial or more.
    """
    return {
        "name": record.name,
        "guess": record.guess,
        "start": record.start,
        "data": data_of(record),
        "design": record.design,
        "metric": record.metric,
        "trials": dict(record.counts),
        "arms": [_arm(arm, record.metric) for arm in arm_effects(record)],
        "failed": [{"arm": arm, "seed": seed, "reason": reason} for arm, seed, reason in record.failed],
    }


def summary_lines(record: StudyRecord) -> list[str]:
    """`summary` as lines of text."""
    arms = arm_effects(record)
    header = ("arm", "seeds", record.metric, "difference", "95 % interval", "verdict", "val_macro_f1", "time")
    return [
        f"{record.name}: {record.guess}",
        f"baseline {record.start}; {data_of(record)}",
        *aligned([header, *map(_row, arms)], numbers=(1, 2, 3, 4, 6, 7)),
        *(f"failed: {arm} · seed {seed}: {reason}" for arm, seed, reason in record.failed),
        *remarks(record, arms),
    ]


def data_of(record: StudyRecord) -> str:
    """The data behind the scores of a study, in one line."""
    if record.design == COMPARISON:
        return "validation part, by the target and the split of each arm"
    first = min(record.results, key=lambda result: bool(result.settings))
    return data_line(record.baseline, record.structures, first.training_structures, len(first.predicted))


def remarks(record: StudyRecord, arms: list[ArmEffect]) -> list[str]:
    """What must be known to read the verdicts of a study, one line each."""
    if not any(arm.verdict.endswith(ONE_SEED) for arm in arms):
        return []
    scatter = "One seed an arm: the intervals leave out the scatter between trainings."
    return [f"{scatter} `seeds: [0, 1, 2]` in studies/{record.name}.yaml runs two more of each."]


def _row(arm: ArmEffect) -> tuple[str, ...]:
    difference = "" if arm.difference is None or arm.is_baseline else f"{arm.difference:+.4f}"
    ends = "" if arm.effect is None else interval(arm.effect.low, arm.effect.high, "+.3f")
    scores = (f"{arm.score:.4f}", difference, ends, arm.verdict, f"{arm.mean('val_macro_f1'):.4f}")
    return (arm.name, str(len(arm.trials)), *scores, duration(arm.seconds))


def _arm(arm: ArmEffect, metric: str) -> dict[str, Any]:
    first, effect = arm.trials[0], arm.effect
    return {
        "arm": arm.name,
        "settings": dict(arm.settings),
        "seeds": sorted(trial.seed for trial in arm.trials),
        "n": len(first.predicted),
        "training_structures": first.training_structures,
        **{score: round(arm.mean(score), 6) for score in dict.fromkeys((metric, *SCORES))},
        "difference": None if arm.difference is None else round(arm.difference, 6),
        "interval": None if effect is None else [round(effect.low, 6), round(effect.high, 6)],
        "verdict": arm.verdict,
        "seconds": round(arm.seconds, 1),
    }
