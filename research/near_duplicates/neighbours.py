"""The accuracy of similarity alone: the nearest pattern predicts the crystal system."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xrdsym.common.progress import progress_bar
from xrdsym.crystal.symmetry import CRYSTAL_SYSTEMS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from xrdsym.diffraction.peaks_table import PeakArrays
    from xrdsym.encoding.encoder import InputEncoder

ROWS_AT_ONCE = 500


def similarity(labels: NDArray[np.int64], parts: NDArray[np.str_], rows: NDArray[np.float32]) -> dict[str, Any]:
    """Score the crystal system of the nearest neighbour as the prediction for each validation material.

    Args:
        labels: Class index of each material, int64 (n,).
        parts: The part of each material, str (n,).
        rows: The patterns, float32 (n, numbers); the means of the columns are subtracted in place.

    Returns:
        Scores with neighbours from the training part (`train`) and from all other materials (`all`): `count`,
        `accuracy`, `recall` by system, and `confusion`, int (7, 7): rows the true system, columns that of the
        neighbour.
    """
    queries = np.flatnonzero(parts == "validation")
    train = parts == "train"
    answers = {}
    for name, neighbours in zip(("train", "all"), nearest(rows, queries, [train, np.ones_like(train)]), strict=True):
        confusion = np.zeros((len(CRYSTAL_SYSTEMS),) * 2, dtype=np.int64)
        np.add.at(confusion, (labels[queries], labels[neighbours]), 1)
        correct, sums = confusion.diagonal(), confusion.sum(axis=1)
        recall = (correct / np.maximum(sums, 1)).tolist()
        answers[name] = {
            "count": len(queries),
            "accuracy": float(correct.sum() / max(1, len(queries))),
            "recall": dict(zip(CRYSTAL_SYSTEMS, recall, strict=True)),
            "confusion": confusion.tolist(),
        }
    return answers


def nearest(
    rows: NDArray[np.float32], queries: NDArray[np.int64], among: Sequence[NDArray[np.bool_]]
) -> list[NDArray[np.int64]]:
    """Find the row with the smallest Euclidean distance to each query, without the query itself.

    The search is exact up to the rounding of float32: if two distances agree to six digits, either row can result.

    Args:
        rows: float32 (n, numbers); the means of the columns are subtracted in place.
        queries: Positions of rows, int64 (m,).
        among: Masks of the rows to search, bool (n,) each, with at least one row besides each query.

    Returns:
        Positions of the nearest rows, int64 (m,), for each mask.
    """
    # smaller numbers have smaller rounding errors
    rows -= rows.mean(axis=0, dtype=np.float64).astype(np.float32)
    squares = np.einsum("ij,ij->i", rows, rows) / 2
    results = [np.empty(len(queries), dtype=np.int64) for _ in among]
    with progress_bar(total=len(queries), description="nearest neighbours") as bar:
        for begin in range(0, len(queries), ROWS_AT_ONCE):
            here = queries[begin : begin + ROWS_AT_ONCE]
            # half the squared distance without the square of the query
            distances = squares - rows[here] @ rows.T
            distances[np.arange(len(here)), here] = np.inf
            for result, allowed in zip(results, among, strict=True):
                places = np.flatnonzero(allowed)
                candidates = distances if allowed.all() else distances[:, places]
                result[begin : begin + len(here)] = places[candidates.argmin(axis=1)]
            bar.update(len(here))
    return results


def every_point(peaks: PeakArrays, encoder: InputEncoder, stride: int) -> NDArray[np.float32]:
    """Every `stride`-th point of the profiles, float32 (n, points).

    With σ = 5 points every fourth point is enough: at the highest frequency that these points resolve, the spectrum of
    the Gaussian has fallen by exp(-15). Distances of linear profiles therefore equal those of all points.
    """
    count = len(peaks.material_ids)
    points = np.empty((count, -(-encoder.grid.points // stride)), dtype=np.float32)
    for begin in range(0, count, ROWS_AT_ONCE):
        part = peaks.take(np.arange(begin, min(begin + ROWS_AT_ONCE, count)))
        rows = encoder.profiles(part.offsets, part.two_theta, part.intensity)
        points[begin : begin + len(rows)] = rows[:, ::stride]
    return points
