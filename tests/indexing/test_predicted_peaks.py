"""The peaks that a quadratic form predicts, against all reflections of the lattice."""

import itertools
import math

import numpy as np
import pytest

from known_lattices import peaks_of, q_of
from xrdsym.encoding.features import feature_names, peak_features
from xrdsym.indexing.predicted_peaks import expected_peaks, nearest_peak
from xrdsym.indexing.quadratic_forms import FORMS, MONOCLINIC

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


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_form_predicts_the_peaks_of_its_lattice(name: str) -> None:
    cell, centring, parameters = PARAMETERS[name]
    form, g = FORMS.index(name), (*parameters, *[0.0] * (4 - len(parameters)))
    q = q_of(peaks_of(cell, centring)[0])
    assert max(abs(nearest_peak(form, g, one)[0]) for one in q) < 1e-8
    # the coefficients that are returned beside the misfit give the position
    for one in q:
        misfit, coefficients = nearest_peak(form, g, one)
        assert one - misfit == pytest.approx(np.dot(coefficients, g), abs=1e-12)
    # a position beside a peak has the distance to it, and halfway between two peaks nothing is nearer than they are
    beside = 0.05 * np.diff(q)
    np.testing.assert_allclose([nearest_peak(form, g, one)[0] for one in q[:-1] + beside], beside, atol=1e-7)
    halfway = np.diff(q) / 2
    assert np.all([abs(nearest_peak(form, g, one)[0]) for one in q[:-1] + halfway] >= halfway - 1e-7)
    assert expected_peaks(form, g, q[-1]) == pytest.approx(len(q), rel=0.25)


def test_a_monoclinic_form_predicts_the_peaks_of_its_lattice() -> None:
    a, b, c, beta = 5.0, 6.0, 7.0, math.radians(100)
    sine = math.sin(beta) ** 2
    g = (1 / (a * a * sine), 1 / (b * b), 1 / (c * c * sine), -2 * math.cos(beta) / (a * c * sine))
    q = q_of(peaks_of((a, b, c, 90, 100, 90))[0])
    assert max(abs(nearest_peak(MONOCLINIC, g, one)[0]) for one in q) < 1e-8
    assert expected_peaks(MONOCLINIC, g, q[-1]) == pytest.approx(len(q), rel=0.25)


@pytest.mark.parametrize(
    ("form", "g"),
    [
        *itertools.product(range(len(FORMS)), [(0.0, 0.0, 0.0, 0.0), (-1.0, 1.0, 1.0, 0.0), (1e-9, 1e-9, 1e-9, 0.0)]),
        (MONOCLINIC, (1.0, 1.0, 1.0, 3.0)),
    ],
)
def test_impossible_parameters_predict_no_peak(form: int, g: tuple[float, ...]) -> None:
    assert nearest_peak(form, g, 0.5)[0] == math.inf


def test_a_long_axis_is_followed() -> None:
    features = peak_features(*peaks_of((3.6, 3.6, 40.0, 90, 90, 120)))
    assert features[feature_names().index("hexagonal_explained_40")] == 1
