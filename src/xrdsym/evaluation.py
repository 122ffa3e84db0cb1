"""Scores of a classifier from its probabilities: the paper's table, floors, bootstrap intervals, worst confusions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xrdsym.classes import CRYSTAL_SYSTEM
from xrdsym.errors import XrdsymError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray


LEVEL = 0.95
"""What share of the bootstrap samples an interval holds."""

MANY_CLASSES = 20
"""With more classes figures, tables and metrics show the most frequent ones alone."""

TOP = (3, 5)
"""Among so many most probable classes the actual one is looked for, where there are more than `FEW_CLASSES`."""
FEW_CLASSES = 7

BOOTSTRAP_CELLS = 4_000_000
"""Weights drawn at a time, so that memory stays bounded however many rows there are."""


def evaluate(  # noqa: PLR0913 - what is scored, and how, is said by name
    actual: ArrayLike,
    probabilities: ArrayLike,
    groups: ArrayLike | None = None,
    *,
    classes: Sequence[str],
    bootstrap: int,
    seed: int = 0,
    training_counts: ArrayLike | None = None,
) -> dict[str, Any]:
    """Score predictions; the prediction of a row is its most probable class, the first of equals.

    Macro F1 and balanced accuracy are means over the classes that occur in `actual` (for balanced accuracy this is
    scikit-learn's rule, too; its macro F1 also counts classes that were only predicted, as 0).

    Args:
        actual: Class index of each row, int (n,).
        probabilities: Probability of each class, float (n, k), in the order of `classes`.
        groups: What the rows of a group have in common, e.g. the reduced formula, str (n,). Related rows are not
            independent, so the bootstrap draws whole groups; without groups it draws rows.
        classes: Names of the k classes.
        bootstrap: Number of bootstrap samples behind the 95 % intervals; 0 leaves the intervals empty.
        seed: Seed of the bootstrap.
        training_counts: Members of each class in the training part, int (k,); the majority class is taken from them,
            and without them from `actual`.

    Returns:
        A JSON-able dictionary: `n`, `classes`, `accuracy`, `macro_f1`, `balanced_accuracy`, `log_loss` (nats),
        `majority_class`, `majority_accuracy` (of always answering the majority class), `per_class` (name to
        `precision`, `recall`, `f1`, `support`; a ratio of nothing is 0), `confusion_matrix` (counts; rows actual,
        columns predicted), `intervals` (`accuracy`, `macro_f1`, `balanced_accuracy` to low and high); with more than 7
        classes also `top_3_accuracy` and `top_5_accuracy`, the share of rows whose class is among the most probable.

    Raises:
        XrdsymError: There is no row, or a probability is not finite.
        ValueError: The shapes do not fit each other.
    """
    actual, probabilities = _checked(actual, probabilities, len(classes))
    predicted = probabilities.argmax(axis=1)
    matrix = confusion_matrix(actual, predicted, len(classes))
    support = matrix.sum(axis=1)
    counts = support if training_counts is None else np.asarray(training_counts)
    majority = int(counts.argmax())
    own = np.clip(probabilities[np.arange(len(actual)), actual], np.finfo(np.float64).eps, 1.0)
    scores = {name: float(value[0]) for name, value in _scores(_margins(matrix)[None]).items()}
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
        "intervals": _intervals(actual, predicted, groups, len(classes), bootstrap, seed),
    }


def score_context(  # noqa: PLR0913 - all of it is said by name
    *, part: str, n: int, sources: Sequence[str], split_by: str, classes: int, target: str = CRYSTAL_SYSTEM
) -> str:
    """What a score has to be read with, in one line: the part, its data and size, the split, the number of classes.

    Args:
        part: Which part was scored.
        n: How many patterns.
        sources: Where the structures came from, as in `structures.sources`.
        split_by: What may not stand on two sides, as in `split.by`.
        classes: Number of classes.
        target: What they are classes of, as in `target.name`.
    """
    split = "random split" if split_by == "random" else f"split by {split_by.replace('_', ' ')}"
    told = f"{classes} classes" + ("" if target == CRYSTAL_SYSTEM else f" of {target.replace('_', ' ')}")
    data = " + ".join(source.replace("_", " ") for source in sources)
    return f"{part} part, n = {n:,}, data: {data}, {split}, {told}"


def context_of(scores: Mapping[str, Any]) -> str:
    """`score_context` of the scores of a run, as in `reports/metrics.json`."""
    return score_context(
        part=scores["part"],
        n=scores["n"],
        sources=scores["sources"],
        split_by=scores["split"],
        classes=len(scores["classes"]),
        target=scores["target"],
    )


def confusion_matrix(actual: NDArray[np.int64], predicted: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """How often each class was taken for each: int64 (size, size), rows actual, columns predicted."""
    return np.bincount(actual * size + predicted, minlength=size * size).reshape(size, size).astype(np.int64)


def worst_confusions(  # noqa: PLR0913 - what is looked at, and how much of it, is said by name
    actual: ArrayLike,
    probabilities: ArrayLike,
    ids: Sequence[str],
    *,
    classes: Sequence[str],
    pairs: int = 6,
    examples: int = 4,
) -> list[dict[str, Any]]:
    """The pairs of classes that were confused most often, with the mistakes that the model was most certain of.

    Args:
        actual: Class index of each row, int (n,).
        probabilities: Probability of each class, float (n, k).
        ids: Material id of each row.
        classes: Names of the k classes.
        pairs: How many pairs at most.
        examples: How many mistakes of each pair at most.

    Returns:
        Most frequent first: `actual`, `predicted`, `count`, `share` (of the rows of the actual class), `examples`
        (most certain first: `material_id`, `probability` of the predicted class, `row`).

    Raises:
        XrdsymError: There is no row, or a probability is not finite.
        ValueError: The shapes do not fit each other.
    """
    actual, probabilities = _checked(actual, probabilities, len(classes))
    predicted = probabilities.argmax(axis=1)
    matrix = confusion_matrix(actual, predicted, len(classes))
    support = matrix.sum(axis=1)
    mistakes = np.where(np.eye(len(classes), dtype=bool), 0, matrix)
    found = []
    for cell in np.argsort(-mistakes, axis=None, kind="stable")[:pairs]:
        row, column = divmod(int(cell), len(classes))
        if mistakes[row, column] == 0:
            break
        members = np.flatnonzero((actual == row) & (predicted == column))
        certain = members[np.argsort(-probabilities[members, column], kind="stable")][:examples]
        found.append(
            {
                "actual": classes[row],
                "predicted": classes[column],
                "count": int(mistakes[row, column]),
                "share": float(mistakes[row, column] / support[row]),
                "examples": [
                    {"material_id": ids[index], "probability": float(probabilities[index, column]), "row": int(index)}
                    for index in certain
                ],
            }
        )
    return found


def _checked(actual: ArrayLike, probabilities: ArrayLike, size: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    actual = np.asarray(actual, dtype=np.int64)
    probabilities = np.asarray(probabilities, dtype=np.float64)
    if len(actual) == 0:
        msg = "there is nothing to score: no pattern with a label was left. See what was skipped, and why."
        raise XrdsymError(msg)
    if actual.ndim != 1 or probabilities.shape != (len(actual), size):
        msg = f"expected (n,) classes and (n, {size}) probabilities, received {actual.shape} and {probabilities.shape}"
        raise ValueError(msg)
    if actual.min() < 0 or actual.max() >= size:
        msg = f"expected class indices from 0 to {size - 1}, received {actual.min()} to {actual.max()}"
        raise ValueError(msg)
    broken = int((~np.isfinite(probabilities)).any(axis=1).sum())
    if broken:
        msg = (
            f"the model gave probabilities that are not finite for {broken} of {len(actual)} patterns: its weights "
            "are broken. Train it again with a lower train.learning_rate."
        )
        raise XrdsymError(msg)
    return actual, probabilities


def _ratio(part: NDArray[Any], whole: NDArray[Any]) -> NDArray[np.float64]:
    """`part / whole`, 0 where the whole is 0."""
    return np.asarray(np.divide(part, whole, out=np.zeros(np.shape(part)), where=whole != 0), dtype=np.float64)


def _margins(matrix: NDArray[np.int64]) -> NDArray[np.int64]:
    """What the scores are made of, (3, k): how often each class was told rightly, occurs, and was told at all."""
    return np.stack([np.diagonal(matrix), matrix.sum(axis=1), matrix.sum(axis=0)])


def _table(margins: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Precision, recall and F1 of each class, each (m, k), of margins (m, 3, k)."""
    right, support, answers = (margins[:, row].astype(np.float64) for row in range(3))
    return _ratio(right, answers), _ratio(right, support), _ratio(2 * right, support + answers)


def _scores(margins: NDArray[Any]) -> dict[str, NDArray[np.float64]]:
    """The scores of one number each, (m,), of margins (m, 3, k)."""
    _, recall, f1 = _table(margins)
    present = margins[:, 1] > 0
    number = present.sum(axis=1)
    return {
        "accuracy": margins[:, 0].sum(axis=1) / margins[:, 1].sum(axis=1),
        "macro_f1": (f1 * present).sum(axis=1) / number,
        "balanced_accuracy": (recall * present).sum(axis=1) / number,
    }


def _top_accuracies(actual: NDArray[np.int64], probabilities: NDArray[np.float64]) -> dict[str, float]:
    """How often the actual class is among the most probable; of equals the first is the more probable."""
    own = probabilities[np.arange(len(actual)), actual][:, None]
    earlier = np.arange(probabilities.shape[1]) < actual[:, None]
    rank = ((probabilities > own) | ((probabilities == own) & earlier)).sum(axis=1)
    return {f"top_{count}_accuracy": float((rank < count).mean()) for count in TOP}


def _per_class(matrix: NDArray[np.int64], classes: Sequence[str]) -> dict[str, dict[str, float]]:
    precision, recall, f1 = (values[0] for values in _table(_margins(matrix)[None]))
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


def _intervals(  # noqa: PLR0913, PLR0917 - what was answered, and how it is drawn anew
    actual: NDArray[np.int64],
    predicted: NDArray[np.int64],
    groups: ArrayLike | None,
    size: int,
    bootstrap: int,
    seed: int,
) -> dict[str, list[float]]:
    """Percentile intervals of the scores over bootstrap samples of rows, or of groups of rows."""
    if bootstrap == 0:
        return {}
    rng = np.random.default_rng(seed)
    if groups is None:
        # drawing rows with replacement is drawing from the cells of the confusion matrix
        cells, counts = np.unique(actual * size + predicted, return_counts=True)
        row, column = np.divmod(cells, size)
        weights = rng.multinomial(len(actual), counts / len(actual), bootstrap).astype(np.float64)
        samples = weights @ _row_margins(row, column, np.arange(len(cells)), size)
    else:
        names, members = np.unique(np.asarray(groups), return_inverse=True)
        samples = _group_bootstrap(_row_margins(actual, predicted, members, size), len(names), bootstrap, rng)
    tails = [(1 - LEVEL) / 2, (1 + LEVEL) / 2]
    scores = _scores(samples.reshape(bootstrap, 3, size))
    return {name: np.quantile(values, tails).tolist() for name, values in scores.items()}


def _row_margins(
    actual: NDArray[np.int64], predicted: NDArray[np.int64], members: NDArray[np.int64], size: int
) -> NDArray[np.float64]:
    """The margins of each group of rows, float64 (groups, 3 k); `members` says which group each row is in."""
    width = 3 * size
    right = actual == predicted
    places = [
        members[right] * width + actual[right],
        members * width + size + actual,
        members * width + 2 * size + predicted,
    ]
    count = int(members.max()) + 1
    found = np.bincount(np.concatenate(places), minlength=count * width).reshape(count, width)
    return found.astype(np.float64)


def _group_bootstrap(
    per_group: NDArray[np.float64], count: int, bootstrap: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """The margins, float64 (bootstrap, 3 k), of as many groups as there are, drawn anew."""
    found = []
    at_once = max(1, BOOTSTRAP_CELLS // count)
    for start in range(0, bootstrap, at_once):
        samples = min(at_once, bootstrap - start)
        drawn = rng.integers(0, count, (samples, count)) + count * np.arange(samples)[:, None]
        weights = np.bincount(drawn.ravel(), minlength=samples * count).reshape(samples, count)
        found.append(weights.astype(np.float64) @ per_group)
    return np.concatenate(found)


def most_frequent(matrix: NDArray[np.int64]) -> NDArray[np.int64]:
    """The classes to show, in their order: all, or of more than `MANY_CLASSES` the most frequent of the actual ones.

    Args:
        matrix: Confusion matrix, int (k, k).

    Returns:
        int64 (m,), positions of classes.
    """
    if len(matrix) <= MANY_CLASSES:
        return np.arange(len(matrix))
    return np.sort(np.argsort(-matrix.sum(axis=1), kind="stable")[:MANY_CLASSES])


def lumped(matrix: NDArray[np.int64], classes: Sequence[str]) -> tuple[NDArray[np.int64], list[str]]:
    """A confusion matrix of at most `MANY_CLASSES` classes, and all others as one more; with the names of its rows."""
    shown = most_frequent(matrix)
    if len(shown) == len(matrix):
        return matrix, list(classes)
    groups = np.full(len(matrix), len(shown))
    groups[shown] = np.arange(len(shown))
    lump = np.zeros((len(shown) + 1,) * 2, dtype=np.int64)
    np.add.at(lump, (groups[:, None], groups[None, :]), matrix)
    return lump, [*(classes[place] for place in shown), f"{len(matrix) - len(shown)} others"]
