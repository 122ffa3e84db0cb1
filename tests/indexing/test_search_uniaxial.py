"""The cell that gave a cubic, tetragonal, hexagonal or rhombohedral pattern."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from known_lattices import peaks_of, q_of
from xrdsym.indexing.axes import candidate_axes
from xrdsym.indexing.candidates import BestCell, SearchPeaks, search_peaks
from xrdsym.indexing.quadratic_forms import HEXAGONAL, RHOMBOHEDRAL, TETRAGONAL
from xrdsym.indexing.repeated_differences import repeated_differences
from xrdsym.indexing.scoring import MAX_UNEXPLAINED, SEARCH_PEAKS
from xrdsym.indexing.search_uniaxial import best_cubic, best_uniaxial


def peaks(cell: tuple[float, ...], centring: str = "P", tolerance: float = 1e-4) -> SearchPeaks:
    q = q_of(peaks_of(cell, centring)[0])[:SEARCH_PEAKS]
    return search_peaks(q, np.full(len(q), tolerance), MAX_UNEXPLAINED)


def uniaxial(form: int, cell: tuple[float, ...], centring: str) -> BestCell:
    searched = peaks(cell, centring)
    q, tolerance = searched.table[:2]
    axes, _ = candidate_axes(q, tolerance, repeated_differences(q, tolerance), 12)
    return best_uniaxial(form, searched, axes, np.empty(len(q)))


@settings(max_examples=25)
@given(st.floats(4, 10), st.sampled_from("PIF"))
def test_a_cubic_cell_is_found(a: float, centring: str) -> None:
    searched = peaks((a, a, a, 90, 90, 90), centring)
    best = best_cubic(searched, np.empty(searched.table.shape[1]))
    # N of a body-centred cell is even: up to N = 14 a primitive cell with half the N fits as well
    expected = 2 if centring == "I" and best.g[0] * a * a > 1.5 else 1
    assert best.g[0] * a * a == pytest.approx(expected, rel=1e-3)
    assert best.score > 2.5 * searched.table.shape[1]


@pytest.mark.parametrize(
    ("form", "cell", "centring"),
    [
        (TETRAGONAL, (4.59, 4.59, 2.96, 90, 90, 90), "P"),
        (HEXAGONAL, (3.25, 3.25, 5.21, 90, 90, 120), "P"),
        (RHOMBOHEDRAL, (4.76, 4.76, 12.99, 90, 90, 120), "R"),
    ],
)
def test_a_uniaxial_cell_is_found(form: int, cell: tuple[float, ...], centring: str) -> None:
    best = uniaxial(form, cell, centring)
    plane = 1 / cell[0] ** 2 * (1 if form == TETRAGONAL else 4 / 3)
    np.testing.assert_allclose(best.g, [plane, 1 / cell[2] ** 2, 0, 0], rtol=1e-3)


def test_no_cubic_cell_explains_a_tetragonal_pattern() -> None:
    searched = peaks((4.59, 4.59, 2.96, 90, 90, 90))
    own = uniaxial(TETRAGONAL, (4.59, 4.59, 2.96, 90, 90, 90), "P")
    assert best_cubic(searched, np.empty(SEARCH_PEAKS)).score < own.score / 2
