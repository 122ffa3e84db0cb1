"""Finished studies → why the paper got 54 %: `docs/why-54.md` with its figures, and the same as one HTML page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from research.why54 import figures as pictures
from research.why54.error_profiles import error_profile_section
from research.why54.findings import (
    Findings,
    StudyFacts,
    all_findings,
    before_and_after,
    compared_systems,
    is_learning_curve,
)
from research.why54.near_duplicates import near_duplicates_section
from research.why54.rules import rules
from research.why54.sections import (
    ANSWER,
    costs_section,
    guess_section,
    limits_section,
    picture,
    steps_section,
    study_section,
    systems_section,
)
from research.why54.summary import short_answer, summary_table
from research.why54.words import arm_parameters
from xrdsym.common.files import write_text
from xrdsym.reporting.document import Block, Code, Heading, Text, html, markdown
from xrdsym.reporting.paper import PAPER_ACCURACY, PAPER_CONTEXT
from xrdsym.studies.results import BASELINE

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from matplotlib.figure import Figure

    from xrdsym.studies.results import TrialResult

__all__ = ["StudyFacts", "document", "figures_of", "write_answer"]

NAME = "why-54"
IMAGES = f"images/{NAME}"
BATCHNORM = "train.batchnorm"
PANELS = 8
"""Maximum number of arms whose training is drawn."""
TITLES = {
    "readings": "The paper's configuration, as it was run here",
    "confirmation": "Confirmation with several seeds",
    "full": "On the whole set",
}


def write_answer(
    studies: Sequence[tuple[StudyFacts, Sequence[TrialResult]]],
    near_duplicates: Mapping[str, Any] | None,
    folder: Path,
    report: Path,
) -> list[Path]:
    """Write the answer: Markdown, its figures, and the page for the report.

    Args:
        studies: What is known of each study, and its finished trials; without any it is named as not run.
        near_duplicates: What `near_duplicates.measure` returned.
        folder: Where `why-54.md` goes; its figures go to `images/why-54` below it.
        report: The HTML page.

    Returns:
        The files, the document and the page first.

    Raises:
        XrdsymError: The disk is full.
    """
    from xrdsym.reporting.figure_style import save_figure

    everything = all_findings(studies)
    figures = figures_of(everything)
    drawn = {name: save_figure(figure, folder / IMAGES / f"{name}.svg") for name, figure in figures.items()}
    blocks = document(everything, near_duplicates, figures)
    write_text(folder / f"{NAME}.md", markdown(blocks, IMAGES))
    write_text(report, html(blocks, {name: path.read_bytes() for name, path in drawn.items()}))
    return [folder / f"{NAME}.md", report, *drawn.values()]


def document(
    everything: Sequence[Findings], near_duplicates: Mapping[str, Any] | None, figures: Collection[str]
) -> list[Block]:
    """The answer as blocks.

    Args:
        everything: All studies, taken apart, in the order of the sections.
        near_duplicates: What `near_duplicates.measure` returned.
        figures: Names of the figures that there are.
    """
    ends = before_and_after(everything)
    guesses = [found for found in everything if found.is_guess]
    blocks: list[Block] = [Heading(1, "Why 54 %?"), *short_answer(everything, ends), summary_table(everything)]
    paper = f"T{PAPER_CONTEXT[1:]}"
    blocks.append(Text(f"Written by `{ANSWER}` from the finished trials. {paper}: {PAPER_ACCURACY}."))
    blocks += rules()
    if "forest" in figures:
        blocks += picture("forest", "xrdsym study run NAME")
    for role in ("readings", "full", "confirmation"):
        for found in everything:
            if found.facts.role == role and found.facts.design not in {"steps", "search"}:
                part = "" if found.facts.part == "validation" else f", {found.facts.part} part"
                blocks += study_section(found, TITLES[role] + part, figures)
        if role == "readings":
            blocks += error_profile_section(everything, ends)
    for found in everything:
        if found.facts.design == "steps":
            blocks += steps_section(found, step_labels(found), figures)
        elif found.facts.design == "search":
            blocks += study_section(found, "All factors together", figures)
    blocks.append(Heading(2, "Guess by guess"))
    for found in guesses:
        blocks += guess_section(found, figures)
    blocks += systems_section(compared_systems(everything), figures)
    blocks += near_duplicates_section(near_duplicates)
    blocks += costs_section(everything)
    blocks += limits_section(everything)
    return [*blocks, *(_again(everything) if everything else [])]


def _again(everything: Sequence[Findings]) -> list[Block]:
    """The commands that lead here, for the storage that the studies are in."""
    facts = everything[0].facts
    storage = facts.command.partition(" --storage ")[2].partition(" ")[0]
    option = f" --storage {storage}" if storage else ""
    run = facts.command.replace(f"run {facts.name}", "run NAME")
    return [Heading(2, "Again"), Code(f"xrdsym study list{option}\n{run}\n{ANSWER}{option}")]


def figures_of(everything: Sequence[Findings]) -> dict[str, Figure]:
    """The figures that these findings allow, by name."""
    compared = [found for found in everything if found.is_compared and found.facts.part == "validation"]
    figures: dict[str, Figure] = {}
    # runs on far more structures would dwarf what the small protocol shows
    small = [found for found in compared if found.facts.role in {"guess", "confirmation"}]
    effects = [found for found in small if found.facts.design != "steps"]
    if effects:
        figures["forest"] = pictures.forest(effects)
    for found in compared:
        if found.facts.design == "steps":
            figures["waterfall"] = pictures.waterfall(found, step_labels(found))
        if is_learning_curve(found):
            figures[f"learning_curve_{found.facts.name}"] = pictures.learning_curve(found)
        trained = [arm for arm in found.all_arms if arm.runs[0].history]
        varied = any(name.startswith(BATCHNORM) for arm in found.arms for name in arm.settings)
        if trained and varied and found.facts.design != "steps":
            figures[f"epochs_{found.facts.name}"] = pictures.epochs(found, trained[:PANELS])
    sides = compared_systems(everything)
    if sides:
        before, after = sides[1], sides[3]
        figures |= {"recalls": pictures.recalls(before, after), "confusions": pictures.confusions(before, after)}
    return figures


def step_labels(found: Findings) -> list[str]:
    """What each step adds to the one before it, the baseline first."""
    labels = []
    before: Mapping[str, Any] = {}
    for arm in found.all_arms:
        added = {name: value for name, value in arm.settings.items() if before.get(name, arm) != value}
        labels.append(arm_parameters(added) if before or arm.settings else BASELINE)
        before = arm.settings
    return labels
