"""Scores of the predictions of trials, and a bootstrap of these scores that draws whole compositions."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from xrdsym.crystal.symmetry import CRYSTAL_SYSTEMS
from xrdsym.evaluation.bootstrap import group_weights, row_margins
from xrdsym.evaluation.margins import class_table, margin_scores

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from xrdsym.studies.results import TrialResult

LEVEL = 0.95
"""Confidence level of intervals; an effect is significant at 1 minus this level."""
SAMPLES = 2000
"""Bootstrap samples."""
CLASSES = len(CRYSTAL_SYSTEMS)
MEASURES = 2 + CLASSES
"""Number of scores of a trial, in this order: accuracy, macro F1, the recall of each crystal system."""


def measures_of(run: TrialResult) -> NDArray[np.float64]:
    """The scores of a trial on all its materials, float64 (9,)."""
    return np.asarray(_measures(_margins(run))[0], dtype=np.float64)


def sampled_measures(
    runs: Sequence[TrialResult], ids: tuple[str, ...], seed: int
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """The scores of each run on some materials, and in each bootstrap sample of them.

    Args:
        runs: Trials that were evaluated on all of these materials.
        ids: Ids of the materials.
        seed: Seed of the bootstrap.

    Returns:
        float64 (runs, 1 + SAMPLES, 9), first the scores without resampling; and the reduced formula of each material.
    """
    scores = [_resampled(run, ids, seed) for run in runs]
    return np.stack(scores), _compositions(runs[0], _rows(runs[0], ids))


def common_ids(runs: Sequence[TrialResult]) -> tuple[str, ...]:
    """The ids of the materials on which all runs were evaluated, in the order of the first run."""
    first = runs[0].materials.ids
    others = {run.materials.ids for run in runs} - {first}
    if not others:
        return first
    common = set(first).intersection(*others)
    return tuple(one for one in first if one in common)


def present(runs: Sequence[TrialResult]) -> NDArray[np.bool_]:
    """True for each crystal system that occurs among the materials of every run, bool (7,)."""
    counts = [np.bincount(run.materials.labels, minlength=CLASSES) > 0 for run in runs]
    return np.asarray(np.logical_and.reduce(counts))


@lru_cache(maxsize=256)
def _resampled(run: TrialResult, ids: tuple[str, ...], seed: int) -> NDArray[np.float64]:
    """The scores of one run, float64 (1 + SAMPLES, 9); cached, as a baseline is compared with each arm."""
    rows = _rows(run, ids)
    return _measures(_margins(run, rows, _compositions(run, rows), seed))


def _rows(run: TrialResult, ids: tuple[str, ...]) -> NDArray[np.int64]:
    """The positions of materials among those of a run, int64 (n,)."""
    if run.materials.ids == ids:
        return np.arange(len(ids))
    place = {one: row for row, one in enumerate(run.materials.ids)}
    return np.asarray([place[one] for one in ids], dtype=np.int64)


def _compositions(run: TrialResult, rows: NDArray[np.int64]) -> tuple[str, ...]:
    """The reduced formulas of some materials of a run."""
    return tuple(run.materials.compositions[row] for row in rows)


@lru_cache(maxsize=2)
def _weights(compositions: tuple[str, ...], seed: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """The multiplicity of each composition in each sample, and the composition of each row.

    Returns:
        float32 (1 + SAMPLES, compositions), the first sample without resampling; and int64 (rows,).
    """
    names, members = np.unique(np.asarray(compositions), return_inverse=True)
    count = len(names)
    rng = np.random.default_rng(seed)
    samples = (block.astype(np.float32) for block in group_weights(count, SAMPLES, rng))
    return np.concatenate([np.ones((1, count), dtype=np.float32), *samples]), members


def _margins(
    run: TrialResult, rows: NDArray[np.int64] | None = None, compositions: tuple[str, ...] = (), seed: int = 0
) -> NDArray[np.float64]:
    """The margins of the confusion matrix (see `margins.margins_of`) in each sample, float64 (1 + SAMPLES, 3, 7).

    Without rows those of all materials, float64 (1, 3, 7).
    """
    labels, predicted = run.materials.labels, run.predicted
    if rows is None:
        weights, members = np.ones((1, 1), dtype=np.float32), np.zeros(len(labels), dtype=np.int64)
    else:
        labels, predicted = labels[rows], predicted[rows]
        weights, members = _weights(compositions, seed)
    margins = row_margins(labels, predicted, members, CLASSES).astype(np.float32)
    return (weights @ margins).reshape(-1, 3, CLASSES).astype(np.float64)


def _measures(margins: NDArray[np.float64]) -> NDArray[np.float64]:
    """The scores of margins (m, 3, 7), float64 (m, 9); a ratio to 0 is 0."""
    scores = margin_scores(margins)
    _, recall, _ = class_table(margins)
    return np.column_stack([scores["accuracy"], scores["macro_f1"], recall])
