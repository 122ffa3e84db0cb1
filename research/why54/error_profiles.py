"""The section on the paper's error_profile: who answers as the paper did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from research.why54.verdict import FARTHEST, NEAR, paper_error_profile
from research.why54.words import arm_text, counted, listed
from xrdsym.common.formatting import percent
from xrdsym.crystal.symmetry import CRYSTAL_SYSTEMS
from xrdsym.reporting.document import Block, Heading, Table, Text
from xrdsym.reporting.paper import PAPER_ACCURACY

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from research.why54.findings import Arm, Findings
    from research.why54.verdict import ErrorProfile

NEAREST = 5
"""Arms beside the paper's table."""


def error_profile_section(everything: Sequence[Findings], ends: tuple[Findings, Arm, Arm] | None) -> list[Block]:
    """The paper's fingerprint beside the configurations that come nearest to it, and beside before and after."""
    arms = _validated(everything)
    if not arms:
        return []
    # an arm that stands in several studies is the same trial
    once = {(arm.name, arm.error_profile.distance): (found, arm) for found, arm in arms}
    nearest = sorted(once.values(), key=lambda entry: entry[1].error_profile.distance)[:NEAREST]
    chosen_rows = [(ends[0], arm) for arm in ends[1:]] if ends else []
    chosen_rows += [entry for entry in nearest if all(entry[1] is not arm for _, arm in chosen_rows)]
    occurrence = chosen_rows[0][1].error_profile.occurrence
    rows = [
        ("occur among the materials", "", "", *_percent(occurrence)),
        ("**the paper**: answers", f"{PAPER_ACCURACY:.2f}", "0", *_percent(paper_error_profile(occurrence).shares)),
    ]
    rows += [_error_profile_row(found, arm) for found, arm in chosen_rows]
    header = ("share of the answers", "accuracy", "distance", *CRYSTAL_SYSTEMS)
    error_profiles = [("the paper", paper_error_profile(occurrence))]
    error_profiles += [(_where(found, arm), arm.error_profile) for found, arm in chosen_rows]
    return [
        Heading(2, "The paper's fingerprint"),
        Text(
            "The shares of the paper's answers follow from its recalls and precisions and the shares of the systems "
            "here. The distance is the total variation between those shares and a model's (0 the same, 1 nothing in "
            f"common); up to {FARTHEST:.2f} counts as the paper's if, besides, triclinic is answered less than half as "
            "often as it occurs and more than half of that is right. Shown are the configurations that come nearest, "
            "of whatever accuracy, and the two ends."
        ),
        Table(header, tuple(rows)),
        Text("Recall / precision in per cent:"),
        _per_system(error_profiles),
        Text(nearest_in_words(everything)),
    ]


def nearest_in_words(everything: Sequence[Findings]) -> str:
    """Which configurations come out as the paper did."""
    arms = _validated(everything)
    alike = [
        f"{arm_text(arm.name)} of `{found.facts.name}`"
        for found, arm in arms
        if arm.error_profile.near and arm.error_profile.marked
    ]
    if alike:
        return f"As the paper in accuracy (within {100 * NEAR:.0f} points) and in fingerprint: {listed(alike)}."
    near = [(found, arm) for found, arm in arms if arm.error_profile.near]
    marked = [(found, arm) for found, arm in arms if arm.error_profile.marked]
    texts = ["No configuration is as the paper in accuracy and in fingerprint together."]
    for chosen, what in ((near, f"within {100 * NEAR:.0f} points of its accuracy"), (marked, "with its fingerprint")):
        if chosen:
            found, arm = min(chosen, key=lambda entry: entry[1].error_profile.distance)
            is_are = "is" if len(chosen) == 1 else "are"
            texts.append(
                f"{counted(len(chosen), 'configuration')} {is_are} {what}; {_where(found, arm)} comes nearest: "
                f"accuracy {arm.error_profile.accuracy:.3f}, distance {arm.error_profile.distance:.2f}."
            )
        else:
            texts.append(f"None is {what}.")
    return " ".join(texts)


def _error_profile_row(found: Findings, arm: Arm) -> tuple[str, ...]:
    marks = arm.error_profile
    return (_where(found, arm), f"{marks.accuracy:.3f}", f"{marks.distance:.2f}", *_percent(marks.shares))


def _where(found: Findings, arm: Arm) -> str:
    return f"`{found.facts.name}`: {arm_text(arm.name)}"


def _per_system(profiles: Sequence[tuple[str, ErrorProfile]]) -> Table:
    rows = [
        (name, *(f"{100 * r:.0f} / {100 * p:.0f}" for r, p in zip(marks.recall, marks.precision, strict=True)))
        for name, marks in profiles
    ]
    return Table(("recall / precision", *CRYSTAL_SYSTEMS), tuple(rows))


def _percent(shares: NDArray[np.float64]) -> list[str]:
    return [percent(share) for share in shares]


def _validated(everything: Sequence[Findings]) -> list[tuple[Findings, Arm]]:
    """Every arm, evaluated on the validation part as the paper's was."""
    return [(found, arm) for found in everything if found.facts.part == "validation" for arm in found.all_arms]
