"""Parameters with their values in a few letters, as the names of arms and runs: `σ=3`, `colormap=gray`."""

from __future__ import annotations

import json

SHORT_NAMES = {
    "profile.sigma": "σ",
    "split.by": "split",
    "target.name": "target",
    "split.seed": "split.seed",
    "peaks.two_theta_max": "peaks.two_theta_max",
    "structures.prototypes.seed": "prototypes.seed",
}
"""Names that are not the last part of the dotted name, since that says too little or belongs to another one, too."""
MOST_DECIMALS = 4
"""A number with more decimals than this is rounded to as many significant digits."""


def short_name(name: str) -> str:
    """The short name of a parameter: `images.colormap` → `colormap`."""
    return SHORT_NAMES.get(name, name.rpartition(".")[2])


def short_setting(name: str, value: object) -> str:
    """A parameter with its value for people; `common.formatting.setting` is the one for a command line.

    Args:
        name: The dotted name.
        value: The value as YAML gives it.
    """
    return f"{short_name(name)}={_short_value(value)}"


def _short_value(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_short_value, value))}]"
    if isinstance(value, float) and value.is_integer():
        return f"{value:.0f}"
    text = json.dumps(value)
    if isinstance(value, float) and len(text.partition(".")[2]) > MOST_DECIMALS:
        return f"{value:.{MOST_DECIMALS}g}"
    return text
