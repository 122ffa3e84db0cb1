"""Figures of merit of the best cell of each metric, and the pattern of lines that it predicts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from xrdsym.indexing.axes import axis_guesses
from xrdsym.indexing.quadratic_forms import CUBIC, METRICS, MONOCLINIC, ORTHORHOMBIC, expected_lines
from xrdsym.indexing.scoring import PATIENCE, SEARCH_LINES, Axes, Best, Guess, Target, cell_score, target_of
from xrdsym.indexing.search_biaxial import best_monoclinic, best_orthorhombic
from xrdsym.indexing.search_uniaxial import best_cubic, best_uniaxial

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from xrdsym.indexing.peak_list import PeakList
    from xrdsym.indexing.quadratic_forms import Four
    from xrdsym.indexing.repeated_differences import Differences

MERIT_LINES = 40
GUESSES = 12
MERITS = (
    "score",
    "explained_10",
    "explained_20",
    "explained_40",
    "first_miss",
    "ln_merit_20",
    "misfit",
    "ln_expected_20",
    "ln_expected_40",
    "ln_g0",
    "ln_g1",
    "ln_g2",
    "oblique",
    "ln_volume",
    "explained_intensity",
)
NOTHING = -9.0
"""Stands where no cell of a metric could be found."""


def cell_names() -> list[str]:
    """The names of the merits of all metrics, in order."""
    return [f"{metric}_{merit}" for metric in METRICS for merit in MERITS]


@njit(cache=True, nogil=True, error_model="numpy")
def cell_merits(
    lines: PeakList, differences: Differences
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """The best cell of each metric for the first 20 lines, and its merits on the first 40.

    Args:
        lines: The lines.
        differences: Their repeated differences.

    Returns:
        In the order of `METRICS` the merits in the order of `MERITS`, float64 (10, 15), and the refined parameters,
        float64 (10, 4), zeros where no cell came near; and the excess over chance of the strongest guessed axes,
        float64 (12,).
    """
    n, more = min(SEARCH_LINES, len(lines.q)), min(MERIT_LINES, len(lines.q))
    few = target_of(lines.q[:n], lines.tolerance[:n], PATIENCE)
    many = target_of(lines.q[:more], lines.tolerance[:more], more)
    axes, found = axis_guesses(lines.q[:more], lines.tolerance[:more], differences, GUESSES)
    excess = np.full(GUESSES, NOTHING)
    excess[: len(found)] = found
    merits = np.full((len(METRICS), len(MERITS)), NOTHING)
    cells = np.zeros((len(METRICS), 4))
    misfits = np.full(more, np.inf)
    for kind in range(len(METRICS)):
        best = _best_cell(kind, few, axes, misfits)
        if best.score > -math.inf:
            _, g = cell_score(kind, Guess(best.g, best.errors), many, -math.inf, misfits)
            cells[kind] = g
            merits[kind, 0] = best.score / n
            _merits(kind, g, lines, misfits, merits[kind])
    return merits, cells, excess


@njit(cache=True, nogil=True, error_model="numpy")
def _best_cell(kind: int, target: Target, axes: Axes, misfits: NDArray[np.float64]) -> Best:
    best: Best
    if kind == CUBIC:
        best = best_cubic(target, misfits)
    elif kind < ORTHORHOMBIC:
        best = best_uniaxial(kind, target, axes, misfits)
    elif kind < MONOCLINIC:
        best = best_orthorhombic(kind, target, axes, misfits)
    else:
        best = best_monoclinic(kind, target, axes, misfits)
    return best


@njit(cache=True, nogil=True, error_model="numpy")
def _merits(kind: int, g: Four, lines: PeakList, misfits: NDArray[np.float64], merits: NDArray[np.float64]) -> None:
    """All merits after the first into `merits`, float64 (15,)."""
    q, tolerance, intensity = lines.q[: len(misfits)], lines.tolerance, lines.intensity
    n, few = len(q), min(SEARCH_LINES, len(q))
    explained = np.isfinite(misfits)
    merits[1] = explained[:10].mean()
    merits[2] = explained[:few].mean()
    merits[3] = explained.mean()
    merits[4] = n
    misfit = np.full(n, 2.0)
    for i in range(n - 1, -1, -1):
        if explained[i]:
            misfit[i] = abs(misfits[i])
        else:
            merits[4] = i
    merits[4] /= n
    error = (misfit * tolerance[:n])[:few].mean()
    expected = expected_lines(kind, g, q[few - 1])
    if not (math.isfinite(expected) and expected > 0):
        return
    # de Wolff's M20 = Q20 / (2 <error> N20), an error no smaller than a tenth of what the bins allow
    merits[5] = math.log(q[few - 1] / (2 * max(error, 0.1 * tolerance[:few].mean()) * (expected + 1)))
    merits[6] = misfit.mean()
    merits[7] = math.log((expected + 1) / few)
    merits[8] = math.log((expected_lines(kind, g, q[n - 1]) + 1) / n)
    ordered = np.array(g[:3])
    if kind >= ORTHORHOMBIC:
        ordered.sort()
    for i in range(3):
        if ordered[i] > 0:
            merits[9 + i] = math.log(ordered[i] / q[0])
    if kind >= MONOCLINIC:
        merits[12] = abs(g[3]) / math.sqrt(g[0] * g[2])
    merits[13] = math.log(expected_lines(kind, g, 100 * q[0]))
    merits[14] = intensity[:n][explained].sum() / intensity[:n].sum()
