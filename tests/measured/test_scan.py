"""A scan made from raw numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pymatgen.core import Lattice, Structure

from xrdsym.common.errors import MaterialError, UsageError
from xrdsym.diffraction.peaks import simulate
from xrdsym.measured.scan import MAX_STEP, MIN_POINTS, Scan

ANGLES = np.arange(10.0, 16.0, 0.1)


@given(st.permutations(range(len(ANGLES))), st.sets(st.integers(0, len(ANGLES) - 1), max_size=8))
def test_order_and_missing_values_do_not_matter(order: list[int], missing: set[int]) -> None:
    intensity = np.linspace(1, 2, len(ANGLES))
    gaps = intensity.copy()
    gaps[list(missing)] = [np.nan, 1e31, np.inf, -np.inf, np.nan, np.nan, np.nan, np.nan][: len(missing)]
    result = Scan(ANGLES[order], gaps[order], 1.54, "any")
    kept = np.delete(np.arange(len(ANGLES)), list(missing))
    np.testing.assert_array_equal(result.two_theta, ANGLES[kept])
    np.testing.assert_array_equal(result.intensity, intensity[kept])
    assert result.wavelength == 1.54


def test_repeated_angles_are_averaged_before_negative_intensities_become_zero() -> None:
    intensity = np.ones(len(ANGLES))
    intensity[5] = -3.0
    result = Scan(np.append(ANGLES, ANGLES[[5, 7]]), np.append(intensity, [1.0, 3.0]), None, "any")
    assert result.intensity[[4, 5, 7]].tolist() == [1.0, 0.0, 2.0]
    assert result.wavelength is None


@pytest.mark.parametrize(
    ("angles", "intensity", "reason"),
    [
        (ANGLES[: MIN_POINTS - 1], np.ones(MIN_POINTS - 1), "too_few_points"),
        (np.repeat(ANGLES[:10], 10), np.ones(100), "too_few_points"),
        (ANGLES - 11, np.ones(len(ANGLES)), "angles_out_of_range"),
        (ANGLES + 165, np.ones(len(ANGLES)), "angles_out_of_range"),
        (ANGLES, -np.ones(len(ANGLES)), "no_intensity"),
    ],
)
def test_unusable_numbers_are_refused_by_name(angles: np.ndarray, intensity: np.ndarray, reason: str) -> None:
    with pytest.raises(MaterialError, match="sample 7 has") as caught:
        Scan(angles, intensity, None, "sample 7")
    assert caught.value.reason == reason


@st.composite
def structures(draw: st.DrawFn) -> Structure:
    """Two atoms at random places in a primitive cell of any system."""
    a, b, c = (draw(st.floats(3, 12)) for _ in range(3))
    lattice = draw(
        st.sampled_from(
            (
                Lattice.cubic(a),
                Lattice.tetragonal(a, c),
                Lattice.hexagonal(a, c),
                Lattice.orthorhombic(a, b, c),
                Lattice.monoclinic(a, b, c, 100),
                Lattice.from_parameters(a, b, c, 85, 95, 105),
            )
        )
    )
    places = draw(st.lists(st.floats(0.1, 0.9), min_size=3, max_size=3))
    return Structure(lattice, ["Na", "Cl"], [[0, 0, 0], places])


STEPS = st.floats(0.005, 0.97 * MAX_STEP)


@given(STEPS, st.floats(0, 60), st.integers(MIN_POINTS, 200), st.one_of(st.none(), st.integers(1, 5)), st.data())
def test_patterns_of_even_steps_are_scans(
    step: float, start: float, count: int, decimals: int | None, data: st.DataObject
) -> None:
    jitter = data.draw(st.lists(st.floats(-0.02, 0.02), min_size=count, max_size=count))
    angles = start + step * (np.arange(count) + np.array(jitter))
    angles = np.abs(angles) if decimals is None else np.abs(angles).round(decimals)
    kept = np.unique(angles)
    if len(kept) < MIN_POINTS:
        return
    np.testing.assert_array_equal(Scan(angles, np.ones(count), axis_known=True).two_theta, kept)


@given(STEPS, STEPS, st.integers(30, 100))
def test_scans_of_two_steps_and_of_even_q_are_scans(fine: float, coarse: float, count: int) -> None:
    ranges = np.concatenate([10 + fine * np.arange(count), 60.5 + coarse * np.arange(count)])
    assert len(Scan(ranges, np.ones(len(ranges))).two_theta) == 2 * count
    q = np.linspace(1.0, 5.0, 5 * count)
    assert len(Scan(np.degrees(2 * np.arcsin(q * 1.5418 / (4 * np.pi))), q).two_theta) == 5 * count


@given(structures(), st.sampled_from(("CuKa", "MoKa")), st.one_of(st.none(), st.integers(2, 4)))
def test_the_peaks_of_a_structure_are_no_scan(structure: Structure, radiation: str, decimals: int | None) -> None:
    angles, intensity = simulate(structure, radiation=radiation)
    if decimals is not None:
        # thousands of peaks, rounded, fill the grid of a scan
        assume(len(angles) < 0.2 * (angles[-1] - angles[0]) * 10**decimals)
    with pytest.raises(MaterialError, match="list of peaks") as caught:
        Scan(angles if decimals is None else angles.round(decimals), intensity, wavelength=1.5418)
    assert caught.value.reason in {"peak_list", "too_few_points"}


def test_arrays_that_do_not_belong_together_are_refused() -> None:
    with pytest.raises(MaterialError, match=r"shape \(60,\) and intensities of shape \(59,\)"):
        Scan(ANGLES, ANGLES[1:])


PEAK = 100 + 5000 * np.exp(-(((ANGLES - 13) / 0.1) ** 2))


@pytest.mark.parametrize(
    ("angles", "intensity"),
    [
        (ANGLES.tolist(), PEAK.tolist()),
        (ANGLES[::-1], PEAK[::-1]),
        (ANGLES.astype(object), PEAK.astype("U20")),
        (tuple(ANGLES), np.ma.masked_array(PEAK, np.zeros(len(PEAK)))),
        (ANGLES.astype(np.float32).astype(np.float64).round(3), PEAK),
    ],
)
def test_whatever_holds_numbers_is_taken(angles: object, intensity: object) -> None:
    scan = Scan(angles, intensity, 1.54)  # type: ignore[arg-type] - of every kind
    np.testing.assert_allclose(scan.two_theta, ANGLES)
    np.testing.assert_allclose(scan.intensity, PEAK)


def test_a_masked_intensity_and_none_are_missing() -> None:
    masked = np.ma.masked_array(PEAK, np.arange(len(PEAK)) == 7)
    with_none = [None if index == 7 else value for index, value in enumerate(PEAK.tolist())]
    for intensity in (masked, with_none):
        assert len(Scan(ANGLES, intensity).two_theta) == len(ANGLES) - 1  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("angles", "intensity"),
    [
        (ANGLES, ["many"] * len(ANGLES)),
        (ANGLES, PEAK.astype(complex)),
        ([[1, 2], [3]], PEAK),
        (np.zeros(len(ANGLES), "datetime64[D]"), PEAK),
        (ANGLES, [10**400] * len(ANGLES)),
    ],
)
def test_what_holds_no_numbers_is_refused(angles: object, intensity: object) -> None:
    with pytest.raises(MaterialError, match="are no numbers") as caught:
        Scan(angles, intensity)  # type: ignore[arg-type] - the fault
    assert caught.value.reason == "unreadable"
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("wavelength", ["CuKa", "cuka", "CuKα", "Cu", "1.54184 Å", "0.154184nm", 1.54184])
def test_the_wavelength_of_a_scan_may_be_a_name(wavelength: str | float) -> None:
    assert Scan(ANGLES, PEAK, wavelength).wavelength == pytest.approx(1.54184)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wavelength", "told"),
    [
        (0.15406, "in nm"),
        (15.4, "ten times"),
        (12.0, "none between"),
        (154.06, "in pm"),
        (1.54e-10, "in m"),
        (1.1e-10, "1.1 Å"),
        ("CuKq", "did you mean"),
    ],
)
def test_a_wavelength_that_is_none_is_refused(wavelength: str | float, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        Scan(ANGLES, PEAK, wavelength)  # type: ignore[arg-type]


def test_a_wavelength_that_gives_impossible_d_is_refused() -> None:
    angles = np.arange(5, 80, 0.05)
    with pytest.raises(MaterialError, match=r"d of 0\.08 Å at a wavelength of 0\.10332 Å: is that in nm"):
        Scan(angles, np.ones(len(angles)), 0.10332)
    for wavelength, known in ((0.10332, True), ("0.10332 Å", False), (0.5609, False)):
        Scan(angles, np.ones(len(angles)), wavelength, wavelength_known=known)  # type: ignore[arg-type]
    Scan(np.arange(0.5, 25, 0.01), np.ones(2450), 0.10332)


def test_intensities_that_have_lost_their_digits_are_none() -> None:
    with pytest.raises(MaterialError, match="no intensity above 1e-30"):
        Scan(ANGLES, PEAK * 5e-324)
    assert Scan(ANGLES, PEAK * 1e-30).intensity.max() > 0


@pytest.mark.parametrize(
    ("values", "wavelength"),
    [
        (np.linspace(0.5, 5.8, 1500), 1.5418),
        (np.linspace(0.5, 5.8, 1500), None),
        (np.linspace(0.5, 8.1, 1500), 1.5418),
        (1.5418 / (2 * np.sin(np.radians(np.arange(5, 90, 0.02) / 2))), 1.5418),
        (1.5418 / (2 * np.sin(np.radians(np.arange(10, 120, 0.02) / 2))), 1.5418),
        (0.71 / (2 * np.sin(np.radians(np.arange(1.5, 60, 0.01) / 2))), None),
    ],
)
def test_q_and_d_are_noticed_by_their_range_or_their_steps(values: np.ndarray, wavelength: float | None) -> None:
    with pytest.raises(MaterialError, match=r"(ends at|grow from).*rather than 2θ") as caught:
        Scan(values, np.ones(len(values)), wavelength)
    assert caught.value.reason == "other_axis"
    assert len(Scan(values, np.ones(len(values)), wavelength, axis_known=True).two_theta) == len(values)


@pytest.mark.parametrize(
    ("two_theta", "wavelength"),
    [
        # a detail, a synchrotron's whole pattern, a curved detector
        (np.arange(13.7, 14.4, 0.005), 1.5418),
        (np.arange(0.5, 9, 0.004), 0.2),
        (np.degrees(np.arctan(np.linspace(0.05, 2.5, 2000))), 0.7),
        (np.degrees(2 * np.arcsin(np.linspace(0.05, 0.96, 2000))), 1.5418),
    ],
)
def test_real_ranges_of_two_theta_are_not_taken_for_q_or_d(two_theta: np.ndarray, wavelength: float) -> None:
    assert len(Scan(two_theta, np.ones(len(two_theta)), wavelength).two_theta) == len(two_theta)
