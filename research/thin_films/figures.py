"""Figure of a class activation map: the angles that support a prediction."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib as mpl
from matplotlib.figure import Figure
from scipy.signal import find_peaks

from research.thin_films.measured import GRID
from xrdsym.reporting.figure_style import BLUE, ORANGE, STYLE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PROMINENCE = 0.08
"""Smallest prominence of a marked peak, relative to the strongest one."""


@mpl.rc_context(STYLE)
def activation_figure(profile: NDArray[np.float32], activation: NDArray[np.float32], title: str) -> Figure:
    """Draw a film with its peaks marked, and below it the class activation map of a prediction.

    Args:
        profile: float32 (points,), 0 to 1.
        activation: float32 (points,): positive where the film supports the prediction.
        title: Title of the figure.
    """
    figure = Figure(figsize=(9.0, 4.6), layout="constrained")
    film, support = figure.subplots(2, 1, sharex=True, height_ratios=[2, 1])
    angles = GRID.positions
    film.plot(angles, profile, color=BLUE, linewidth=0.9)
    for peak in find_peaks(profile, prominence=PROMINENCE, distance=round(0.5 / GRID.step))[0]:
        height = float(profile[peak])
        film.annotate(f"{angles[peak]:.1f}", (angles[peak], height), (0, 3), textcoords="offset points", ha="center")
    film.set(ylabel="relative intensity", ylim=(0, 1.15))
    support.fill_between(angles, activation, where=activation >= 0, color=ORANGE, label="supports it")
    support.fill_between(angles, activation, where=activation < 0, color=BLUE, label="contradicts it")
    support.axhline(0, color="black", linewidth=0.6)
    support.set(xlabel="2θ (degrees)", ylabel="activation", xlim=(GRID.two_theta_min, GRID.two_theta_max))
    support.legend(loc="upper right", ncols=2)
    figure.suptitle(title)
    return figure
