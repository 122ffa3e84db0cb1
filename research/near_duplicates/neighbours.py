"""How far similarity alone goes: a pattern is given the crystal system of the nearest one."""

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
    """How often the nearest neighbour of a validation material is of its system.

    Args:
        labels: The class of each material, int64 (n,).
        parts: The part of each, (n,).
        rows: float32 (n, numbers), the patterns; the means of the columns are taken off in place.

    Returns:
        `train`: looked for in the training part; `all`: among all other materials. Each with `count`, `accuracy`,
        `recall` by system and `confusion`, int (7, 7): rows the true system, columns that of the neighbour.
    """
    queries = np.flatnonzero(parts == "validation")
    train = parts == "train"
    answers = {}
    for name, found in zip(("train", "all"), nearest(rows, queries, [train, np.ones_like(train)]), strict=True):
        confusion = np.zeros((len(CRYSTAL_SYSTEMS),) * 2, dtype=np.int64)
        np.add.at(confusion, (labels[queries], labels[found]), 1)
        right, sums = confusion.diagonal(), confusion.sum(axis=1)
        recall = (right / np.maximum(sums, 1)).tolist()
        answers[name] = {
            "count": len(queries),
            "accuracy": float(right.sum() / max(1, len(queries))),
            "recall": dict(zip(CRYSTAL_SYSTEMS, recall, strict=True)),
            "confusion": confusion.tolist(),
        }
    return answers


def nearest(
    rows: NDArray[np.float32], queries: NDArray[np.int64], among: Sequence[NDArray[np.bool_]]
) -> list[NDArray[np.int64]]:
    """The row with the least Euclidean distance to each query, never the query itself.

    Exact but for the rounding of float32: of two neighbours that are equally far to six digits either may be found.

    Args:
        rows: float32 (n, numbers); the means of the columns are taken off in place.
        queries: Positions of rows, int64 (m,).
        among: bool (n,) each: the rows that are looked at, at least one besides each query.

    Returns:
        int64 (m,) for each of `among`.
    """
    # small numbers round less
    rows -= rows.mean(axis=0, dtype=np.float64).astype(np.float32)
    squares = np.einsum("ij,ij->i", rows, rows) / 2
    found = [np.empty(len(queries), dtype=np.int64) for _ in among]
    with progress_bar(total=len(queries), description="nearest neighbours") as bar:
        for begin in range(0, len(queries), ROWS_AT_ONCE):
            here = queries[begin : begin + ROWS_AT_ONCE]
            # half the squared distance, but for the query's own square
            distances = squares - rows[here] @ rows.T
            distances[np.arange(len(here)), here] = np.inf
            for answer, allowed in zip(found, among, strict=True):
                places = np.flatnonzero(allowed)
                shown = distances if allowed.all() else distances[:, places]
                answer[begin : begin + len(here)] = places[shown.argmin(axis=1)]
            bar.update(len(here))
    return found


def every_point(peaks: PeakArrays, encoder: InputEncoder, stride: int) -> NDArray[np.float32]:
    """Every `stride`-th point of the profiles, float32 (n, points).

    Gaussians of σ = 5 points are free of what every fourth point would miss (their spectrum has fallen by exp(-15)
    at the frequency that it shows last), so that distances of linear profiles come out as those of all points.
    """
    count = len(peaks.material_ids)
    points = np.empty((count, -(-encoder.grid.points // stride)), dtype=np.float32)
    for begin in range(0, count, ROWS_AT_ONCE):
        taken = peaks.take(np.arange(begin, min(begin + ROWS_AT_ONCE, count)))
        rows = encoder.profiles(taken.offsets, taken.two_theta, taken.intensity)
        points[begin : begin + len(rows)] = rows[:, ::stride]
    return points
