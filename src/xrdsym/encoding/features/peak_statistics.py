"""Features that assume no lattice: positions, intensities, spacings and counts of the peaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from xrdsym.indexing.peak_list import PeakList

FIRST_PEAKS = 32
"""Number of peaks whose positions, intensities and spacings are features."""
MISSING = -1.0
"""Value of a feature where a pattern has fewer peaks."""
MULTIPLES = (1.5, 2, 3, 4, 6, 8, 12, 16)
"""Peaks are counted up to these multiples of the first Q."""
MIN_RELATIVE_INTENSITIES = (1e-3, 1e-2, 3e-2, 1e-1, 3e-1)
"""Peaks of at least these relative intensities are counted."""
CLOSE_SPACINGS = (0.003, 0.03, 0.1)
"""Spacings below these multiples of the mean spacing are counted."""


def peak_statistic_names() -> list[str]:
    """The names of the 115 features, in order."""
    return [
        *(f"ln_q_ratio_{i}" for i in range(2, FIRST_PEAKS + 1)),
        *(f"intensity_{i}" for i in range(1, FIRST_PEAKS + 1)),
        *(f"spacing_{i}" for i in range(1, FIRST_PEAKS)),
        "peaks",
        "ln_q_first",
        "ln_q_last_ratio",
        "intensity_sum",
        *(f"peaks_to_{multiple:g}_q_first" for multiple in MULTIPLES),
        *(f"peaks_above_{intensity:g}" for intensity in MIN_RELATIVE_INTENSITIES),
        *(f"close_peaks_{spacing:g}" for spacing in CLOSE_SPACINGS),
        "ln_peaks_per_q",
    ]


def peak_statistics(peaks: PeakList) -> NDArray[np.float64]:
    """The statistics of a peak list.

    Positions are ln(Qᵢ/Q₁) and spacings (Qᵢ₊₁ − Qᵢ)/Q₁ of the first 32 peaks; intensities are relative to the
    strongest peak. `ln_peaks_per_q` is the density of peaks, whose number grows as Q^1.5.

    Args:
        peaks: At least one peak.

    Returns:
        float64 (115,), in the order of `peak_statistic_names`, `MISSING` for peaks beyond the last one.
    """
    q, intensity = peaks.q, peaks.intensity
    first = q[:FIRST_PEAKS]
    positions = np.full(FIRST_PEAKS - 1, MISSING)
    positions[: len(first) - 1] = np.log(first[1:] / q[0])
    heights = np.full(FIRST_PEAKS, MISSING)
    heights[: len(first)] = intensity[:FIRST_PEAKS]
    spacings = np.full(FIRST_PEAKS - 1, MISSING)
    spacings[: len(first) - 1] = np.diff(first) / q[0]
    gaps = np.diff(q)
    mean_gap = gaps.mean() if len(gaps) else 1.0
    counts = [
        len(q),
        np.log(q[0]),
        np.log(q[-1] / q[0]),
        intensity.sum(),
        *np.searchsorted(q, np.array(MULTIPLES) * q[0] * (1 + 1e-9), side="right"),
        *(intensity >= np.array(MIN_RELATIVE_INTENSITIES)[:, None]).sum(axis=1),
        *(gaps < np.array(CLOSE_SPACINGS)[:, None] * mean_gap).sum(axis=1),
        np.log(len(q) / q[-1] ** 1.5),
    ]
    return np.concatenate([positions, heights, spacings, np.array(counts, np.float64)])
