"""Peaks merged at a resolution, from a minimum relative intensity on."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from known_lattices import WAVELENGTH, q_of
from xrdsym.common.errors import UsageError
from xrdsym.indexing.peak_list import PeakList, merge_peaks

PEAKS = st.lists(
    st.tuples(st.floats(5, 90, allow_nan=False), st.floats(1e-6, 1, allow_nan=False)), min_size=1, max_size=60
)


def merged(two_theta: list[float], intensity: list[float], resolution: float = 0.01, minimum: float = 0.0) -> PeakList:
    return merge_peaks(
        np.array(two_theta),
        np.array(intensity),
        resolution=resolution,
        min_relative_intensity=minimum,
        wavelength=WAVELENGTH,
    )


def angles(peaks: PeakList) -> np.ndarray:
    return np.degrees(2 * np.arcsin(np.sqrt(peaks.q) * WAVELENGTH / 2))


@given(PEAKS, st.sampled_from([0.01, 0.02, 0.1]))
def test_merged_peaks_are_a_resolution_apart_and_near_an_original(
    peaks: list[tuple[float, float]], resolution: float
) -> None:
    two_theta, intensity = map(list, zip(*peaks, strict=True))
    result = angles(merged(two_theta, intensity, resolution))
    assert np.all(np.diff(result) > 0.999 * resolution)
    nearest = np.abs(result[:, None] - np.array(two_theta)).min(axis=1)
    assert nearest.max() <= resolution / 2 + 1e-9


@given(PEAKS)
def test_merging_keeps_the_intensity(peaks: list[tuple[float, float]]) -> None:
    two_theta, intensity = map(list, zip(*peaks, strict=True))
    result = merged(two_theta, intensity)
    strongest = sum(
        height
        for angle, height in peaks
        if round(angle / 0.01) == round(angles(result)[result.intensity.argmax()] / 0.01)
    )
    np.testing.assert_allclose(result.intensity.sum() * strongest, sum(intensity), rtol=1e-9)
    assert result.intensity.max() == 1


@given(PEAKS, st.sampled_from([1e-4, 1e-2, 0.5]))
def test_weaker_peaks_than_the_minimum_are_left_out(peaks: list[tuple[float, float]], minimum: float) -> None:
    two_theta, intensity = map(list, zip(*peaks, strict=True))
    every, kept = merged(two_theta, intensity), merged(two_theta, intensity, minimum=minimum)
    np.testing.assert_array_equal(kept.q, every.q[every.intensity >= minimum])


@given(PEAKS, st.randoms(use_true_random=False))
def test_the_order_of_peaks_does_not_matter(peaks: list[tuple[float, float]], random) -> None:  # noqa: ANN001
    shuffled = list(peaks)
    random.shuffle(shuffled)
    one, other = (merged(*map(list, zip(*each, strict=True))) for each in (peaks, shuffled))
    np.testing.assert_array_equal(np.stack(one), np.stack(other))


def test_the_tolerance_is_half_a_bin() -> None:
    peaks = merged([30.0], [1.0], 0.1)
    np.testing.assert_allclose(peaks.tolerance, q_of(np.array(30.05)) - peaks.q, rtol=0.01)


@pytest.mark.parametrize(
    ("two_theta", "intensity", "resolution", "part"),
    [
        ([], [], 0.01, "none of the 0 peaks"),
        ([20.0], [0.0], 0.01, "none of the 1 peaks"),
        ([20.0], [np.nan], 0.01, "none of the 1 peaks"),
        ([20.0, 30.0], [1.0], 0.01, "two lists of the same length"),
        ([20.0], [1.0], 0.0, "the first two must be above 0"),
    ],
)
def test_an_unusable_list_is_refused(
    two_theta: list[float], intensity: list[float], resolution: float, part: str
) -> None:
    with pytest.raises(UsageError, match=part):
        merged(two_theta, intensity, resolution)
