"""PeakList told apart at a resolution, from a floor on."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xrdsym.common.errors import UsageError
from xrdsym.indexing.peak_list import PeakList, merge_peaks

WAVELENGTH = 1.54184
PEAKS = st.lists(
    st.tuples(st.floats(5, 90, allow_nan=False), st.floats(1e-6, 1, allow_nan=False)), min_size=1, max_size=60
)


def lines_of(two_theta: list[float], intensity: list[float], resolution: float = 0.01, floor: float = 0.0) -> PeakList:
    return merge_peaks(
        np.array(two_theta), np.array(intensity), resolution=resolution, floor=floor, wavelength=WAVELENGTH
    )


def angles(lines: PeakList) -> np.ndarray:
    return np.degrees(2 * np.arcsin(np.sqrt(lines.q) * WAVELENGTH / 2))


@given(PEAKS, st.sampled_from([0.01, 0.02, 0.1]))
def test_lines_are_a_resolution_apart_and_near_a_peak(peaks: list[tuple[float, float]], resolution: float) -> None:
    two_theta, intensity = map(list, zip(*peaks, strict=True))
    found = angles(lines_of(two_theta, intensity, resolution))
    assert np.all(np.diff(found) > 0.999 * resolution)
    nearest = np.abs(found[:, None] - np.array(two_theta)).min(axis=1)
    assert nearest.max() <= resolution / 2 + 1e-9


@given(PEAKS)
def test_merging_keeps_the_intensity(peaks: list[tuple[float, float]]) -> None:
    two_theta, intensity = map(list, zip(*peaks, strict=True))
    lines = lines_of(two_theta, intensity)
    strongest = sum(
        height
        for angle, height in peaks
        if round(angle / 0.01) == round(angles(lines)[lines.intensity.argmax()] / 0.01)
    )
    np.testing.assert_allclose(lines.intensity.sum() * strongest, sum(intensity), rtol=1e-9)
    assert lines.intensity.max() == 1


@given(PEAKS, st.sampled_from([1e-4, 1e-2, 0.5]))
def test_a_floor_leaves_out_what_is_weaker(peaks: list[tuple[float, float]], floor: float) -> None:
    two_theta, intensity = map(list, zip(*peaks, strict=True))
    every, kept = lines_of(two_theta, intensity), lines_of(two_theta, intensity, floor=floor)
    np.testing.assert_array_equal(kept.q, every.q[every.intensity >= floor])


@given(PEAKS, st.randoms(use_true_random=False))
def test_the_order_of_peaks_does_not_matter(peaks: list[tuple[float, float]], random) -> None:  # noqa: ANN001
    shuffled = list(peaks)
    random.shuffle(shuffled)
    one, other = (lines_of(*map(list, zip(*each, strict=True))) for each in (peaks, shuffled))
    np.testing.assert_array_equal(np.stack(one), np.stack(other))


def test_the_tolerance_is_half_a_bin() -> None:
    lines = lines_of([30.0], [1.0], 0.1)
    upper = (2 * np.sin(np.radians(30.05) / 2) / WAVELENGTH) ** 2
    np.testing.assert_allclose(lines.tolerance, upper - lines.q, rtol=0.01)


@pytest.mark.parametrize(
    ("two_theta", "intensity", "resolution", "part"),
    [
        ([], [], 0.01, "none of the 0 peaks"),
        ([20.0], [0.0], 0.01, "none of the 1 peaks"),
        ([20.0], [np.nan], 0.01, "none of the 1 peaks"),
        ([20.0, 30.0], [1.0], 0.01, "one intensity for each"),
        ([20.0], [1.0], 0.0, "must be above 0"),
    ],
)
def test_what_is_no_pattern_is_refused(
    two_theta: list[float], intensity: list[float], resolution: float, part: str
) -> None:
    with pytest.raises(UsageError, match=part):
        lines_of(two_theta, intensity, resolution)
