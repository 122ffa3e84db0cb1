"""The best cell of each quadratic form for the peaks of a pattern, and its figures of merit."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from xrdsym.indexing.axes import candidate_axes
from xrdsym.indexing.candidates import BestCell, Candidate, CandidateAxes, SearchPeaks, search_peaks
from xrdsym.indexing.predicted_peaks import expected_peaks
from xrdsym.indexing.quadratic_forms import CUBIC, FORMS, MONOCLINIC, ORTHORHOMBIC
from xrdsym.indexing.scoring import MAX_UNEXPLAINED, SEARCH_PEAKS, cell_score
from xrdsym.indexing.search_biaxial import best_monoclinic, best_orthorhombic
from xrdsym.indexing.search_uniaxial import best_cubic, best_uniaxial

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from xrdsym.indexing.peak_list import PeakList
    from xrdsym.indexing.quadratic_forms import Vector4
    from xrdsym.indexing.repeated_differences import RepeatedDifferences

MERIT_PEAKS = 40
"""Number of peaks that the figures of merit are computed from."""
AXIS_COUNT = 12
"""Number of candidate axes."""
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
"""The figures of merit of a cell:

* `score`: the score of the search divided by the number of peaks;
* `explained_10`, `explained_20`, `explained_40`: share of the first peaks that the cell explains;
* `first_miss`: position in the list of the first unexplained peak, as a share of the number of peaks;
* `ln_merit_20`: ln of the figure of merit M20 (P. M. de Wolff, J. Appl. Cryst. 1, 108, 1968);
* `misfit`: mean distance of a peak from its prediction, in tolerances; 2 where it is unexplained;
* `ln_expected_20`, `ln_expected_40`: ln of the number of predicted over that of observed peaks;
* `ln_g0`, `ln_g1`, `ln_g2`: ln of the parameters over Q of the first peak;
* `oblique`: |g₃| / √(g₀ g₂);
* `ln_volume`: ln of the number of predicted peaks up to 100 times Q of the first peak;
* `explained_intensity`: share of the intensity that the cell explains.
"""
MISSING = -9.0
"""Value of a figure of merit where a form has no cell."""


def cell_names() -> list[str]:
    """The names of the figures of merit of all forms, in order."""
    return [f"{form}_{merit}" for form in FORMS for merit in MERITS]


@njit(cache=True, nogil=True, error_model="numpy")
def cell_merits(
    peaks: PeakList, differences: RepeatedDifferences
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """The figures of merit of the best cell of each form.

    Cells are searched with the first 20 peaks; the figures of merit are of the first 40.

    Args:
        peaks: The peaks.
        differences: Their repeated differences.

    Returns:
        merits: float64 (10, 15), in the order of `FORMS` and `MERITS`, `MISSING` where a form has no cell.
        g: The refined parameters, float64 (10, 4), Å⁻², zero where a form has no cell.
        excess: Excess over chance of the strongest candidate axes, float64 (12,), `MISSING` beyond their number.
    """
    few, many = min(SEARCH_PEAKS, len(peaks.q)), min(MERIT_PEAKS, len(peaks.q))
    searched = search_peaks(peaks.q[:few], peaks.tolerance[:few], MAX_UNEXPLAINED)
    assessed = search_peaks(peaks.q[:many], peaks.tolerance[:many], many)
    axes, strengths = candidate_axes(peaks.q[:many], peaks.tolerance[:many], differences, AXIS_COUNT)
    excess = np.full(AXIS_COUNT, MISSING)
    # number by number, here and below: an assignment of a slice takes seconds to compile
    for i in range(len(strengths)):
        excess[i] = strengths[i]
    merits = np.full((len(FORMS), len(MERITS)), MISSING)
    cells = np.zeros((len(FORMS), 4))
    misfits = np.full(many, np.inf)
    for form in range(len(FORMS)):
        best = _best_cell(form, searched, axes, misfits)
        if best.score > -math.inf:
            _, g = cell_score(form, Candidate(best.g, best.errors), assessed, -math.inf, misfits)
            for i, value in enumerate(g):
                cells[form, i] = value
            merits[form, 0] = best.score / few
            _fill_merits(form, g, peaks, misfits, merits[form])
    return merits, cells, excess


@njit(cache=True, nogil=True, error_model="numpy")
def _best_cell(form: int, peaks: SearchPeaks, axes: CandidateAxes, misfits: NDArray[np.float64]) -> BestCell:
    best: BestCell
    if form == CUBIC:
        best = best_cubic(peaks, misfits)
    elif form < ORTHORHOMBIC:
        best = best_uniaxial(form, peaks, axes, misfits)
    elif form < MONOCLINIC:
        best = best_orthorhombic(form, peaks, axes, misfits)
    else:
        best = best_monoclinic(form, peaks, axes, misfits)
    return best


@njit(cache=True, nogil=True, error_model="numpy")
def _fill_merits(
    form: int, g: Vector4, peaks: PeakList, misfits: NDArray[np.float64], merits: NDArray[np.float64]
) -> None:
    """Write all figures of merit after the score into `merits`, float64 (15,)."""
    q, tolerance, intensity = peaks.q[: len(misfits)], peaks.tolerance, peaks.intensity
    n, few = len(q), min(SEARCH_PEAKS, len(q))
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
    expected = expected_peaks(form, g, q[few - 1])
    if not (math.isfinite(expected) and expected > 0):
        return
    # M20 = Q20 / (2 <error> N20), with an error of at least a tenth of the mean tolerance
    merits[5] = math.log(q[few - 1] / (2 * max(error, 0.1 * tolerance[:few].mean()) * (expected + 1)))
    merits[6] = misfit.mean()
    merits[7] = math.log((expected + 1) / few)
    merits[8] = math.log((expected_peaks(form, g, q[n - 1]) + 1) / n)
    low, middle, high = g[0], g[1], g[2]
    if form >= ORTHORHOMBIC:
        # without a sort, which takes a second to compile
        low, middle, high = (
            min(low, middle, high),
            max(min(low, middle), min(max(low, middle), high)),
            max(low, middle, high),
        )
    for i, value in enumerate((low, middle, high)):
        if value > 0:
            merits[9 + i] = math.log(value / q[0])
    if form >= MONOCLINIC:
        merits[12] = abs(g[3]) / math.sqrt(g[0] * g[2])
    merits[13] = math.log(expected_peaks(form, g, 100 * q[0]))
    merits[14] = intensity[:n][explained].sum() / intensity[:n].sum()
