"""A study as a file: what it varies, from which baseline, with which seeds and within which time.

`studies/<name>.yaml` names parameters by their names in `params.yaml`, so that any of them can be probed:

    guess: the classes are unequally large      # what it is about, in a line
    start: screening                            # the preset that the baseline has; null: params.yaml as it stands
    set: {train.epochs: 2}                      # changes that all trials share, the baseline too
    design: each                                # each, grid, steps, search or comparison
    vary: {train.class_weight: [balanced]}      # parameter: its values
    arms: [{train.loss: focal, train.oversample: true}]
    seeds: [0]
    budget_minutes: 60
    looks: 275                                  # optional: record the answers every so many steps within an epoch
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from xrdsym.common.checking import checked_dataclass
from xrdsym.common.suggestions import nearest
from xrdsym.config.renamed import with_new_dotted_names
from xrdsym.config.schema import Seed

if TYPE_CHECKING:
    from collections.abc import Mapping

Design = Literal["each", "grid", "steps", "search", "comparison"]
COMPARISON = "comparison"
"""The design whose trials are rows of a page: every one of `arms` with every combination of `vary`, and no baseline."""
SECTIONS = ("labels", "split", "profile", "images", "effects", "target", "train")
"""What a study may vary; the structures and their peaks are those of the tables that are there."""
FIXED = {"train.seed": "name seeds in `seeds`", "train.input": "take it out, trials always render from the peaks"}


@checked_dataclass
class StudyFile:
    """A study file; see the head of this module."""

    guess: str
    budget_minutes: float = Field(ge=0.1, le=1e6)
    start: str | None = None
    set: dict[str, Any] = Field(default_factory=dict)
    design: Design = "each"
    vary: dict[str, Any] = Field(default_factory=dict)
    arms: list[Any] = Field(default_factory=list)
    seeds: tuple[Seed, ...] = Field(default=(0,), min_length=1)
    metric: Literal["val_accuracy", "val_macro_f1"] = "val_accuracy"
    trials: int | None = Field(default=None, ge=1, le=1_000_000)
    test: bool = False
    looks: int | None = Field(default=None, ge=1, le=1_000_000)


def with_changes(file: StudyFile, changes: Mapping[str, Any]) -> StudyFile:
    """The file with the names of today, and with changes over those of its `set`."""
    arms = [with_new_dotted_names(arm) if isinstance(arm, dict) else arm for arm in file.arms]
    shared = with_new_dotted_names({**file.set, **changes})
    return replace(file, set=shared, vary=with_new_dotted_names(file.vary), arms=arms)


def unknown_names(file: StudyFile, baseline: Mapping[str, Any]) -> list[str]:
    """Parameters that do not exist, or that a study does not vary."""
    problems = []
    arms = [arm for arm in file.arms if isinstance(arm, dict)]
    problems += [f"arms: expected a mapping of parameters, received {arm!r}" for arm in file.arms if arm not in arms]
    known = [f"{section}.{key}" for section in SECTIONS for key in baseline[section]]
    for where, names in (("set", file.set), ("vary", file.vary), *(("arms", arm) for arm in arms)):
        for key in map(str, names):
            if key in FIXED:
                problems.append(f"{where}.{key}: {FIXED[key]}")
            elif key.partition(".")[0] in set(baseline) - set(SECTIONS):
                problems.append(
                    f"{where}.{key}: a study does not make structures or peaks again; set it in params.yaml and run "
                    f"`dvc repro`. It varies {', '.join(SECTIONS)}"
                )
            elif key.startswith("target.") and where != "set" and file.design != COMPARISON:
                problems.append(f"{where}.{key}: answers of two targets do not compare; put it into `set`")
            elif key not in known:
                problems.append(f"{where}.{key}: unknown parameter; {nearest(key, known)}")
    return problems + _design_problems(file)


def _design_problems(file: StudyFile) -> list[str]:
    """What the design lacks, or has no use for."""
    problems = []
    if {"profile.step", "profile.points"} <= set(file.vary):
        problems.append("vary.profile.points: profile.step is varied, too, and gives the points; vary one of the two")
    if not file.vary and not file.arms:
        problems.append("vary: nothing is varied; give a parameter and its values")
    if file.design == "steps" and file.vary:
        problems.append("vary: the design `steps` takes its changes in their order, from `arms`")
    if file.design == COMPARISON and not file.arms:
        problems.append("arms: a comparison needs what it compares, such as {train.model: boosted_trees}")
    if file.design == "grid" and file.arms:
        problems.append("arms: the design `grid` takes all combinations of `vary`")
    return problems


def search_problems(file: StudyFile) -> list[str]:
    """What a search lacks, or has no use for."""
    problems = []
    for key, value in file.vary.items():
        if isinstance(value, dict):
            if not {"low", "high"} <= set(value) <= {"low", "high", "log"} or not _numbers(value["low"], value["high"]):
                problems.append(f"vary.{key}: expected low, high and perhaps log, received {value!r}")
            elif value["low"] >= value["high"]:
                problems.append(f"vary.{key}: low {value['low']} is not below high {value['high']}")
        elif not isinstance(value, list) or not value:
            problems.append(f"vary.{key}: expected a list of values or low and high, received {value!r}")
    if file.trials is None:
        problems.append("trials: a search needs a number of trials")
    if file.arms:
        problems.append("arms: a search chooses its trials by itself")
    return problems


def _numbers(*values: object) -> bool:
    return all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
