"""The feature vector of a peak list: what a classifier of tables is given in place of a pattern."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from xrdsym.common.errors import UsageError
from xrdsym.common.parallel import core_count
from xrdsym.encoding.features.peak_statistics import peak_statistic_names, peak_statistics
from xrdsym.encoding.features.settings import FeatureSettings
from xrdsym.indexing.cells import GUESSES, MERITS, cell_merits, cell_names
from xrdsym.indexing.peak_list import merge_peaks
from xrdsym.indexing.quadratic_forms import METRICS
from xrdsym.indexing.repeated_differences import difference_features, difference_names, repeated_differences

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from xrdsym.diffraction.peaks_table import PeakArrays

GROUPS = ("crude", "cells", "differences", "axes", "margins")
LATTICES = {
    lattice: [kind for kind, metric in enumerate(METRICS) if metric.startswith(lattice)]
    for lattice in ("cubic", "tetragonal", "hexagonal", "rhombohedral", "orthorhombic", "monoclinic")
}
"""The metrics of each lattice, whatever its centring."""
PAIRS = tuple(combinations(range(len(LATTICES)), 2))
AT_ONCE = 64
"""Materials that a thread takes at once."""
LIMIT = 1e6
"""Features are cut here, which keeps them finite in float32."""


def feature_names(groups: Sequence[str] = GROUPS) -> list[str]:
    """The names of the features in the order of `peak_features`, of some groups or of all.

    Args:
        groups: Of `GROUPS`: `crude` (positions, intensities, spacings, counts), `cells` (merits of the best cell of
            each metric), `differences` (the repeated-difference spectrum), `axes` (excess over chance of the guessed
            axes) and `margins` (how much better one metric does than another).
    """
    names = _names_by_group()
    return [name for group in groups for name in names[group]]


def feature_columns(groups: Sequence[str]) -> NDArray[np.int64]:
    """Where the features of these groups stand in the vector, int64 (m,)."""
    where = {name: column for column, name in enumerate(feature_names())}
    return np.array([where[name] for name in feature_names(groups)], np.int64)


def peak_features(
    two_theta: NDArray[np.float64],
    intensity: NDArray[np.floating],
    settings: FeatureSettings | None = None,
) -> NDArray[np.float32]:
    """The features of one peak list, float32, all of them finite.

    Args:
        two_theta: Float64 (n,), degrees; the order does not matter.
        intensity: Floating (n,), on any scale.
        settings: How lines are told apart; Cu Kα and 0.01° when none are given.

    Raises:
        UsageError: There is no peak, or the numbers are out of their ranges.
    """
    chosen = settings or FeatureSettings()
    lines = merge_peaks(
        two_theta, intensity, resolution=chosen.resolution, floor=chosen.floor, wavelength=chosen.wavelength
    )
    strong = lines.above(chosen.lattice_floor)
    differences = repeated_differences(strong.q, strong.tolerance)
    merits, _, excess = cell_merits(strong, differences)
    parts = [
        peak_statistics(lines),
        merits.ravel(),
        difference_features(differences, strong.q[0]),
        excess,
        _margins(merits),
    ]
    vector: NDArray[np.float32] = np.clip(np.concatenate(parts), -LIMIT, LIMIT).astype(np.float32)
    return vector


def feature_matrix(
    peaks: PeakArrays, settings: FeatureSettings | None = None, advance: Callable[[int], object] | None = None
) -> NDArray[np.float32]:
    """The features of many materials, float32 (n, features), on all cores.

    Args:
        peaks: Their peaks.
        settings: As for `peak_features`.
        advance: Called with how many materials more are done, for a progress bar.

    Raises:
        UsageError: A material has no peak above 0; it is named.
    """
    count = len(peaks.material_ids)
    table = np.empty((count, len(feature_names())), np.float32)

    def fill(first: int) -> int:
        last = min(first + AT_ONCE, count)
        for row in range(first, last):
            start, end = peaks.offsets[row], peaks.offsets[row + 1]
            try:
                table[row] = peak_features(peaks.two_theta[start:end], peaks.intensity[start:end], settings)
            except UsageError as error:
                msg = f"{peaks.material_ids[row]}: {error}"
                raise UsageError(msg) from error
        return last - first

    # threads, not processes: nine tenths of the time is compiled and holds no lock
    with ThreadPoolExecutor(core_count()) as pool:
        for done in pool.map(fill, range(0, count, AT_ONCE)):
            if advance is not None:
                advance(done)
    return table


def _names_by_group() -> dict[str, list[str]]:
    pairs = combinations(LATTICES, 2)
    return {
        "crude": peak_statistic_names(),
        "cells": cell_names(),
        "differences": difference_names(),
        "axes": [f"axis_excess_{i}" for i in range(1, GUESSES + 1)],
        "margins": [*(f"margin_{one}_{other}" for one, other in pairs), "best_lattice", "best_score"],
    }


def _margins(merits: NDArray[np.float64]) -> NDArray[np.float64]:
    """By how much the score of each lattice exceeds that of each later one, which is best, and its score."""
    all_scores = merits[:, MERITS.index("score")].tolist()
    scores = [max(all_scores[kind] for kind in kinds) for kinds in LATTICES.values()]
    best = max(scores)
    return np.array([*(scores[one] - scores[other] for one, other in PAIRS), scores.index(best), best])
