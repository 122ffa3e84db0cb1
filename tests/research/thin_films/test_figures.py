"""The figure of a class activation map."""

from __future__ import annotations

import numpy as np

from research.thin_films.figures import activation_figure
from research.thin_films.measured import GRID


def test_the_peaks_are_marked_with_their_angles() -> None:
    angles = GRID.positions
    profile = sum(height * np.exp(-(((angles - centre) / 0.2) ** 2)) for centre, height in ((20.0, 1.0), (35.5, 0.5)))
    profile = np.asarray(profile + 0.02 * np.exp(-(((angles - 50.0) / 0.2) ** 2)), dtype=np.float32)
    activation = np.sin(angles).astype(np.float32)
    figure = activation_figure(profile, activation, "a film")
    film, support = figure.axes
    assert sorted(text.get_text() for text in film.texts) == ["20.0", "35.5"]
    assert support.get_xlim() == (GRID.two_theta_min, GRID.two_theta_max)
    assert figure.get_suptitle() == "a film"
