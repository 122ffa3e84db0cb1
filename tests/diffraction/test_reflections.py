"""Reflections of a cell against the lattice points of its reciprocal lattice, counted one by one."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from xrdsym.diffraction.reflections import cell_frame, half_space_columns, squared_lengths

CELLS = {
    "cubic": np.eye(3) * 4.1,
    "long": np.diag([3.0, 4.0, 17.0]),
    "triclinic": np.array([[4.0, 0.3, -0.7], [1.1, 5.2, 0.4], [-0.8, 2.0, 6.1]]),
    "skew": np.array([[4.0, 0.0, 0.0], [7.9, 3.0, 0.0], [0.1, 0.2, 5.0]]),
    "left-handed": np.array([[0.0, 5.0, 0.0], [4.0, 0.0, 0.5], [0.0, 0.0, 6.0]]),
}
G_MAX = 0.9


def indices(columns: np.ndarray) -> list[tuple[int, int, int]]:
    return [(h, k, last) for h, k, first, end, _ in columns.tolist() for last in range(first, end)]


@pytest.mark.parametrize("name", CELLS)
def test_every_reflection_is_there_once_and_friedels_mate_is_not(name: str) -> None:
    order, rows = cell_frame(CELLS[name])
    columns = half_space_columns(rows, G_MAX)
    squared = squared_lengths(rows, columns)
    found = {
        hkl: length
        for hkl, length in zip(indices(columns), squared, strict=True)
        if length <= G_MAX**2 and hkl != (0, 0, 0)
    }
    reciprocal = np.linalg.inv(CELLS[name][order]).T
    expected = {
        hkl: float(((np.array(hkl) @ reciprocal) ** 2).sum()) for hkl in product(range(-20, 21), repeat=3) if any(hkl)
    }
    expected = {hkl: length for hkl, length in expected.items() if length <= G_MAX**2}
    assert len(found) * 2 == len(expected)
    for hkl, length in found.items():
        assert expected[hkl] == pytest.approx(length)
        assert tuple(-index for index in hkl) not in found


@pytest.mark.parametrize("name", CELLS)
def test_the_frame_has_the_cells_shape(name: str) -> None:
    order, rows = cell_frame(CELLS[name])
    sorted_cell = CELLS[name][order]
    np.testing.assert_allclose(rows @ rows.T, sorted_cell @ sorted_cell.T, atol=1e-12)
    np.testing.assert_array_equal(rows[np.triu_indices(3, 1)], 0)
    assert (np.diff((sorted_cell**2).sum(axis=1)) >= 0).all()


def test_a_small_sphere_has_no_reflection() -> None:
    assert len(half_space_columns(cell_frame(CELLS["cubic"])[1], 0.1)) == 0
