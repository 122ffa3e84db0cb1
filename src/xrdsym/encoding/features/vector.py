"""The feature vector of a peak list: the input of a classifier of tables."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from xrdsym.common.errors import UsageError
from xrdsym.common.parallel import core_count
from xrdsym.encoding.features.peak_statistics import peak_statistic_names, peak_statistics
from xrdsym.encoding.features.settings import FeatureSettings
from xrdsym.indexing.cells import AXIS_COUNT, MERITS, cell_merits, cell_names
from xrdsym.indexing.peak_list import merge_peaks
from xrdsym.indexing.quadratic_forms import FORMS
from xrdsym.indexing.repeated_differences import (
    repeated_difference_features,
    repeated_difference_names,
    repeated_differences,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from xrdsym.diffraction.peaks_table import PeakArrays

GROUPS = ("peak_statistics", "cells", "repeated_differences", "axes", "margins")
LATTICES = {
    lattice: [position for position, form in enumerate(FORMS) if form.startswith(lattice)]
    for lattice in ("cubic", "tetragonal", "hexagonal", "rhombohedral", "orthorhombic", "monoclinic")
}
"""Positions in `FORMS` of each lattice with all its centrings."""
LATTICE_PAIRS = tuple(combinations(range(len(LATTICES)), 2))
BATCH = 64
"""Number of materials that a thread takes at once."""
LIMIT = 1e6
"""Largest absolute value of a feature; keeps features finite in float32."""


def feature_names(groups: Sequence[str] = GROUPS) -> list[str]:
    """The names of the features, in the order of `peak_features`.

    Args:
        groups: Names of `GROUPS`: `peak_statistics` (positions, intensities, spacings, counts), `cells` (figures of
            merit of the best cell of each quadratic form), `repeated_differences` (the strongest ones and their
            families), `axes` (excess over chance of the candidate axes) and `margins` (differences between the scores
            of the lattices).
    """
    names = _names_by_group()
    return [name for group in groups for name in names[group]]


def feature_columns(groups: Sequence[str]) -> NDArray[np.int64]:
    """The positions of the features of these groups in the vector, int64 (m,)."""
    columns = {name: column for column, name in enumerate(feature_names())}
    return np.array([columns[name] for name in feature_names(groups)], np.int64)


def peak_features(
    two_theta: NDArray[np.float64],
    intensity: NDArray[np.floating],
    settings: FeatureSettings | None = None,
) -> NDArray[np.float32]:
    """The features of one peak list.

    Args:
        two_theta: Positions in any order, float64 (n,), degrees.
        intensity: Intensities on any scale, floating (n,).
        settings: How peaks are merged; Cu Kα and 0.01° if None.

    Returns:
        float32 (features,), all finite.

    Raises:
        UsageError: The list has no usable peak, or a number is out of its range.
    """
    chosen = settings or FeatureSettings()
    peaks = merge_peaks(
        two_theta,
        intensity,
        resolution=chosen.resolution,
        min_relative_intensity=chosen.floor,
        wavelength=chosen.wavelength,
    )
    strong = peaks.above(chosen.lattice_floor)
    differences = repeated_differences(strong.q, strong.tolerance)
    merits, _, excess = cell_merits(strong, differences)
    parts = [
        peak_statistics(peaks),
        merits.ravel(),
        repeated_difference_features(differences, strong.q[0]),
        excess,
        _margins(merits),
    ]
    vector: NDArray[np.float32] = np.clip(np.concatenate(parts), -LIMIT, LIMIT).astype(np.float32)
    return vector


def feature_matrix(
    peaks: PeakArrays, settings: FeatureSettings | None = None, advance: Callable[[int], object] | None = None
) -> NDArray[np.float32]:
    """The features of many materials, computed on all cores.

    Args:
        peaks: The peaks of n materials.
        settings: As for `peak_features`.
        advance: Called with the number of materials finished since the last call, for a progress bar.

    Returns:
        float32 (n, features).

    Raises:
        UsageError: A material has no usable peak; the message names it.
    """
    count = len(peaks.material_ids)
    table = np.empty((count, len(feature_names())), np.float32)

    def fill(first: int) -> int:
        last = min(first + BATCH, count)
        for row in range(first, last):
            start, end = peaks.offsets[row], peaks.offsets[row + 1]
            try:
                table[row] = peak_features(peaks.two_theta[start:end], peaks.intensity[start:end], settings)
            except UsageError as error:
                msg = f"{peaks.material_ids[row]}: {error}"
                raise UsageError(msg) from error
        return last - first

    # threads rather than processes: nine tenths of the time is spent in compiled code that releases the lock
    with ThreadPoolExecutor(core_count()) as pool:
        for finished in pool.map(fill, range(0, count, BATCH)):
            if advance is not None:
                advance(finished)
    return table


def _names_by_group() -> dict[str, list[str]]:
    pairs = combinations(LATTICES, 2)
    return {
        "peak_statistics": peak_statistic_names(),
        "cells": cell_names(),
        "repeated_differences": repeated_difference_names(),
        "axes": [f"axis_excess_{i}" for i in range(1, AXIS_COUNT + 1)],
        "margins": [*(f"margin_{one}_{other}" for one, other in pairs), "best_lattice", "best_score"],
    }


def _margins(merits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Score differences of all pairs of lattices, the position of the best lattice, and its score."""
    form_scores = merits[:, MERITS.index("score")].tolist()
    scores = [max(form_scores[form] for form in forms) for forms in LATTICES.values()]
    best = max(scores)
    return np.array([*(scores[one] - scores[other] for one, other in LATTICE_PAIRS), scores.index(best), best])
