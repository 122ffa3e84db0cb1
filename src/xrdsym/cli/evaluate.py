"""`xrdsym evaluate DATA`: a model's score on labelled structures or measured patterns."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from xrdsym.cli.model_arguments import add_model_arguments, given_radiation

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the data and what they are read with."""
    parser.add_argument(
        "data",
        metavar="DATA",
        help="a structure table (Parquet, CSV or JSON lines), a folder of structure files, an .npz of measured "
        "patterns (two_theta, intensity, and crystal_system or what else the model's target is), or train, validation "
        "or test: the part of the project's split that the model was trained with",
    )
    add_model_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Score and print."""
    given = given_radiation(args)

    from xrdsym.common.progress import working

    with working("reading the model"):
        from xrdsym.models.predictor import load_model
        from xrdsym.scoring.score import pattern_type_of, score_data

        model = load_model(args.model, pattern_type_of(args.data))
    scores = score_data(model, args.data, None if given is None else given[1])
    if args.json:
        print(json.dumps(scores))
    else:
        print(score_table(scores))
    return 0


def score_table(scores: dict[str, Any]) -> str:
    """The scores as text: the figures of one number, the table of the classes, the confusion matrix.

    Of more classes than `evaluation.confusions.MANY_CLASSES` it lists the most frequent, and lumps the others.
    """
    import numpy as np

    from xrdsym.common.formatting import in_words, interval
    from xrdsym.common.tables import aligned
    from xrdsym.evaluation.confusions import lumped, most_frequent

    matrix = np.array(scores["confusion_matrix"])
    per_class = list(scores["per_class"].items())
    present = sum(row["support"] > 0 for _, row in per_class)
    lines = [f"model {scores['model']}, {scores['n']} patterns of {present} {_plural(scores['target'])}"]
    if scores["skipped"]:
        lines.append("skipped " + ", ".join(f"{count} {reason}" for reason, count in scores["skipped"].items()))
    lines += [
        f"{in_words(name):18} {scores[name]:.3f}  (95 %: {interval(*scores['intervals'][name])})"
        for name in ("accuracy", "macro_f1", "balanced_accuracy")
    ]
    top = [name for name in ("top_3_accuracy", "top_5_accuracy") if name in scores]
    lines += [f"{in_words(name):18} {scores[name]:.3f}" for name in top]
    matrix, names = lumped(matrix, scores["classes"])
    columns = [name[:6] for name in names]
    if len(set(columns)) < len(columns):
        columns = [str(place) for place in range(1, len(names) + 1)]
        names = [f"{place} {name}" for place, name in zip(columns, names, strict=True)]
    table = [("", "precision", "recall", "F1", "count")]
    for place in most_frequent(np.array(scores["confusion_matrix"])).tolist():
        name, row = per_class[place]
        table.append((name, *(f"{row[key]:.2f}" for key in ("precision", "recall", "f1")), str(row["support"])))
    lines += ["", *aligned(table, numbers=range(1, 5)), "", "rows: actual, columns: predicted"]
    cells = [(name, *map(str, counts)) for name, counts in zip(names, matrix.tolist(), strict=True)]
    lines += aligned([("", *columns), *cells], numbers=range(1, len(columns) + 1))
    return "\n".join(lines)


def _plural(target: str) -> str:
    plain = target.replace("_", " ")
    return {"laue class": "Laue classes", "dimensionality": "dimensionalities"}.get(plain, f"{plain}s")
