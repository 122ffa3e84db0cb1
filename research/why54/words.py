"""Numbers of findings for a text, and the tables that several sections share."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from xrdsym.common.formatting import percent_interval, setting, with_interval
from xrdsym.reporting.document import Table
from xrdsym.studies.results import BASELINE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from research.why54.findings import Arm, Findings
    from xrdsym.studies.effect_sizes import Estimate

MOST_CHANGES = 4
"""Changes of an arm that a label names; more are counted."""
_LONG_NUMBER = re.compile(r"\d+\.\d{5,}")
EFFECT_HEADER = (
    "arm",
    "accuracy",
    "effect on accuracy",
    "on macro F1",
    "n",
    "seeds",
    "p (Holm)",
    "visible from",
    "verdict",
)


def arm_parameters(settings: Mapping[str, Any]) -> str:
    """The name of an arm here: its parameters as a command takes them, `train.loss=focal, profile.sigma=2.0`.

    Studies show shorter ones, which do not say where a parameter is set.
    """
    return ", ".join(setting(name, value) for name, value in settings.items()) or BASELINE


def arm_text(name: str) -> str:
    """The name of an arm as a text has it: its changes, or how many they are where they would fill the line."""
    changes = name.count(", ") + 1
    return f"{changes} changes together" if changes > MOST_CHANGES else named(name)


def named(name: str) -> str:
    """The name of an arm, all its changes, numbers to four digits."""
    return f"`{rounded(name)}`"


def rounded(text: str) -> str:
    """Numbers with many decimals to four digits: what they are exactly stands in the study's file."""
    return _LONG_NUMBER.sub(lambda found: f"{float(found[0]):.4g}", text)


def number(value: float, decimals: int = 1) -> str:
    """A signed number with a real minus."""
    text = f"{value:+.{decimals}f}".replace("-", "−")
    return text[1:] if float(f"{value:.{decimals}f}") == 0 else text


def points(effect: Estimate) -> str:
    """An effect in points with its interval: `+3.2 (1.1 to 5.3)`."""
    ends = percent_interval(effect.low, effect.high).replace("-", "−")
    return f"{number(100 * effect.value)} ({ends})"


def scored(score: Estimate) -> str:
    """A score with its interval: `0.660 (0.649 to 0.671)`."""
    return with_interval(score.value, max(score.low, 0), min(score.high, 1))


def probability(p: float) -> str:
    """A p-value."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def listed(items: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def counted(count: int, noun: str) -> str:
    """`1 seed`, `3 seeds`."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def span(values: Sequence[int]) -> str:
    """`8,799`, or `880 to 8,799` where they differ."""
    low, high = min(values), max(values)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def context(found: Findings) -> str:
    """What the scores of a study hold for, in a line."""
    arms = found.all_arms
    trained, n = span([arm.trained for arm in arms]), span([arm.score.n for arm in arms])
    seeds = span([arm.score.seeds for arm in arms])
    return f"{found.facts.protocol}; {trained} training structures, n = {n}, seeds an arm: {seeds}"


def effect_table(found: Findings) -> Table:
    """Every arm of a study with its scores, its effect and its verdict, the baseline first."""
    rows = [_effect_row(arm) for arm in found.all_arms]
    return Table(EFFECT_HEADER, tuple(rows), texts=("verdict",))


def _effect_row(arm: Arm) -> tuple[str, ...]:
    start = (arm_text(arm.name), scored(arm.score.accuracy))
    if arm.effect is None:
        return (*start, "", "", f"{arm.score.n:,}", str(arm.score.seeds), "", "", "")
    effect = arm.effect
    mark = "" if effect.paired else " (unpaired)"
    return (
        *start,
        points(effect.accuracy) + mark,
        points(effect.macro_f1),
        f"{effect.n:,}",
        str(effect.seeds),
        probability(arm.p),
        f"{100 * effect.accuracy.visible:.1f}",
        arm.verdict,
    )
