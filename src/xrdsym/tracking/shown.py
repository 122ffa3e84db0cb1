"""What a run shows in MLflow: about a dozen metrics, of which one is the accuracy; everything else is a tag or a table.

Scores of the validation part have plain names, those of other parts begin with the part: `accuracy`, `test/accuracy`.
What changes with the epoch begins with `epoch/`, which MLflow's charts put into a section of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xrdsym.common.formatting import with_interval
from xrdsym.evaluation.metrics import context_of
from xrdsym.tracking import provenance

if TYPE_CHECKING:
    from collections.abc import Mapping

SCORES = {
    "accuracy": "accuracy",
    "accuracy_low": "accuracy_low",
    "accuracy_high": "accuracy_high",
    "macro_f1": "macro_f1",
    "balanced_accuracy": "balanced_accuracy",
    "log_loss": "loss",
    "majority_accuracy": "majority_accuracy",
    "top_3_accuracy": "top_3_accuracy",
}
"""Scores by the names of `provenance.score_metrics`, without the part, and by those in MLflow."""
CURVES = ("loss", "accuracy", "val_loss", "val_accuracy", "val_macro_f1", "learning_rate")
"""Metrics of an epoch."""
PARTS = ("validation", "test", "measured")
TRAINING = "training_"
DESCRIPTION_TAG = "mlflow.note.content"


def shown_scores(numbers: Mapping[str, float]) -> dict[str, float]:
    """The metrics of a run from all numbers of its evaluation.

    Args:
        numbers: As returned by `provenance.score_metrics`, of one part or several.
    """
    shown = {}
    for part in PARTS:
        prefix = "" if part == PARTS[0] else f"{part}/"
        for name, known in SCORES.items():
            if f"{part}_{name}" in numbers:
                shown[prefix + known] = numbers[f"{part}_{name}"]
    return shown


def shown_epoch(metrics: Mapping[str, float]) -> dict[str, float]:
    """The metrics of an epoch by their names in MLflow."""
    return {f"epoch/{name}": metrics[name] for name in CURVES if name in metrics}


def training_tags(numbers: Mapping[str, float]) -> dict[str, str]:
    """How a training went, as tags: its time, the epoch that was kept, its structures, how fine its input is.

    Args:
        numbers: Names that begin with `training_`, and others, which keep their names.
    """
    return {
        (f"training.{name.removeprefix(TRAINING)}" if name.startswith(TRAINING) else name): f"{value:.6g}"
        for name, value in numbers.items()
    }


def description(scores: Mapping[str, Any]) -> str:
    """The scores of a run in a sentence, and the data behind them.

    Args:
        scores: The content of `reports/scores.json`.
    """
    numbers = provenance.score_metrics(scores)
    return scores_text(numbers, context_of(scores), scores["majority_class"], scores["part"])


def scores_text(
    numbers: Mapping[str, float], context: str, majority_class: str = "the most frequent class", part: str = PARTS[0]
) -> str:
    """The three numbers of a run in a sentence, and the data behind them.

    Args:
        numbers: As returned by `provenance.score_metrics`.
        context: The data, as `evaluation.metrics.score_context` describes them.
        majority_class: The answer that the model must be better than.
        part: The part that was scored.
    """
    accuracy, low, high, macro_f1, majority = (
        numbers[f"{part}_{name}"]
        for name in ("accuracy", "accuracy_low", "accuracy_high", "macro_f1", "majority_accuracy")
    )
    return (
        f"Accuracy **{with_interval(accuracy, low, high)}**, macro F1 {macro_f1:.3f}; always answering "
        f"{majority_class} gives {majority:.3f}. {context[0].upper()}{context[1:]}."
    )
