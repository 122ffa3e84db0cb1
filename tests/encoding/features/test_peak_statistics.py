"""Statistics of a peak list, against their definitions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from xrdsym.encoding.features.peak_statistics import MISSING, peak_statistic_names, peak_statistics
from xrdsym.indexing.peak_list import PeakList


def statistics(q: list[float] | np.ndarray, intensity: list[float] | np.ndarray) -> dict[str, float]:
    peaks = PeakList(np.array(q), np.full(len(q), 1e-4), np.array(intensity))
    return dict(zip(peak_statistic_names(), peak_statistics(peaks), strict=True))


def test_a_short_list() -> None:
    result = statistics([0.1, 0.2, 0.4, 0.401], [0.5, 1.0, 0.02, 0.005])
    assert result["ln_q_ratio_2"] == pytest.approx(np.log(2))
    assert result["ln_q_ratio_5"] == MISSING
    assert [result[f"intensity_{i}"] for i in range(1, 6)] == [0.5, 1.0, 0.02, 0.005, MISSING]
    assert [result[f"spacing_{i}"] for i in range(1, 5)] == pytest.approx([1, 2, 0.01, MISSING])
    assert result["peaks"] == 4
    assert result["ln_q_first"] == pytest.approx(np.log(0.1))
    assert result["ln_q_last_ratio"] == pytest.approx(np.log(4.01))
    assert result["intensity_sum"] == pytest.approx(1.525)
    # up to and with the multiple
    assert (result["peaks_to_1.5_q_first"], result["peaks_to_2_q_first"], result["peaks_to_4_q_first"]) == (1, 2, 3)
    assert (result["peaks_above_0.001"], result["peaks_above_0.01"], result["peaks_above_0.3"]) == (4, 3, 2)
    # the mean spacing is 0.1003
    assert (result["close_peaks_0.003"], result["close_peaks_0.03"]) == (0, 1)
    assert result["ln_peaks_per_q"] == pytest.approx(np.log(4 / 0.401**1.5))


def test_a_single_peak() -> None:
    result = statistics([0.1], [1.0])
    assert result["peaks"] == 1
    assert result["ln_q_ratio_2"] == result["spacing_1"] == MISSING
    assert result["close_peaks_0.1"] == 0


@given(arrays(np.float64, st.integers(1, 60), elements=st.floats(0.01, 1), unique=True), st.integers(-6, 6))
def test_relative_statistics_do_not_depend_on_the_size_of_the_cell(q: np.ndarray, exponent: int) -> None:
    q = np.sort(q)
    intensity = np.linspace(0.01, 1, len(q))
    one, other = (statistics(q * scale, intensity) for scale in (1.0, 2.0**exponent))
    absolute = {"ln_q_first", "ln_peaks_per_q"}
    for name in one.keys() - absolute:
        assert one[name] == pytest.approx(other[name], rel=1e-12), name
    assert other["ln_q_first"] - one["ln_q_first"] == pytest.approx(exponent * np.log(2))
