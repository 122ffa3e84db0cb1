"""Features that name no lattice: where the first lines lie, how strong they are, how many there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from xrdsym.indexing.peak_list import PeakList

FIRST_LINES = 32
ABSENT = -1.0
"""Stands where a pattern has fewer lines."""
MULTIPLES = (1.5, 2, 3, 4, 6, 8, 12, 16)
"""PeakList are counted up to these multiples of the first Q."""
FLOORS = (1e-3, 1e-2, 3e-2, 1e-1, 3e-1)
"""PeakList are counted from these shares of the strongest on."""
CLOSE = (0.003, 0.03, 0.1)
"""Spacings below these shares of their mean are counted."""


def peak_statistic_names() -> list[str]:
    """The names of the 115 features, in order."""
    return [
        *(f"ln_q_ratio_{i}" for i in range(2, FIRST_LINES + 1)),
        *(f"intensity_{i}" for i in range(1, FIRST_LINES + 1)),
        *(f"spacing_{i}" for i in range(1, FIRST_LINES)),
        "lines",
        "ln_q_first",
        "ln_q_last_ratio",
        "intensity_sum",
        *(f"lines_to_{multiple:g}_q_first" for multiple in MULTIPLES),
        *(f"lines_above_{floor:g}" for floor in FLOORS),
        *(f"close_lines_{share:g}" for share in CLOSE),
        "ln_lines_per_q",
    ]


def peak_statistics(lines: PeakList) -> NDArray[np.float64]:
    """The features of these lines, float64 (115,).

    Positions are ln(Qᵢ/Q₁) and spacings (Qᵢ₊₁ − Qᵢ)/Q₁ of the first 32 lines; intensities are relative to the
    strongest line. `ABSENT` stands where there is no such line.
    """
    q, intensity = lines.q, lines.intensity
    first = q[:FIRST_LINES]
    positions = np.full(FIRST_LINES - 1, ABSENT)
    positions[: len(first) - 1] = np.log(first[1:] / q[0])
    heights = np.full(FIRST_LINES, ABSENT)
    heights[: len(first)] = intensity[:FIRST_LINES]
    spacings = np.full(FIRST_LINES - 1, ABSENT)
    spacings[: len(first) - 1] = np.diff(first) / q[0]
    gaps = np.diff(q)
    mean_gap = gaps.mean() if len(gaps) else 1.0
    counts = [
        len(q),
        np.log(q[0]),
        np.log(q[-1] / q[0]),
        intensity.sum(),
        *np.searchsorted(q, np.array(MULTIPLES) * q[0] * (1 + 1e-9), side="right"),
        *(intensity >= np.array(FLOORS)[:, None]).sum(axis=1),
        *(gaps < np.array(CLOSE)[:, None] * mean_gap).sum(axis=1),
        np.log(len(q) / q[-1] ** 1.5),
    ]
    return np.concatenate([positions, heights, spacings, np.array(counts, np.float64)])
