"""Atoms near to each other, against pymatgen's neighbours."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymatgen.core import Lattice, Structure

from xrdsym.common.errors import MaterialError
from xrdsym.sources.site_distances import REACH, near_pairs, shortest


@given(
    seed=st.integers(0, 2**32 - 1),
    angles=st.tuples(*[st.floats(65, 115)] * 3),
    edges=st.tuples(*[st.floats(1.6, 6.0)] * 3),
)
def test_all_pairs_within_reach_are_found(
    seed: int, angles: tuple[float, float, float], edges: tuple[float, float, float]
) -> None:
    lattice = Lattice.from_parameters(*edges, *angles)
    heights = 1 / np.linalg.norm(np.linalg.inv(lattice.matrix), axis=0)
    if heights.min() < REACH:
        return
    positions = np.random.default_rng(seed).random((6, 3))
    first, second, distances = near_pairs(lattice.matrix, positions, "x")
    expected = Structure(lattice, ["H"] * 6, positions).get_neighbor_list(REACH)
    found = sorted(zip(first, second, np.round(distances, 6), strict=True))
    assert found == sorted(zip(expected[0], expected[1], np.round(expected[3], 6), strict=True))


def test_atoms_that_take_turns_or_share_a_site_are_not_near() -> None:
    lattice = np.eye(3) * 4.0
    positions = np.array([[0, 0, 0], [0.1, 0, 0], [0.5, 0.5, 0.5]])
    pairs = near_pairs(lattice, positions, "x")
    everything = np.ones(3, dtype=bool)
    assert shortest(positions, pairs, np.ones(3), everything) == pytest.approx(0.4)
    assert shortest(positions, pairs, np.array([0.5, 0.5, 1]), everything) == REACH
    assert shortest(positions, pairs, np.ones(3), np.array([True, False, True])) == REACH


def test_a_thin_cell_and_a_heap_of_atoms_are_refused() -> None:
    with pytest.raises(MaterialError, match=r"x: the cell is 0\.5 Å thin"):
        near_pairs(np.diag([0.5, 4, 4]), np.zeros((1, 3)), "x")
    with pytest.raises(MaterialError, match=r"x: too many of the 1500 atoms lie in each other"):
        near_pairs(np.eye(3) * 4, np.zeros((1500, 3)), "x")
