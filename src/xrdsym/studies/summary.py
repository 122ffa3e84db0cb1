"""The results of one study: as JSON values, and as a table for the terminal."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np

from xrdsym.common.progress import duration
from xrdsym.common.tables import aligned
from xrdsym.crystal.targets.classes import CRYSTAL_SYSTEM
from xrdsym.studies.definition import COMPARISON
from xrdsym.studies.results import BASELINE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xrdsym.studies.record import StudyRecord
    from xrdsym.studies.results import TrialResult


def summary(record: StudyRecord) -> dict[str, Any]:
    """Arms and their scores as JSON values, the baseline first, the others by their score.

    Args:
        record: The study, with a finished trial or more.
    """
    arms = [_arm(record, name, results) for name, results in _by_arm(record).items()]
    baseline = next((arm[record.metric] for arm in arms if arm["arm"] == BASELINE), None)
    for arm in arms:
        arm["difference"] = None if baseline is None else round(arm[record.metric] - baseline, 6)
    arms.sort(key=lambda arm: (arm["arm"] != BASELINE, -arm[record.metric]))
    return {
        "name": record.name,
        "guess": record.guess,
        "start": record.start,
        "design": record.design,
        "metric": record.metric,
        "trials": dict(record.counts),
        "arms": arms,
        "failed": [{"arm": arm, "seed": seed, "reason": reason} for arm, seed, reason in record.failed],
    }


def summary_lines(record: StudyRecord) -> list[str]:
    """`summary` as lines of text."""
    facts = summary(record)
    header = ("arm", "seeds", record.metric, "difference", "val_macro_f1", "time")
    rows = [_row(arm, record.metric) for arm in facts["arms"]]
    return [
        f"{record.name}: {record.guess}",
        f"baseline {record.start}; validation part, {_context(record, facts['arms'][0])}",
        *aligned([header, *rows], numbers=range(1, len(header))),
        *(f"failed: {arm}, seed {seed}: {reason}" for arm, seed, reason in record.failed),
    ]


def _row(arm: Mapping[str, Any], metric: str) -> tuple[str, ...]:
    difference = "" if arm["difference"] is None or arm["arm"] == BASELINE else f"{arm['difference']:+.4f}"
    scores = (f"{arm[metric]:.4f}", difference, f"{arm['val_macro_f1']:.4f}")
    return (arm["arm"], str(len(arm["seeds"])), *scores, duration(arm["seconds"]))


def _context(record: StudyRecord, first: Mapping[str, Any]) -> str:
    if record.design == COMPARISON:
        return "by the target and the split of each arm"
    return f"n = {first['n']:,}, {first['training_structures']:,} training structures, {_classes(record)}"


def _classes(record: StudyRecord) -> str:
    target = record.baseline.get("target", {}).get("name", CRYSTAL_SYSTEM)
    return "7 classes" if target == CRYSTAL_SYSTEM else f"classes of {target}"


def best_arm(record: StudyRecord) -> dict[str, Any]:
    """Every varied parameter with its value in the arm with the best mean; on a tie, in the baseline."""
    results = _by_arm(record)
    best = max(results.values(), key=lambda trials: (_mean(trials, record.metric), trials[0].arm == BASELINE))[0]
    names = dict.fromkeys(name for trials in results.values() for trial in trials for name in trial.settings)
    values = {}
    for name in names:
        section, _, key = name.partition(".")
        values[name] = best.settings.get(name, record.baseline[section][key])
    return values


def _by_arm(record: StudyRecord) -> dict[str, list[TrialResult]]:
    arms: defaultdict[str, list[TrialResult]] = defaultdict(list)
    for result in record.results:
        arms[result.arm].append(result)
    return arms


def _arm(record: StudyRecord, name: str, results: list[TrialResult]) -> dict[str, Any]:
    scores = dict.fromkeys((record.metric, "val_accuracy", "val_macro_f1"))
    return {
        "arm": name,
        "settings": dict(results[0].settings),
        "seeds": sorted(result.seed for result in results),
        "n": len(results[0].predicted),
        "training_structures": results[0].training_structures,
        **{score: round(_mean(results, score), 6) for score in scores},
        "seconds": round(sum(result.seconds for result in results), 1),
    }


def _mean(results: list[TrialResult], score: str) -> float:
    return float(np.mean([result.metrics[score] for result in results]))
