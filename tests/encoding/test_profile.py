"""Profiles against plain scipy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from xrdsym.common.errors import UsageError
from xrdsym.config.schema import Axis
from xrdsym.diffraction.peaks import Peaks, SimulationError
from xrdsym.diffraction.profile_grid import ProfileGrid
from xrdsym.diffraction.smoothing import smooth_peaks
from xrdsym.encoding.profile import normalised, profile, profiles

GRID = ProfileGrid(0.0, 90.0, 0.05)


def smoothed(
    two_theta: NDArray[np.float64], intensity: NDArray[np.float64], grid: ProfileGrid, sigma: float
) -> NDArray[np.float64]:
    values = np.zeros(grid.points)
    inside = (two_theta >= grid.two_theta_min) & (two_theta <= grid.two_theta_max)
    nearest = np.rint((two_theta[inside] - grid.two_theta_min) / grid.step).astype(int)
    np.add.at(values, nearest, intensity[inside])
    return gaussian_filter1d(values, sigma) if sigma > 0 else values


def reference(peaks: Peaks, grid: ProfileGrid, sigma: float, scale: str) -> NDArray[np.float64]:
    values = smoothed(peaks.two_theta, peaks.intensity, grid, sigma)
    values /= values.max()
    if scale == "sqrt":
        values = np.sqrt(values)
    elif scale == "log":
        values = np.log1p(1000 * values) / np.log1p(1000)
    return values


def drawn(seed: int, count: int = 200) -> Peaks:
    rng = np.random.default_rng(seed)
    return Peaks(np.sort(rng.uniform(0, 90, count)), rng.random(count) ** 4 + 1e-5)


@pytest.mark.parametrize("scale", ["linear", "sqrt", "log"])
@pytest.mark.parametrize("sigma", [0, 0.1, 0.5, 1, 5, 37.3, 900])
def test_profiles_are_those_of_scipy(sigma: float, scale: str) -> None:
    peaks = drawn(3)
    row = profile(peaks, GRID, sigma, scale)
    assert row.dtype == np.float32
    assert row.shape == (1801,)
    assert row.max() == 1.0
    assert row.min() >= 0.0
    np.testing.assert_allclose(row, reference(peaks, GRID, sigma, scale), atol=1e-7)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-5, 15), st.floats(1e-5, 1)), max_size=20),
    st.one_of(st.just(0.0), st.floats(0.05, 60)),
    st.sampled_from([0.1, 0.5, 2.5, 10.0]),
)
def test_smoothing_equals_scipy_to_rounding(peaks: list[tuple[float, float]], sigma: float, step: float) -> None:
    from xrdsym.diffraction.smoothing import _gaussian

    grid = ProfileGrid(0.0, 10.0, step)
    two_theta, intensity = np.array(peaks, dtype=float).reshape(-1, 2).T.copy()
    values = np.empty(grid.points)
    smooth_peaks(two_theta, intensity, (0.0, 10.0, step), _gaussian(sigma), values)
    np.testing.assert_allclose(values, smoothed(two_theta, intensity, grid, sigma), rtol=1e-12, atol=1e-12)


def test_peaks_that_meet_add_up() -> None:
    row = profile(Peaks(np.array([10.0, 30.0, 30.01, 30.02]), np.array([0.5, 0.3, 0.3, 0.4])), GRID, 0, "linear")
    assert np.flatnonzero(row).tolist() == [200, 600]
    assert row[200] == np.float32(0.5)
    assert row[600] == 1.0


def test_both_ends_of_the_grid_are_in_it_and_what_is_beyond_is_not() -> None:
    grid = ProfileGrid(10.0, 20.0, 0.5)
    peaks = Peaks(np.array([9.99, 10.0, 20.0, 20.01]), np.array([1.0, 0.5, 0.25, 1.0]))
    row = profile(peaks, grid, 0, "linear")
    assert np.flatnonzero(row).tolist() == [0, 20]
    assert row[20] == 0.5


def test_many_patterns_are_each_as_if_alone_and_one_without_peaks_is_zero() -> None:
    patterns = [drawn(seed, 10 + seed) for seed in range(4)]
    patterns.insert(2, Peaks(np.array([120.0]), np.array([1.0])))
    offsets = np.cumsum([0, *(len(one.two_theta) for one in patterns)])
    rows = profiles(
        offsets,
        np.concatenate([one.two_theta for one in patterns]),
        np.concatenate([one.intensity for one in patterns]),
        GRID,
        5,
        "sqrt",
    )
    assert not rows[2].any()
    for i in (0, 1, 3, 4):
        np.testing.assert_array_equal(rows[i], profile(patterns[i], GRID, 5, "sqrt"))


def test_no_peak_on_the_grid_is_reported() -> None:
    with pytest.raises(SimulationError, match="from 0 to 90 degrees") as caught:
        profile(Peaks(np.array([91.0]), np.array([1.0])), GRID, 5, "linear")
    assert caught.value.reason == "no_reflection_in_range"


def test_positions_are_evenly_spaced() -> None:
    grid = ProfileGrid(5.0, 90.0, 0.01)
    assert grid.points == 8501
    np.testing.assert_allclose(grid.positions, 5 + 0.01 * np.arange(8501), rtol=1e-12)


@pytest.mark.parametrize(
    ("low", "high", "step"),
    [(0, 90, 0), (0, 90, -1), (0, 90, float("nan")), (90, 0, 1), (-1, 90, 1), (0, 181, 1), (0, 90, 0.7), (0, 1, 5)],
)
def test_a_grid_that_makes_no_sense_is_reported(low: float, high: float, step: float) -> None:
    with pytest.raises(UsageError, match="grid from"):
        ProfileGrid(low, high, step)


@pytest.mark.parametrize("sigma", [-1, float("nan"), float("inf")])
def test_a_sigma_that_makes_no_sense_is_reported(sigma: float) -> None:
    with pytest.raises(UsageError, match="sigma"):
        profile(drawn(1), GRID, sigma, "linear")


def test_an_unknown_scale_is_reported() -> None:
    with pytest.raises(UsageError, match="linear, sqrt, log"):
        profile(drawn(1), GRID, 5, "cubic")  # type: ignore[arg-type]


def test_normalising_leaves_zeros_and_its_argument_alone() -> None:
    zeros = np.zeros(3)
    assert not normalised(zeros, "log").any()
    values = np.array([0.0, 1.0, 4.0])
    np.testing.assert_allclose(normalised(values, "sqrt"), [0, 0.5, 1])
    assert values.tolist() == [0, 1, 4]


@pytest.mark.parametrize("axis", ["two_theta", "q", "q_squared", "ln_q"])
def test_an_axis_is_evenly_spaced_in_what_it_is_called(axis: Axis) -> None:
    grid = ProfileGrid(4.0, 90.0, 0.05, axis)
    q = 4 * np.pi * np.sin(np.radians(grid.positions / 2)) / 1.54184
    on_axis = {"two_theta": grid.positions, "q": q, "q_squared": q**2, "ln_q": np.log(q)}[axis]
    assert np.allclose(np.diff(on_axis), np.diff(on_axis)[0], rtol=1e-9)
    assert grid.positions[[0, -1]] == pytest.approx([4.0, 90.0])
    assert np.allclose(grid.places(grid.positions), np.linspace(4.0, 90.0, grid.points), atol=1e-9)


def test_on_ln_q_a_larger_cell_is_a_shift() -> None:
    grid = ProfileGrid(4.0, 90.0, 0.05, "ln_q")
    two_theta = np.array([30.0, 42.0, 55.0])
    scaled = np.degrees(2 * np.arcsin(np.sin(np.radians(two_theta / 2)) / 1.1))
    heights = np.array([1.0, 0.5, 0.2])
    offsets = np.array([0, 3])
    before, after = (profiles(offsets, angles, heights, grid, 0.0, "linear")[0] for angles in (two_theta, scaled))
    shifts = np.flatnonzero(before) - np.flatnonzero(after)
    assert shifts.max() - shifts.min() <= 1
    assert shifts.min() > 10


def test_ln_q_does_not_begin_at_zero_and_peaks_below_it_are_left_out() -> None:
    with pytest.raises(UsageError, match="ln 0 is undefined"):
        ProfileGrid(0.0, 90.0, 0.05, "ln_q")
    grid = ProfileGrid(5.0, 90.0, 0.05, "ln_q")
    row = profiles(np.array([0, 2]), np.array([0.0, 30.0]), np.array([1.0, 1.0]), grid, 0.0, "linear")[0]
    assert row.sum() == 1.0


def test_on_ln_q_ratio_a_larger_cell_is_nothing() -> None:
    grid = ProfileGrid(6.0, 90.0, 0.02, "ln_q_ratio")
    sine = np.sin(np.radians(np.array([20.0, 30.0, 34.0, 47.0]) / 2))
    height = np.array([0.3, 1.0, 0.002, 0.5])
    rows = [
        profile(Peaks(np.degrees(2 * np.arcsin(sine * factor)), height), grid, 4.0, "linear")
        for factor in (1.0, 0.7, 0.2, 1.3)
    ]
    for row in rows[1:]:
        # a peak may fall to the other side of the middle between two points: σ is 4 of them
        np.testing.assert_allclose(row, rows[0], atol=0.16)
    assert np.flatnonzero(rows[0] > 0.2)[0] < 80


def test_a_faint_peak_is_not_the_first() -> None:
    grid = ProfileGrid(6.0, 90.0, 0.02, "ln_q_ratio")
    faint = Peaks(np.array([15.0, 30.0, 60.0]), np.array([0.0029, 1.0, 0.5]))
    alone = Peaks(np.array([30.0, 60.0]), np.array([1.0, 0.5]))
    np.testing.assert_array_equal(profile(faint, grid, 2.0, "linear"), profile(alone, grid, 2.0, "linear"))
