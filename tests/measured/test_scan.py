"""A scan made from raw numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xrdsym.common.errors import MaterialError
from xrdsym.measured.scan import MIN_POINTS, scan_of

ANGLES = np.arange(10.0, 16.0, 0.1)


@given(st.permutations(range(len(ANGLES))), st.sets(st.integers(0, len(ANGLES) - 1), max_size=8))
def test_order_and_missing_values_do_not_matter(order: list[int], missing: set[int]) -> None:
    intensity = np.linspace(1, 2, len(ANGLES))
    gaps = intensity.copy()
    gaps[list(missing)] = [np.nan, 1e31, np.inf, -np.inf, np.nan, np.nan, np.nan, np.nan][: len(missing)]
    result = scan_of(ANGLES[order], gaps[order], 1.54, "any")
    kept = np.delete(np.arange(len(ANGLES)), list(missing))
    np.testing.assert_array_equal(result.two_theta, ANGLES[kept])
    np.testing.assert_array_equal(result.intensity, intensity[kept])
    assert result.wavelength == 1.54


def test_repeated_angles_are_averaged_before_negative_intensities_become_zero() -> None:
    intensity = np.ones(len(ANGLES))
    intensity[5] = -3.0
    result = scan_of(np.append(ANGLES, ANGLES[[5, 7]]), np.append(intensity, [1.0, 3.0]), None, "any")
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
        scan_of(angles, intensity, None, "sample 7")
    assert caught.value.reason == reason
