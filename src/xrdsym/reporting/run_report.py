"""The report of a run: one HTML file that opens offline and loads nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from xrdsym.common.formatting import flat, in_words
from xrdsym.crystal.targets.classes import CRYSTAL_SYSTEM
from xrdsym.evaluation.confusions import MANY_CLASSES, most_frequent
from xrdsym.reporting.evaluation_figures import mistake_name
from xrdsym.reporting.pages import template_environment
from xrdsym.reporting.paper import PAPER_ACCURACY, PAPER_CONTEXT, PAPER_TABLE, paper_macro_f1

CAPTIONS = {
    "classes": "Structures of each class, stacked by part, and the share of each class in each part.",
    "confusion_counts": "Confusion matrix as counts; the colours show the shares of each row.",
    "confusion_shares": "Confusion matrix as shares of each row.",
    "per_class": "Precision, recall and F1 of each class; of crystal systems beside those of the paper.",
    "training": "Loss and accuracy by epoch, of the training and of the validation part.",
}
"""Caption of each figure of `evaluation_figures` that a run has once, by the name of its file."""
PATTERN_CAPTION = (
    "The pattern, with a mark below each peak. For a model that reads images: the image as the model reads it, and its "
    "contrast, which is the distance of each pixel's colour from that of the background as a square root, dark where "
    "it is large. The degrees say where columns or rows of the image begin."
)
TITLES = {
    "result": "Result",
    "confusions": "Confusions",
    "classes": "Classes",
    "mistakes": "Mistakes",
    "training": "Training",
    "data": "Data",
    "parameters": "Parameters",
    "provenance": "Provenance",
    "next": "Next steps",
    "why": "Why 54 %?",
}
"""The sections in their order."""


@dataclass(frozen=True)
class Report:
    """Content of the report; a section without content is left out.

    Attributes:
        model: Name of the model.
        written: Time of writing, for people.
        facts: Further lines of the head: name to text.
        provenance: What the results were made with: name to text.
        context: Data behind the scores (`evaluation.metrics.score_context`).
        scores: As returned by `evaluation.metrics.evaluate`.
        stages: Stage to its counts, `count` and `skipped` (reason to count).
        parts: Part to the number of structures of each class.
        shared_with_training: Key to the share of the test part whose key also occurs in the training part.
        parameters: Section to parameters, as nested mappings.
        training: Facts of the training, name to value.
        figures: Name of a figure of `evaluation_figures` to the bytes of its SVG file.
        confusions: As returned by `evaluation.confusions.worst_confusions`.
        mistakes: Wrong predictions, each with the attributes of `scoring.mistakes.Mistake`.
        commands: Next steps: purpose to command.
        answer: File name of the page with the answer of the finished studies, if there is one.
    """

    model: str
    written: str
    facts: dict[str, str] = field(default_factory=dict)
    provenance: dict[str, str] = field(default_factory=dict)
    context: str = ""
    scores: dict[str, Any] | None = None
    stages: dict[str, dict[str, Any]] = field(default_factory=dict)
    parts: dict[str, dict[str, int]] = field(default_factory=dict)
    shared_with_training: dict[str, float] = field(default_factory=dict)
    parameters: dict[str, dict[str, Any]] = field(default_factory=dict)
    training: dict[str, Any] = field(default_factory=dict)
    figures: dict[str, bytes] = field(default_factory=dict)
    confusions: list[dict[str, Any]] = field(default_factory=list)
    mistakes: list[dict[str, Any]] = field(default_factory=list)
    answer: str = ""
    commands: dict[str, str] = field(default_factory=dict)


def render_report(report: Report) -> str:
    """The report as one HTML document with all pictures in it; every text is escaped."""
    environment = template_environment()
    environment.filters["flat"] = flat
    scores = report.scores or {}
    target = scores.get("target", CRYSTAL_SYSTEM)
    captions = {**CAPTIONS, "pattern": PATTERN_CAPTION, "mistake": PATTERN_CAPTION}
    return environment.get_template("report.html").render(
        title=f"{report.model}: report",
        report=report,
        contents={name: title for name, title in TITLES.items() if name in _sections(report)},
        figures={name: report.figures.get(name) for name in captions},
        captions=captions,
        mistake_figures=[report.figures.get(mistake_name(place)) for place in range(len(report.mistakes))],
        target=in_words(target),
        per_class=_frequent(scores),
        paper={name: score._asdict() for name, score in PAPER_TABLE.items()} if target == CRYSTAL_SYSTEM else {},
        paper_accuracy=PAPER_ACCURACY,
        paper_macro_f1=paper_macro_f1(),
        paper_context=PAPER_CONTEXT,
    )


def _sections(report: Report) -> set[str]:
    """The sections that have content."""
    figures = report.figures
    content = {
        "result": report.scores,
        "confusions": report.confusions or "confusion_counts" in figures or "confusion_shares" in figures,
        "classes": report.scores,
        "mistakes": report.mistakes,
        "training": report.training or "training" in figures,
        "data": report.parts or report.stages or "classes" in figures or "pattern" in figures,
        "parameters": report.parameters,
        "provenance": report.provenance,
        "next": report.commands,
        "why": report.answer,
    }
    return {name for name, found in content.items() if found}


def _frequent(scores: dict[str, Any]) -> dict[str, Any]:
    """Rows of the table of classes: all, or the `MANY_CLASSES` most frequent."""
    rows: dict[str, Any] = scores.get("per_class", {})
    if len(rows) <= MANY_CLASSES:
        return rows
    frequent = [scores["classes"][place] for place in most_frequent(np.asarray(scores["confusion_matrix"]))]
    return {name: rows[name] for name in frequent}
