"""`xrdsym evaluate DATA`: a model's score on labelled structures or measured patterns."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xrdsym.commands.model_arguments import add_model_arguments, told_radiation

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the data and what they are read with."""
    parser.add_argument(
        "data",
        type=Path,
        metavar="DATA",
        help="a structure table (Parquet), a folder of structure files, or an .npz of measured patterns (two_theta, "
        "intensity, crystal_system)",
    )
    add_model_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Score and print."""
    told = told_radiation(args)

    from xrdsym.prediction import load_model
    from xrdsym.scoring import score_patterns, score_structures

    model = load_model(args.model)
    if args.data.name.lower().endswith(".npz"):
        scores = score_patterns(model, args.data, None if told is None else told[1])
    else:
        scores = score_structures(model, args.data)
    if args.json:
        print(json.dumps(scores))
    else:
        print(score_table(scores))
    return 0


def score_table(scores: dict[str, Any]) -> str:
    """The scores as text: the figures of one number, the table of the classes, the confusion matrix."""
    present = sum(row["support"] > 0 for row in scores["per_class"].values())
    lines = [f"model {scores['model']}, {scores['n']} patterns of {present} crystal systems"]
    if scores["skipped"]:
        lines.append("skipped " + ", ".join(f"{count} {reason}" for reason, count in scores["skipped"].items()))
    for name in ("accuracy", "macro_f1", "balanced_accuracy"):
        low, high = scores["intervals"][name]
        lines.append(f"{name.replace('_', ' '):18} {scores[name]:.3f}  (95 %: {low:.3f} to {high:.3f})")
    lines += ["", f"{'':14}{'precision':>10}{'recall':>8}{'F1':>8}{'count':>8}"]
    for name, row in scores["per_class"].items():
        figures = f"{row['precision']:>10.2f}{row['recall']:>8.2f}{row['f1']:>8.2f}{row['support']:>8}"
        lines.append(f"{name:14}{figures}")
    lines += [
        "",
        "rows: actual, columns: predicted",
        " " * 14 + "".join(f"{name[:6]:>8}" for name in scores["classes"]),
    ]
    for name, counts in zip(scores["classes"], scores["confusion_matrix"], strict=True):
        lines.append(f"{name:14}" + "".join(f"{count:>8}" for count in counts))
    return "\n".join(lines)
