"""Names, values, shares and intervals as people read them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_SEQUENCE = 12
"""Entries of a list that are spelled out."""


def in_words(name: str) -> str:
    """A snake_case or dotted name in words: `space_group` → `space group`."""
    return name.replace("_", " ").replace(".", ", ")


def format_value(value: object) -> str:
    """A value for a table: null, true and false, thousands with commas, at most four significant digits."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) < 1000 else f"{value:,.0f}"
    if isinstance(value, list | tuple):
        rest = f", … ({len(value)})" if len(value) > LONGEST_SEQUENCE else ""
        return ", ".join(format_value(entry) for entry in value[:LONGEST_SEQUENCE]) + rest
    return str(value)


def setting(name: str, value: object) -> str:
    """A parameter with its value, as `--set` of the command line reads it: `profile.sigma=2.0`."""
    return f"{name}={value if isinstance(value, str) else json.dumps(value)}"


def percent(share: float, decimals: int = 1) -> str:
    """A share of 1 in per cent: `95.5 %`."""
    return f"{100 * share:.{decimals}f} %"


def interval(low: float, high: float, spec: str = ".3f") -> str:
    """The ends of an interval: `0.951 to 0.959`.

    Args:
        low: Lower end.
        high: Upper end.
        spec: Format of a number, as for `format`.
    """
    return f"{low:{spec}} to {high:{spec}}"


def with_interval(value: float, low: float, high: float) -> str:
    """A score with its interval: `0.955 (0.951 to 0.959)`."""
    return f"{value:.3f} ({interval(low, high)})"


def percent_interval(low: float, high: float) -> str:
    """The ends of an interval of shares in per cent, without the sign: `95.1 to 95.9`."""
    return interval(100 * low, 100 * high, ".1f")


def percent_with_interval(share: float, low: float, high: float) -> str:
    """A share with its interval in per cent: `95.5 % (95.1 to 95.9)`."""
    return f"{percent(share)} ({percent_interval(low, high)})"


def flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested mappings as one, with names joined by dots."""
    joined: dict[str, Any] = {}
    for name, value in values.items():
        joined |= flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": value}
    return joined
