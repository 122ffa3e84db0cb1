"""One HTML file that tells a whole run and opens offline: nothing in it is loaded from anywhere."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any

import jinja2
import numpy as np
from markupsafe import Markup

from xrdsym.crystal.targets.classes import CRYSTAL_SYSTEM
from xrdsym.evaluation.confusions import MANY_CLASSES, most_frequent
from xrdsym.reporting.paper import PAPER_ACCURACY, PAPER_CONTEXT, PAPER_TABLE, paper_macro_f1

CAPTIONS = {
    "classes": "Structures of each class, stacked by part, and the share of each class in each part.",
    "pattern": "An example pattern as a curve, and as the image where the network sees one.",
    "confusion_counts": "Confusion matrix as counts; the colours show the shares of each row.",
    "confusion_shares": "Confusion matrix as shares of each row.",
    "per_class": "Precision, recall and F1 of each class, of crystal systems beside the paper's.",
    "training": "Loss and accuracy by epoch, of the training and of the validation part.",
    "confused": "The most certain mistakes of the most frequent confusions, with what the network saw.",
}
"""What each figure of `evaluation_figures.evaluation_figures` shows, by the name of its file."""

LONGEST_SEQUENCE = 12
"""Entries of a list that are spelled out."""


@dataclass(frozen=True)
class Report:
    """What the report tells; whatever is empty or None has no section.

    Attributes:
        model: Name of the model.
        written: When the report was written, for people.
        facts: Further lines of the head: name to text.
        context: What the scores hold for (`metrics.score_context`).
        scores: What `metrics.evaluate` returned.
        stages: Stage to its counts, `count` and `skipped` (reason to count).
        parts: Part to the number of structures of each class.
        shared_with_training: Key to the share of the test part whose key also occurs in the training part.
        parameters: Section to parameters, as nested mappings.
        training: What happened in training, name to value.
        figures: Name of a figure, of `CAPTIONS`, to the bytes of its PNG file.
        confusions: What `confusions.worst_confusions` returned.
        commands: How to go on: what a command does to the command.
        answer: The page beside the report that the finished studies gave, if any.
    """

    model: str
    written: str
    facts: dict[str, str] = field(default_factory=dict)
    context: str = ""
    scores: dict[str, Any] | None = None
    stages: dict[str, dict[str, Any]] = field(default_factory=dict)
    parts: dict[str, dict[str, int]] = field(default_factory=dict)
    shared_with_training: dict[str, float] = field(default_factory=dict)
    parameters: dict[str, dict[str, Any]] = field(default_factory=dict)
    training: dict[str, Any] = field(default_factory=dict)
    figures: dict[str, bytes] = field(default_factory=dict)
    confusions: list[dict[str, Any]] = field(default_factory=list)
    answer: str = ""
    commands: dict[str, str] = field(default_factory=dict)


def template_environment() -> jinja2.Environment:
    """Where the templates of pages are; every text in them is escaped, and what is missing is an error."""
    return jinja2.Environment(
        loader=jinja2.PackageLoader("xrdsym.reporting"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render_report(report: Report) -> str:
    """The report as one HTML document; every text in it is escaped, every picture is inside."""
    environment = template_environment()
    environment.filters |= {"words": words, "shown": shown, "flat": flat}
    scores = report.scores or {}
    target = scores.get("target", CRYSTAL_SYSTEM)
    return environment.get_template("report.html").render(
        report=report,
        figures={name: _figure(name, report.figures.get(name)) for name in CAPTIONS},
        target=words(target),
        per_class=_frequent(scores),
        paper={name: score._asdict() for name, score in PAPER_TABLE.items()} if target == CRYSTAL_SYSTEM else {},
        paper_accuracy=PAPER_ACCURACY,
        paper_macro_f1=paper_macro_f1(),
        paper_context=PAPER_CONTEXT,
    )


def _frequent(scores: dict[str, Any]) -> dict[str, Any]:
    """The rows of the table of the classes: of more than `confusions.MANY_CLASSES` the most frequent."""
    rows: dict[str, Any] = scores.get("per_class", {})
    if len(rows) <= MANY_CLASSES:
        return rows
    frequent = [scores["classes"][place] for place in most_frequent(np.asarray(scores["confusion_matrix"]))]
    return {name: rows[name] for name in frequent}


def words(name: str) -> str:
    """A snake_case or dotted name in words."""
    return name.replace("_", " ").replace(".", ", ")


def shown(value: object) -> str:
    """A value as people read it: null, true and false, thousands with commas, at most four significant decimals."""
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
        return ", ".join(shown(entry) for entry in value[:LONGEST_SEQUENCE]) + rest
    return str(value)


def flat(values: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested mappings as one, with names joined by dots."""
    joined: dict[str, Any] = {}
    for name, value in values.items():
        joined |= flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": value}
    return joined


def _figure(name: str, content: bytes | None) -> Markup:
    if content is None:
        return Markup()
    source = base64.b64encode(content).decode("ascii")
    return Markup('<figure><img src="data:image/png;base64,{}" alt="{}"><figcaption>{}</figcaption></figure>').format(
        source, CAPTIONS[name], CAPTIONS[name]
    )
