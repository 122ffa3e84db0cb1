"""Parameters with another name than in an earlier version; files that use the old names keep working."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

RENAMED = {"effects.judged": "effects.in_evaluation"}
"""Old name to new name; the section stays."""


def with_new_names(content: Mapping[str, Any]) -> dict[str, Any]:
    """Sections of parameters under the names of today.

    A key that stands beside its new name stays as it is: it is reported as unknown.
    """
    renamed = dict(content)
    for before, after in RENAMED.items():
        section, _, old = before.partition(".")
        new, values = after.partition(".")[2], renamed.get(section)
        if isinstance(values, dict) and old in values and new not in values:
            renamed[section] = {new if key == old else key: value for key, value in values.items()}
    return renamed


def with_new_dotted_names(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The same of settings by their dotted names: `{"effects.judged": True}`."""
    return {RENAMED.get(str(name), name): value for name, value in settings.items()}
