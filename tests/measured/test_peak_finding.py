"""Peaks found in patterns, against the peaks that the patterns are made of."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymatgen.analysis.diffraction.xrd import XRDCalculator
from pymatgen.core import Lattice, Structure
from scipy.ndimage import gaussian_filter1d

from xrdsym.diffraction.scattering import doublet
from xrdsym.measured.peak_finding import SMOOTHING, find_scan_peaks

START, STEP = 5.0, 0.02
ANGLES = START + STEP * np.arange(4251)


def pattern(positions: list[float], heights: list[float], fwhm: float = 0.1) -> np.ndarray:
    sigma = fwhm / 2.3548
    return sum(
        height * np.exp(-0.5 * ((ANGLES - position) / sigma) ** 2)
        for position, height in zip(positions, heights, strict=True)
    ) + np.zeros(len(ANGLES))


@settings(max_examples=30, deadline=None)
@given(
    places=st.lists(st.integers(0, 80), min_size=1, max_size=25, unique=True),
    seed=st.integers(0, 2**32 - 1),
    scale=st.floats(1e-3, 1e6),
)
def test_peaks_well_above_the_noise_are_found(places: list[int], seed: int, scale: float) -> None:
    generator = np.random.default_rng(seed)
    positions = [6 + place + generator.uniform(0, 0.4) for place in sorted(places)]
    heights = [1.0, *generator.uniform(0.1, 1.0, len(positions) - 1)]
    # the subtraction of a background leaves noise around a level above 0
    noisy = pattern(positions, heights) + generator.normal(0.02, 0.005, len(ANGLES))
    found, height = find_scan_peaks(np.clip(noisy, 0, None) * scale, START, STEP)
    nearest = np.abs(found[:, None] - positions).argmin(axis=0)
    np.testing.assert_allclose(found[nearest], positions, atol=0.01)
    np.testing.assert_allclose(height[nearest], np.array(heights) / height_of(heights, height[nearest]), atol=0.05)
    # of 4,251 points of noise at most a few look like a peak, and like a weak one
    others = np.delete(height, nearest)
    assert len(others) <= 4
    assert np.all(others < 0.05)
    assert np.all(np.diff(found) > 0)
    assert height.max() == 1


def height_of(heights: list[float], found: np.ndarray) -> float:
    """Smoothing and noise change all heights by nearly the same factor."""
    return float(np.dot(heights, heights) / np.dot(found, heights))


def test_the_peaks_of_a_crystal_are_those_of_pymatgen() -> None:
    salt = Structure.from_spacegroup("Fm-3m", Lattice.cubic(5.64), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])
    peaks = XRDCalculator("CuKa1").get_pattern(salt, two_theta_range=(5, 90))
    strong = peaks.y > 2
    noise = np.random.default_rng(0).normal(0, 0.002, len(ANGLES))
    found, _ = find_scan_peaks(np.clip(pattern(peaks.x, peaks.y / 100) + noise, 0, None), START, STEP)
    assert len(found) == pytest.approx(len(peaks.x), abs=2)
    for angle in peaks.x[strong]:
        assert np.abs(found - angle).min() < 0.01


def test_the_second_peak_of_a_doublet_is_left_out() -> None:
    first, second = doublet("CuKa")
    positions = [30.0, 70.0]
    partners = [float(np.degrees(2 * np.arcsin(np.sin(np.radians(one / 2)) * second / first))) for one in positions]
    both = pattern([*positions, *partners], [0.7, 1.0, 0.35, 0.5], fwhm=0.08)
    found, _ = find_scan_peaks(both, START, STEP)
    np.testing.assert_allclose(found, [30.0, 70.0, partners[1]], atol=0.03)
    found, _ = find_scan_peaks(both, START, STEP, (first, second))
    np.testing.assert_allclose(found, positions, atol=0.03)


def test_a_hump_is_not_a_peak() -> None:
    hump = 0.3 * np.exp(-0.5 * ((ANGLES - 22) / 3) ** 2)
    found, _ = find_scan_peaks(pattern([40.0], [1.0]) + hump, START, STEP)
    np.testing.assert_allclose(found, [40.0], atol=0.01)


def test_zeros_have_no_peak_and_noise_has_its_highest_point() -> None:
    found, height = find_scan_peaks(np.zeros(len(ANGLES)), START, STEP)
    assert (found.shape, height.shape) == ((0,), (0,))
    found, _ = find_scan_peaks(np.eye(1, 400, 200)[0], START, STEP)
    np.testing.assert_allclose(found, [START + 200 * STEP])
    noise = np.random.default_rng(0).random(400)
    found, height = find_scan_peaks(noise, START, STEP)
    highest = START + STEP * gaussian_filter1d(noise, SMOOTHING / STEP).argmax()
    np.testing.assert_allclose(found, [highest], atol=STEP / 2)
    assert height.tolist() == [1.0]


@pytest.mark.parametrize("ends", [(11.5, 90.0), (5.0, 61.4), (13.9, 55.0)])
def test_noise_at_the_ends_of_a_short_scan_is_not_a_peak(ends: tuple[float, float]) -> None:
    positions = [22.0, 31.0, 36.5, 44.0, 52.0]
    measured = (ends[0] <= ANGLES) & (ends[1] >= ANGLES)
    for seed in range(20):
        noise = np.random.default_rng(seed).normal(0.03, 0.01, len(ANGLES))
        scan = np.clip(pattern(positions, [0.6, 1.0, 0.5, 0.7, 0.4]) + noise, 0, None)
        whole, _ = find_scan_peaks(scan, START, STEP)
        inside = whole[(whole > ends[0] + 0.1) & (whole < ends[1] - 0.1)]
        found, _ = find_scan_peaks(np.where(measured, scan, 0.0), START, STEP)
        assert len(found) <= len(inside) + 1
