"""The baseline and the data that a study was begun with, which must stay the same while it goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xrdsym.common.formatting import setting
from xrdsym.config.params_file import typed_params
from xrdsym.config.schema import content_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xrdsym.studies.definition import Study

TABLES = ("structures.", "peaks.")
"""Parameters of these sections belong to the tables that are there; a study's file cannot give them."""
DEFAULT_TARGET = {"name": "crystal_system", "fewest": 1, "rare": "drop"}


def fixed_parameters(definition: Study) -> dict[str, Any]:
    """The parameters of the baseline that must not change after a study has begun: section to key to value."""
    sections = ("structures", "labels", "peaks", "split", "profile", "images", "train")
    content = {section: dict(definition.content[section]) for section in sections}
    content["train"].pop("seed")
    # a study from before there were effects can continue while all effects are off
    effects = {name: value for name, value in definition.content["effects"].items() if value}
    # a study from before there were other targets can continue with the default one
    target = {name: value for name, value in definition.content["target"].items() if value != DEFAULT_TARGET[name]}
    return content | ({"effects": effects} if effects else {}) | ({"target": target} if target else {})


def changes_message(name: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """The error message for a study whose baseline or data changed after it began; empty where neither changed.

    A study that an earlier version began goes on: parameters that it did not have yet take their defaults.

    Args:
        name: Name of the study.
        before: `baseline` (section to key to value) and `data` (table to SHA-256) at the study's begin.
        now: The same now.
    """
    begun, wanted = (_every_parameter(one["baseline"]) for one in (before, now))
    changed = {
        f"{section}.{key}": (begun[section][key], value)
        for section, values in wanted.items()
        for key, value in values.items()
        if begun[section][key] != value
    }
    lines = [f"  {parameter}: {old} → {new}" for parameter, (old, new) in changed.items()]
    tables = [table for table, digest in now["data"].items() if before["data"].get(table) != digest]
    lines += [f"  data/{table}: another table" for table in tables]
    if not lines:
        return ""
    if not tables and not any(parameter.startswith(TABLES) for parameter in changed):
        lines.append(restored_baseline(name, {parameter: old for parameter, (old, _) in changed.items()}))
    return (
        f"study {name} was begun with another baseline or other data:\n" + "\n".join(lines) + "\nCopy its file under "
        "another name, or give another --storage, to start a new study."
    )


def restored_baseline(name: str, settings: Mapping[str, Any]) -> str:
    """The line that says how a study goes on with the baseline it was begun with.

    Args:
        name: Name of the study.
        settings: Parameter to its value in that baseline.
    """
    values = ", ".join(setting(parameter, value).replace("=", ": ", 1) for parameter, value in settings.items())
    return (
        f"Study {name} keeps its results. To run more of its trials, give it the baseline it was begun with: "
        f"`set: {{{values}}}` in studies/{name}.yaml."
    )


def _every_parameter(baseline: Mapping[str, Any]) -> dict[str, Any]:
    params = typed_params({**baseline}, "the baseline")
    content = content_of(params)
    content["profile"] |= {"step": params.profile.resolved_step, "points": None}
    return content
