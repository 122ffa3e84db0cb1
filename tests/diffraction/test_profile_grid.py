"""Grids on every axis."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xrdsym.common.errors import UsageError
from xrdsym.diffraction.profile_grid import AXES, FIRST_RATIO, ProfileGrid

AXIS_NAMES = sorted(AXES)


@pytest.mark.parametrize("axis", AXIS_NAMES)
def test_the_points_lie_on_their_own_places(axis: str) -> None:
    grid = ProfileGrid(5.0, 90.0, 0.05, axis)
    even = np.linspace(5.0, 90.0, 1701)
    assert grid.points == 1701
    np.testing.assert_allclose(grid.places(grid.positions), even, atol=1e-9)
    np.testing.assert_allclose(grid.positions[[0, -1]], [5.0, 90.0])


@pytest.mark.parametrize("axis", AXIS_NAMES)
def test_points_are_evenly_spaced_on_their_axis(axis: str) -> None:
    values = AXES[axis](ProfileGrid(5.0, 90.0, 0.5, axis).positions)
    np.testing.assert_allclose(np.diff(values), np.diff(values)[0])


@given(st.floats(0.9, 1.1), st.lists(st.floats(20, 60), min_size=1, max_size=10, unique=True))
def test_a_scaled_cell_shifts_the_pattern_on_ln_q_and_not_on_ln_q_ratio(factor: float, angles: list[float]) -> None:
    two_theta = np.sort(np.array(angles))
    scaled = np.degrees(2 * np.arcsin(np.sin(np.radians(two_theta / 2)) / factor))
    offsets, intensity = np.array([0, len(two_theta)]), np.ones(len(two_theta))
    shifts = ProfileGrid(5.0, 90.0, 0.05, "ln_q").places(scaled) - ProfileGrid(5.0, 90.0, 0.05, "ln_q").places(
        two_theta
    )
    np.testing.assert_allclose(shifts, shifts[0], atol=1e-8)
    grid = ProfileGrid(5.0, 90.0, 0.05, "ln_q_ratio")
    places = [grid.places(one, grid.shifts(offsets, one, intensity)) for one in (two_theta, scaled)]
    np.testing.assert_allclose(places[0], places[1], atol=1e-8)


def test_the_first_peak_of_ln_q_ratio_has_one_place_and_weak_peaks_are_none() -> None:
    grid = ProfileGrid(5.0, 90.0, 0.05, "ln_q_ratio")
    two_theta, intensity = np.array([12.0, 20.0, 40.0]), np.array([0.001, 0.5, 1.0])
    place = grid.places(two_theta, grid.shifts(np.array([0, 3]), two_theta, intensity))[1]
    first_q = FIRST_RATIO * np.sin(np.radians(2.5))
    expected = ProfileGrid(5.0, 90.0, 0.05, "ln_q").places(np.degrees(2 * np.arcsin(np.array([first_q]))))[0]
    assert place == pytest.approx(expected)


def test_a_shifted_pattern_is_read_where_its_angles_were() -> None:
    grid = ProfileGrid(5.0, 90.0, 0.05, "q")
    shift = 0.01
    np.testing.assert_allclose(grid.places(grid.angles(shift), shift), np.linspace(5.0, 90.0, 1701), atol=1e-6)


@pytest.mark.parametrize(
    ("grid", "message"),
    [
        ((10.0, 5.0, 0.05), "min < max"),
        ((0.0, 90.0, 0.0), "step > 0"),
        ((0.0, 90.0, float("nan")), "step > 0"),
        ((0.0, 181.0, 0.05), "<= 180"),
        ((0.0, 1.0, 0.3), "use a step of 0.333"),
        ((0.0, 90.0, 0.05, "ln_q"), "two_theta_min above 0"),
    ],
)
def test_a_grid_that_is_none_is_refused(grid: tuple, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        ProfileGrid(*grid)
