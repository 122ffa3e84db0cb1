"""Scores of a classifier from its probabilities: the paper's table, the majority baseline, bootstrap intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xrdsym.crystal.targets.classes import CRYSTAL_SYSTEM
from xrdsym.evaluation.bootstrap import intervals
from xrdsym.evaluation.confusions import checked_predictions, confusion_matrix
from xrdsym.evaluation.margins import class_table, margin_scores, margins_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray


TOP = (3, 5)
"""The k of the top-k accuracies, computed with more than `FEW_CLASSES` classes."""
FEW_CLASSES = 7


def evaluate(  # noqa: PLR0913 - the options are keywords
    actual: ArrayLike,
    probabilities: ArrayLike,
    groups: ArrayLike | None = None,
    *,
    classes: Sequence[str],
    bootstrap: int,
    seed: int = 0,
    training_counts: ArrayLike | None = None,
) -> dict[str, Any]:
    """Score predictions; the prediction of a row is its most probable class, or the first of several.

    Macro F1 and balanced accuracy are means over the classes that occur in `actual` (for balanced accuracy this is
    scikit-learn's rule, too; its macro F1 also counts classes that were only predicted, as 0).

    Args:
        actual: Class index of each row, int (n,).
        probabilities: Probability of each class, float (n, k), in the order of `classes`.
        groups: The group of each row, e.g. the reduced formula, str (n,). Related rows are not independent, so the
            bootstrap draws whole groups; without groups it draws rows.
        classes: Names of the k classes.
        bootstrap: Number of bootstrap samples behind the 95 % intervals; 0 leaves the intervals empty.
        seed: Seed of the bootstrap.
        training_counts: Size of each class in the training part, int (k,), which determines the majority class;
            without them `actual` does.

    Returns:
        A dictionary for JSON: `n`, `classes`, `accuracy`, `macro_f1`, `balanced_accuracy`, `log_loss` (nats),
        `majority_class`, `majority_accuracy` (the accuracy of always predicting that class), `per_class` (name to
        `precision`, `recall`, `f1`, `support`; a ratio to 0 is 0), `confusion_matrix` (counts; rows actual, columns
        predicted), `intervals` (`accuracy`, `macro_f1`, `balanced_accuracy` to low and high). With more than 7 classes
        also `top_3_accuracy` and `top_5_accuracy`, the share of rows whose class is among the most probable 3 or 5.

    Raises:
        XrdsymError: There is no row, or a probability is not finite.
        ValueError: The shapes do not match.
    """
    actual, probabilities = checked_predictions(actual, probabilities, len(classes))
    predicted = probabilities.argmax(axis=1)
    matrix = confusion_matrix(actual, predicted, len(classes))
    support = matrix.sum(axis=1)
    counts = support if training_counts is None else np.asarray(training_counts)
    majority = int(counts.argmax())
    own = np.clip(probabilities[np.arange(len(actual)), actual], np.finfo(np.float64).eps, 1.0)
    scores = {name: float(value[0]) for name, value in margin_scores(margins_of(matrix)[None]).items()}
    if len(classes) > FEW_CLASSES:
        scores |= _top_accuracies(actual, probabilities)
    return {
        "n": len(actual),
        "classes": list(classes),
        **scores,
        "log_loss": float(-np.log(own).mean()),
        "majority_class": classes[majority],
        "majority_accuracy": float(support[majority] / len(actual)),
        "per_class": _per_class(matrix, classes),
        "confusion_matrix": matrix.tolist(),
        "intervals": intervals(actual, predicted, groups, len(classes), bootstrap, seed),
    }


def score_context(  # noqa: PLR0913 - all arguments are keywords
    *, part: str, n: int, sources: Sequence[str], split_by: str, classes: int, target: str = CRYSTAL_SYSTEM
) -> str:
    """Describe the evaluation behind a score in one line: part, size, data, split and number of classes.

    Args:
        part: The scored part.
        n: Number of patterns.
        sources: Sources of the structures, as in `structures.sources`.
        split_by: The key that is kept within one part, as in `split.by`.
        classes: Number of classes.
        target: The target, as in `target.name`.
    """
    split = "random split" if split_by == "random" else f"split by {split_by.replace('_', ' ')}"
    class_count = f"{classes} classes" + ("" if target == CRYSTAL_SYSTEM else f" of {target.replace('_', ' ')}")
    data = " + ".join(source.replace("_", " ") for source in sources)
    return f"{part} part, n = {n:,}, data: {data}, {split}, {class_count}"


def context_of(scores: Mapping[str, Any]) -> str:
    """`score_context` of the scores of a run.

    Args:
        scores: The content of `reports/scores.json`.
    """
    return score_context(
        part=scores["part"],
        n=scores["n"],
        sources=scores["sources"],
        split_by=scores["split"],
        classes=len(scores["classes"]),
        target=scores["target"],
    )


def _top_accuracies(actual: NDArray[np.int64], probabilities: NDArray[np.float64]) -> dict[str, float]:
    """The share of rows whose actual class is among the most probable ones; of equal probabilities the first counts."""
    own = probabilities[np.arange(len(actual)), actual][:, None]
    earlier = np.arange(probabilities.shape[1]) < actual[:, None]
    rank = ((probabilities > own) | ((probabilities == own) & earlier)).sum(axis=1)
    return {f"top_{count}_accuracy": float((rank < count).mean()) for count in TOP}


def _per_class(matrix: NDArray[np.int64], classes: Sequence[str]) -> dict[str, dict[str, float]]:
    precision, recall, f1 = (values[0] for values in class_table(margins_of(matrix)[None]))
    support = matrix.sum(axis=1)
    return {
        name: {
            "precision": float(precision[index]),
            "recall": float(recall[index]),
            "f1": float(f1[index]),
            "support": int(support[index]),
        }
        for index, name in enumerate(classes)
    }
