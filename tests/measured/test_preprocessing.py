from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xrdsym.common.errors import MaterialError
from xrdsym.crystal.structure_table import CrystalStructure
from xrdsym.diffraction.peaks import simulate_peaks
from xrdsym.diffraction.profile_grid import ProfileGrid
from xrdsym.diffraction.scattering import wavelength
from xrdsym.encoding.profile import profile, scan_profile
from xrdsym.measured.preprocessing import averaged, converted, lorentz_polarisation, to_wavelength
from xrdsym.measured.scan import Scan
from xrdsym.measured.scan_files import read_scan

if TYPE_CHECKING:
    from pathlib import Path

CU, MO = wavelength("CuKa"), wavelength("MoKa")
GRID = ProfileGrid(0.0, 90.0, 0.02)


def perovskite() -> CrystalStructure:
    positions = [[0, 0, 0], [0.5, 0.5, 0.52], [0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]]
    return CrystalStructure(
        material_id="PbTiO3",
        formula="PbTiO3",
        lattice=np.diag([3.9, 3.9, 4.15]),
        numbers=np.array([82, 22, 8, 8, 8], dtype=np.int16),
        frac_coords=np.array(positions, dtype=np.float64),
    )


@given(st.floats(0.5, 20.0), st.floats(0.3, 2.5), st.floats(0.3, 2.5))
def test_angles_are_converted_by_braggs_law(d: float, before: float, after: float) -> None:
    if max(before, after) >= 2 * d * 0.999:
        return
    angles = [np.degrees(2 * np.arcsin(wave / (2 * d))) for wave in (before, after)]
    np.testing.assert_allclose(to_wavelength(np.array(angles[:1]), before, after), angles[1:], rtol=1e-9)


def test_angles_without_a_counterpart_are_dropped() -> None:
    angles = np.array([10.0, 40.0, 100.0])
    kept = to_wavelength(angles, MO, CU)
    assert len(kept) == 1 + (np.sin(np.radians(20)) * CU / MO < 1)
    assert (kept > angles[: len(kept)]).all()


@pytest.mark.parametrize(("two_theta", "factor"), [(90.0, 1 / np.sqrt(0.125)), (60.0, 1.25 / (0.25 * np.sqrt(0.75)))])
def test_the_lorentz_polarisation_factor(two_theta: float, factor: float) -> None:
    assert lorentz_polarisation(np.array([two_theta]))[0] == pytest.approx(factor)


def test_simulated_peaks_converted_are_those_of_the_other_radiation() -> None:
    at_mo, at_cu = (simulate_peaks(perovskite(), wave, (0.0, 90.0)) for wave in (MO, CU))
    two_theta, intensity = converted(at_mo.two_theta, at_mo.intensity, MO, CU)
    # the weakest peaks are cut off at another angle, and the strongest is 1 at both wavelengths
    intensity = intensity / intensity[two_theta < 90].max()
    strong = at_cu.intensity > 0.01
    nearest = np.abs(two_theta[:, None] - at_cu.two_theta[strong]).argmin(axis=0)
    np.testing.assert_allclose(two_theta[nearest], at_cu.two_theta[strong], atol=1e-5)
    np.testing.assert_allclose(intensity[nearest], at_cu.intensity[strong], rtol=1e-4)


def test_a_pattern_measured_like_the_simulation_gives_its_profile() -> None:
    simulated = profile(simulate_peaks(perovskite(), CU), GRID, sigma=5.0, scale="linear")
    scan = Scan(GRID.positions, simulated.astype(np.float64) * 7000, CU)
    measured = scan_profile(scan, GRID, "linear", CU, CU)
    assert measured.dtype == np.float32
    np.testing.assert_allclose(measured, simulated, atol=0.005)


def test_a_pattern_measured_at_another_wavelength_has_its_peaks_where_the_model_expects_them() -> None:
    fine = ProfileGrid(0.0, 60.0, 0.005)
    scan = Scan(fine.positions, profile(simulate_peaks(perovskite(), MO), fine, 8.0, "linear").astype(float), MO)
    measured = scan_profile(scan, GRID, "linear", MO, CU)
    peaks = simulate_peaks(perovskite(), CU)
    for angle, height in zip(peaks.two_theta, peaks.intensity, strict=True):
        if height > 0.1:
            near = np.abs(GRID.positions - angle) < 0.3
            assert GRID.positions[near][measured[near].argmax()] == pytest.approx(angle, abs=0.03)


