"""The lines that a metric predicts."""

import itertools
import math

import numpy as np
import pytest

from known_lattices import peaks_of
from xrdsym.encoding.features import feature_names, peak_features
from xrdsym.indexing.quadratic_forms import METRICS, MONOCLINIC, expected_lines, nearest

PARAMETERS = {
    "cubic": ((6.0, 6.0, 6.0, 90, 90, 90), "P", [1 / 36]),
    "tetragonal": ((5.0, 5.0, 7.0, 90, 90, 90), "P", [1 / 25, 1 / 49]),
    "hexagonal": ((5.0, 5.0, 7.0, 90, 90, 120), "P", [4 / 75, 1 / 49]),
    "rhombohedral": ((5.0, 5.0, 13.0, 90, 90, 120), "R", [4 / 75, 1 / 169]),
    "orthorhombic": ((5.0, 6.0, 7.0, 90, 90, 90), "P", [1 / 25, 1 / 36, 1 / 49]),
    "orthorhombic_c": ((5.0, 8.0, 7.0, 90, 90, 90), "C", [1 / 25, 1 / 64, 1 / 49]),
    "orthorhombic_i": ((5.0, 8.0, 7.0, 90, 90, 90), "I", [1 / 25, 1 / 64, 1 / 49]),
    "orthorhombic_f": ((9.0, 8.0, 7.0, 90, 90, 90), "F", [1 / 81, 1 / 64, 1 / 49]),
}


@pytest.mark.parametrize("metric", PARAMETERS)
def test_a_metric_has_the_lines_of_its_lattice(metric: str) -> None:
    cell, centring, parameters = PARAMETERS[metric]
    kind, g = METRICS.index(metric), (*parameters, *[0.0] * (4 - len(parameters)))
    two_theta, _ = peaks_of(cell, centring)
    q = (2 * np.sin(np.radians(two_theta / 2)) / 1.54184) ** 2
    assert max(abs(nearest(kind, g, one)[0]) for one in q) < 1e-8
    # what is returned beside the misfit multiplies the parameters
    for one in q:
        misfit, indices = nearest(kind, g, one)
        assert one - misfit == pytest.approx(np.dot(indices, g), abs=1e-12)
    # a position beside a line is seen to be beside it, and where there is none nothing is near
    beside = 0.05 * np.diff(q)
    np.testing.assert_allclose([nearest(kind, g, one)[0] for one in q[:-1] + beside], beside, atol=1e-7)
    apart = np.diff(q) / 2
    assert np.all([abs(nearest(kind, g, one)[0]) for one in q[:-1] + apart] >= apart - 1e-7)
    assert expected_lines(kind, g, q[-1]) == pytest.approx(len(q), rel=0.25)


def test_an_oblique_metric_has_the_lines_of_its_lattice() -> None:
    a, b, c, beta = 5.0, 6.0, 7.0, math.radians(100)
    sine = math.sin(beta) ** 2
    g = (1 / (a * a * sine), 1 / (b * b), 1 / (c * c * sine), -2 * math.cos(beta) / (a * c * sine))
    two_theta, _ = peaks_of((a, b, c, 90, 100, 90))
    q = (2 * np.sin(np.radians(two_theta / 2)) / 1.54184) ** 2
    assert max(abs(nearest(MONOCLINIC, g, one)[0]) for one in q) < 1e-8
    assert expected_lines(MONOCLINIC, g, q[-1]) == pytest.approx(len(q), rel=0.25)


@pytest.mark.parametrize(
    ("kind", "g"),
    [
        *itertools.product(range(len(METRICS)), [(0.0, 0.0, 0.0, 0.0), (-1.0, 1.0, 1.0, 0.0), (1e-9, 1e-9, 1e-9, 0.0)]),
        (MONOCLINIC, (1.0, 1.0, 1.0, 3.0)),
    ],
)
def test_what_is_no_cell_ends_the_search_for_a_line(kind: int, g: tuple[float, ...]) -> None:
    assert nearest(kind, g, 0.5)[0] == math.inf


def test_a_long_axis_is_followed() -> None:
    features = peak_features(*peaks_of((3.6, 3.6, 40.0, 90, 90, 120)))
    assert features[feature_names().index("hexagonal_explained_40")] == 1
