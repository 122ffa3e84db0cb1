"""The cell that gave an orthorhombic or monoclinic pattern."""

import math

import numpy as np
import pytest

from known_lattices import peaks_of, q_of, reciprocal_metric
from xrdsym.indexing.axes import candidate_axes
from xrdsym.indexing.candidates import BestCell, search_peaks
from xrdsym.indexing.quadratic_forms import (
    MONOCLINIC,
    MONOCLINIC_C,
    ORTHORHOMBIC,
    ORTHORHOMBIC_C,
    ORTHORHOMBIC_F,
    ORTHORHOMBIC_I,
)
from xrdsym.indexing.repeated_differences import repeated_differences
from xrdsym.indexing.scoring import MAX_UNEXPLAINED, SEARCH_PEAKS
from xrdsym.indexing.search_biaxial import best_monoclinic, best_orthorhombic


def searched(form: int, cell: tuple[float, ...], centring: str) -> BestCell:
    q = q_of(peaks_of(cell, centring)[0])[:40]
    tolerance = np.full(len(q), 1e-4)
    axes, _ = candidate_axes(q, tolerance, repeated_differences(q, tolerance), 12)
    peaks = search_peaks(q[:SEARCH_PEAKS], tolerance[:SEARCH_PEAKS], MAX_UNEXPLAINED)
    search = best_orthorhombic if form < MONOCLINIC else best_monoclinic
    return search(form, peaks, axes, np.empty(SEARCH_PEAKS))


@pytest.mark.parametrize(
    ("form", "cell", "centring"),
    [
        (ORTHORHOMBIC, (4.85, 6.81, 8.29, 90, 90, 90), "P"),
        (ORTHORHOMBIC_C, (4.13, 9.36, 7.27, 90, 90, 90), "C"),
        (ORTHORHOMBIC_I, (4.13, 9.36, 7.27, 90, 90, 90), "I"),
        (ORTHORHOMBIC_F, (8.13, 10.47, 12.87, 90, 90, 90), "F"),
    ],
)
def test_an_orthorhombic_cell_is_found(form: int, cell: tuple[float, ...], centring: str) -> None:
    best = searched(form, cell, centring)
    np.testing.assert_allclose(np.sort(best.g[:3]), np.sort(1 / np.square(cell[:3])), rtol=1e-3)
    assert best.score > 2.5 * SEARCH_PEAKS


@pytest.mark.parametrize(
    ("form", "cell", "centring"),
    [
        (MONOCLINIC, (5.15, 5.21, 5.32, 90, 99.2, 90), "P"),
        (MONOCLINIC_C, (9.75, 8.90, 5.25, 90, 105.6, 90), "C"),
    ],
)
def test_a_monoclinic_cell_is_found(form: int, cell: tuple[float, ...], centring: str) -> None:
    best = searched(form, cell, centring)
    # a zone has many bases, but the unique axis and the volume are its own
    a, b, c, oblique = best.g
    assert b == pytest.approx(1 / cell[1] ** 2, rel=1e-3)
    volume = math.sqrt(b * (a * c - oblique**2 / 4))
    assert volume == pytest.approx(math.sqrt(np.linalg.det(reciprocal_metric(*cell))), rel=1e-3)
    assert best.score > 2.5 * SEARCH_PEAKS


def test_no_orthorhombic_cell_explains_a_monoclinic_pattern() -> None:
    cell = (5.15, 5.21, 5.32, 90, 99.2, 90)
    assert searched(ORTHORHOMBIC, cell, "P").score < searched(MONOCLINIC, cell, "P").score / 2