@given(st.floats(1e-3, 1e6))
def test_the_unit_of_the_intensity_does_not_matter(unit: float) -> None:
    rng = np.random.default_rng(0)
    angles = np.arange(10, 80, 0.02)
    counts = 200 * np.exp(-angles / 30) + 1000 * np.exp(-(((angles - 33) / 0.1) ** 2)) + rng.uniform(0, 20, len(angles))
    one, other = (scan_profile(Scan(angles, counts * k, CU), GRID, "sqrt", CU, CU) for k in (1.0, unit))
    np.testing.assert_allclose(one, other, atol=1e-5)


def test_the_background_is_subtracted_and_the_peaks_stay() -> None:
    angles = np.arange(10, 80, 0.02)
    peaks = sum(h * np.exp(-(((angles - a) / 0.08) ** 2)) for a, h in [(21.0, 0.4), (33.0, 1.0), (60.0, 0.2)])
    slope = 0.5 * np.exp(-(angles - 10) / 15) + 0.1
    found = scan_profile(Scan(angles, 5000 * (peaks + slope), CU), GRID, "linear", CU, CU)
    expected = np.interp(GRID.positions, angles, peaks, left=0, right=0)
    np.testing.assert_allclose(found, expected, atol=0.03)


def test_a_finer_pattern_is_averaged_and_a_coarser_one_is_not() -> None:
    angles = np.arange(10.0, 20.0, 0.01)
    noise = np.random.default_rng(0).normal(100, 10, len(angles))
    coarse = np.arange(10.5, 19.5, 0.1)
    found = averaged(coarse, angles, noise)
    expected = [noise[np.abs(angles - middle) < 0.051].mean() for middle in coarse[1:-1]]
    np.testing.assert_allclose(found[1:-1], expected, atol=3)
    assert found.std() < 5
    np.testing.assert_allclose(averaged(coarse, angles, 3 * angles)[1:-1], 3 * coarse[1:-1])
    fine = np.arange(10.0, 19.0, 0.002)
    np.testing.assert_allclose(averaged(fine, angles, noise), np.interp(fine, angles, noise))


def test_angles_that_were_not_measured_are_zero() -> None:
    angles = np.arange(20, 40, 0.02)
    found = scan_profile(Scan(angles, 1 + 100 * np.exp(-(((angles - 30) / 0.1) ** 2)), CU), GRID, "log", CU, CU)
    outside = (GRID.positions < 20) | (GRID.positions > 40)
    assert not found[outside].any()
    assert GRID.positions[found.argmax()] == pytest.approx(30)


def test_a_pattern_beyond_the_grid_is_refused() -> None:
    angles = np.arange(100, 140, 0.02)
    with pytest.raises(MaterialError, match="between 0° and 90°") as caught:
        scan_profile(Scan(angles, np.exp(-((angles - 120) ** 2)), CU), GRID, "linear", CU, CU)
    assert caught.value.reason == "no_intensity_in_range"


def test_a_pattern_without_a_peak_is_refused() -> None:
    angles = np.arange(10, 80, 0.02)
    with pytest.raises(MaterialError, match="nothing stands above the background"):
        scan_profile(Scan(angles, np.full(len(angles), 100.0), CU), GRID, "linear", CU, CU)


def test_thin_film_patterns_lose_half_their_mean_level(shared_data: Path) -> None:
    levels = []
    for path in sorted((shared_data / "autoxrd").rglob("*.xy"))[::4]:
        scan = read_scan(path)
        found = scan_profile(scan, GRID, "linear", CU, CU)
        assert found.min() >= 0
        assert found.max() == 1
        raw = np.interp(GRID.positions, scan.two_theta, scan.intensity / scan.intensity.max(), left=0, right=0)
        levels.append((raw.mean(), found.mean()))
    before, after = np.mean(levels, axis=0)
    assert after < 0.7 * before


def test_a_grid_that_starts_at_the_first_peak_is_refused() -> None:
    angles = np.arange(20, 80, 0.02)
    grid = ProfileGrid(8.0, 90.0, 0.02, "ln_q_ratio")
    with pytest.raises(MaterialError, match="take a model with another axis") as caught:
        scan_profile(Scan(angles, np.exp(-((angles - 30) ** 2)), CU), grid, "log", CU, CU)
    assert caught.value.reason == "no_first_peak"
