"""The laws of the effects, one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xrdsym.augmentation.background_noise import amorphous_hump, gaussian_noise, poisson_noise, smooth_background
from xrdsym.augmentation.peak_changes import displaced, doubled, in_blocks
from xrdsym.augmentation.peak_shapes import add_peaks, thompson_cox_hastings
from xrdsym.augmentation.peak_widths import instrument_width, size_width, strain_width
from xrdsym.common.errors import UsageError
from xrdsym.diffraction.scattering import doublet

ANGLES = np.arange(0.0, 90.005, 0.01)
PEAKS = np.array([12.3, 30.0, 47.11, 88.0])
HEIGHTS = np.array([0.2, 1.0, 0.5, 0.1])
CENTRES = st.floats(35.0, 55.0)


@given(st.lists(st.floats(0, 100), min_size=1, max_size=40))
def test_each_peak_takes_the_factor_of_its_block(factors: list[float]) -> None:
    found = in_blocks(PEAKS, HEIGHTS, np.array(factors), (0.0, 90.0))
    expected = [height * factors[int(angle / 90 * len(factors))] for angle, height in zip(PEAKS, HEIGHTS, strict=True)]
    np.testing.assert_allclose(found, expected)
    np.testing.assert_array_equal(in_blocks(PEAKS, HEIGHTS, np.ones(7), (0.0, 90.0)), HEIGHTS)


def test_peaks_beyond_the_range_belong_to_the_outermost_blocks() -> None:
    found = in_blocks(np.array([1.0, 89.0, 90.0, 99.0]), np.ones(4), np.array([2.0, 3.0]), (10.0, 90.0))
    np.testing.assert_array_equal(found, [2.0, 3.0, 3.0, 3.0])


@given(st.floats(-1, 1), st.floats(100, 300))
def test_displacement_follows_the_cosine(height: float, radius: float) -> None:
    moved = np.radians(displaced(PEAKS, height, radius) - PEAKS)
    np.testing.assert_allclose(moved, -2 * height / radius * np.cos(np.radians(PEAKS / 2)), atol=1e-14)


@pytest.mark.parametrize("radiation", ["CuKa", "MoKa1", "CoKa"])
def test_a_doublet_keeps_spacings_and_intensity(radiation: str) -> None:
    lines = doublet(radiation)
    two_theta, intensity = doubled(PEAKS, HEIGHTS, 1.54184, lines)
    assert np.all(np.diff(two_theta) > 0)
    assert intensity.sum() == pytest.approx(HEIGHTS.sum())
    spacings = 1.54184 / (2 * np.sin(np.radians(PEAKS / 2)))
    for line, share in zip(lines, (2 / 3, 1 / 3), strict=True):
        expected = 2 * np.degrees(np.arcsin(line / (2 * spacings)))
        places = np.abs(two_theta[:, None] - expected).argmin(axis=0)
        np.testing.assert_allclose(two_theta[places], expected)
        np.testing.assert_allclose(intensity[places], HEIGHTS * share)


def test_copper_is_known_best_and_other_radiation_is_refused() -> None:
    assert doublet("CuKa") == (1.540598, 1.544426)
    for radiation in (1.54184, "CuKb1", "Ka"):
        with pytest.raises(UsageError, match="doublet"):
            doublet(radiation)


def test_widths_are_those_of_the_textbooks() -> None:
    # 10 nm with Cu Kα1 at 30°: 0.9 · 1.5406 / (100 · cos 15°) rad
    assert size_width(np.array([30.0]), 10.0, 1.5406)[0] == pytest.approx(0.8224, abs=1e-4)
    assert strain_width(np.array([90.0]), 0.001)[0] == pytest.approx(np.degrees(0.004))
    np.testing.assert_array_equal(strain_width(PEAKS, 0.0), 0.0)
    np.testing.assert_allclose(instrument_width(np.array([90.0, 0.0]), 0.05, -0.06, 0.07), np.sqrt([0.06, 0.07]))
    assert instrument_width(np.array([60.0]), 0.0, -1.0, 0.1)[0] == 0.0


@given(st.floats(0.01, 2.0))
def test_a_pseudo_voigt_of_one_part_is_that_part(width: float) -> None:
    assert thompson_cox_hastings(width, 0.0) == pytest.approx((width, 0.0))
    assert thompson_cox_hastings(0.0, width) == pytest.approx((width, 1.0), abs=1e-5)


@settings(max_examples=30)
@given(CENTRES, st.floats(0.0, 0.5), st.floats(0.0, 0.1))
def test_broadening_keeps_the_integrated_intensity(centre: float, gaussian: float, lorentzian: float) -> None:
    profile = np.zeros(len(ANGLES))
    one = np.ones(1)
    add_peaks(ANGLES, centre * one, 3.0 * one, gaussian * one, lorentzian * one, profile)
    assert profile.sum() * 0.01 == pytest.approx(3.0, rel=0.012)
    assert abs(ANGLES[profile.argmax()] - centre) <= 0.0051


@settings(max_examples=30)
@given(CENTRES, st.floats(0.05, 1.0), st.floats(0.05, 1.0))
def test_a_peak_has_the_width_that_it_was_given(centre: float, gaussian: float, lorentzian: float) -> None:
    width, share = thompson_cox_hastings(gaussian, lorentzian)
    assert max(gaussian, lorentzian) < width < gaussian + lorentzian
    profile = np.zeros(len(ANGLES))
    one = np.ones(1)
    add_peaks(ANGLES, centre * one, one, gaussian * one, lorentzian * one, profile)
    # both parts of a pseudo-Voigt have the same full width at half maximum
    half = np.interp([centre - width / 2, centre + width / 2], ANGLES, profile)
    highest = 2 / width * ((1 - share) * np.sqrt(np.log(2) / np.pi) + share / np.pi)
    np.testing.assert_allclose(half, highest / 2, rtol=0.02)


def test_peaks_add_up_and_those_outside_reach_in() -> None:
    wide, none = np.full(2, 0.3), np.zeros(2)
    both, alone = np.zeros(len(ANGLES)), np.zeros(len(ANGLES))
    add_peaks(ANGLES, np.array([40.0, 90.1]), np.ones(2), wide, none, both)
    for centre in (40.0, 90.1):
        add_peaks(ANGLES, np.array([centre]), np.ones(1), wide[:1], none[:1], alone)
    np.testing.assert_allclose(both, alone, atol=1e-12)
    assert both[-1] > 0


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=7))
def test_a_background_goes_from_0_to_1(coefficients: list[float]) -> None:
    found = smooth_background(ANGLES, np.array(coefficients))
    assert (found.min(), found.max()) in {(0.0, 1.0), (0.0, 0.0)}
    assert len(coefficients) > 1 or not found.any()


def test_a_hump_has_its_place_and_width() -> None:
    hump = amorphous_hump(ANGLES, 22.0, 8.0)
    assert ANGLES[hump.argmax()] == pytest.approx(22.0)
    np.testing.assert_allclose(np.interp([18.0, 26.0], ANGLES, hump), 0.5)


def test_counts_scatter_about_the_pattern_as_poisson_says() -> None:
    values = np.array([0.0, 0.1, 1.0, 2.0])
    rng = np.random.default_rng(0)
    drawn = np.array([poisson_noise(values, 200.0, rng) for _ in range(20_000)])
    np.testing.assert_allclose(drawn.mean(axis=0), values, rtol=0.01)
    # of 200 counts at the strongest point, one is 0.01
    np.testing.assert_allclose(drawn.var(axis=0), values * 0.01, rtol=0.05)


def test_gaussian_noise_has_its_size_and_nothing_is_negative() -> None:
    values = np.full(50_000, 4.0)
    values[0] = 0.0
    noisy = gaussian_noise(values, 0.01, np.random.default_rng(1))
    assert noisy[1:].mean() == pytest.approx(4.0, abs=0.001)
    assert noisy[1:].std() == pytest.approx(0.04, rel=0.02)
    assert gaussian_noise(np.eye(1, 1000)[0], 0.1, np.random.default_rng(2)).min() == 0.0
