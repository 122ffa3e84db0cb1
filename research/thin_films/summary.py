"""The scores of the protocol, one row a way of training and a method, and the table a person reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from research.thin_films.measured import CLASSES
from research.thin_films.protocol import METHODS, SCHEMES
from xrdsym.common.formatting import percent, percent_interval
from xrdsym.common.tables import markdown_table
from xrdsym.evaluation.metrics import evaluate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from research.thin_films.measured import Films
    from research.thin_films.protocol import Answers

BOOTSTRAP = 10_000
ENOUGH = 4
"""Films that a class needs to count in the macro recall; films of smaller classes are listed one by one."""
HEADER = ("films", "learnt from", "method", "accuracy", "films drawn", "series drawn", "of all films", "macro recall")


def summary(treated: Mapping[str, tuple[Films, Answers]], short: Mapping[str, str]) -> dict[str, Any]:
    """All scores, JSON-able.

    Args:
        treated: Treatment to the films after it, the same ones in each, and what was said of them.
        short: The films that do not cover the grid, which nothing but the majority can answer for: name to class.

    Returns:
        `films`, `all_films`, `classes` (class to number of whole films), `short`, `majority` (`class`, `accuracy`,
        `accuracy_of_all`) and `rows`; see `row`.
    """
    films = next(iter(treated.values()))[0]
    counts = np.bincount(films.labels, minlength=len(CLASSES))
    majority = CLASSES[int(counts.argmax())]
    everything = len(films.labels) + len(short)
    right_of_all = int(counts.max()) + sum(name == majority for name in short.values())
    return {
        "films": len(films.labels),
        "all_films": everything,
        "classes": dict(zip(CLASSES, counts.tolist(), strict=True)),
        "short": dict(short),
        "majority": {
            "class": majority,
            "accuracy": float(counts.max() / counts.sum()),
            "accuracy_of_all": right_of_all / everything,
        },
        "rows": [
            {"films": treatment, "learnt_from": scheme, "method": method}
            | row(own, len(short), answers.probabilities[scheme, method])
            for treatment, (own, answers) in treated.items()
            for scheme in SCHEMES
            for method in METHODS
        ],
    }


def row(films: Films, short: int, probabilities: NDArray[np.float32]) -> dict[str, Any]:
    """The scores of one method, pooled over the folds and seeds.

    Args:
        films: The films that were answered for.
        short: How many were not, which count as wrong in `accuracy_of_all`.
        probabilities: float32 (seeds, films, classes).

    Returns:
        `accuracy`, `accuracy_of_all`, `by_seed`, `interval` (95 %, films drawn with all their seeds), `series_interval`
        (whole series drawn), `macro_recall` (over classes with `ENOUGH` films), `recall` (class to share), `few` (film
        of a smaller class to its class and the answer of each seed), `confusion_matrix` (all seeds).
    """
    seeds, number, _ = probabilities.shape
    actual = np.tile(films.labels, seeds)
    flat = probabilities.reshape(seeds * number, -1)
    by_film, by_series = (
        evaluate(actual, flat, np.tile(groups, seeds), classes=CLASSES, bootstrap=BOOTSTRAP)
        for groups in (np.array(films.names), films.series)
    )
    answered = probabilities.argmax(axis=2)
    recall = {name: scores["recall"] for name, scores in by_film["per_class"].items() if scores["support"]}
    enough = [name for name in recall if by_film["per_class"][name]["support"] >= ENOUGH * seeds]
    few = {
        films.names[film]: {
            "class": CLASSES[films.labels[film]],
            "answers": [CLASSES[answer] for answer in answered[:, film]],
        }
        for film in range(number)
        if CLASSES[films.labels[film]] not in enough
    }
    return {
        "accuracy": by_film["accuracy"],
        "accuracy_of_all": by_film["accuracy"] * number / (number + short),
        "by_seed": (answered == films.labels).mean(axis=1).tolist(),
        "interval": by_film["intervals"]["accuracy"],
        "series_interval": by_series["intervals"]["accuracy"],
        "macro_recall": float(np.mean([recall[name] for name in enough])),
        "recall": recall,
        "few": few,
        "confusion_matrix": by_film["confusion_matrix"],
    }


def table(scores: Mapping[str, Any]) -> str:
    """The rows as a Markdown table, in percent, and below it the films of the smaller classes.

    Args:
        scores: What `summary` returned.
    """
    majority = scores["majority"]
    enough = sum(count >= ENOUGH for count in scores["classes"].values())
    lines = [
        (
            "",
            "nothing",
            f"always {majority['class']}",
            percent(majority["accuracy"]),
            "",
            "",
            percent(majority["accuracy_of_all"]),
            percent(1 / enough),
        )
    ]
    lines += [
        (
            one["films"],
            one["learnt_from"],
            one["method"],
            percent(one["accuracy"]),
            percent_interval(*one["interval"]),
            percent_interval(*one["series_interval"]),
            percent(one["accuracy_of_all"]),
            percent(one["macro_recall"]),
        )
        for one in scores["rows"]
    ]
    return "\n\n".join([markdown_table(HEADER, lines, texts=HEADER), _few(scores["rows"])])


def _few(rows: Sequence[Mapping[str, Any]]) -> str:
    """The films of the smaller classes, and the answers of each row."""
    header = ("film", "space group", *HEADER[:3], "answers, one a seed")
    lines = [
        (film, answer["class"], one["films"], one["learnt_from"], one["method"], ", ".join(answer["answers"]))
        for film in (rows[0]["few"] if rows else {})
        for one in rows
        for answer in [one["few"][film]]
    ]
    return markdown_table(header, lines, texts=header)
