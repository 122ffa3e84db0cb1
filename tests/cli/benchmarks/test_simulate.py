from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pytest

from xrdsym.cli.benchmarks.simulate import benchmark_simulate, difference, evenly_spaced
from xrdsym.common.errors import UsageError, XrdsymError
from xrdsym.crystal.structure_table import CrystalStructure, write_structures

if TYPE_CHECKING:
    from pathlib import Path

KEYS = [
    "count",
    "ratio",
    "per_second",
    "reference_per_second",
    "max_position_difference",
    "max_intensity_difference",
    "unmatched",
]


def salt(number: int, *, element: int = 17) -> CrystalStructure:
    return CrystalStructure(
        f"mp-{number}",
        "NaCl",
        np.eye(3) * (4 + 0.1 * number),
        np.array([11, element], dtype=np.int16),
        np.array([[0, 0, 0], [0.5, 0.5, 0.5]]),
    )


def test_the_answer_has_the_keys_of_the_plan_and_no_difference(tmp_path: Path) -> None:
    table = tmp_path / "structures.parquet"
    write_structures(table, [salt(number) for number in range(5)])
    answer = benchmark_simulate(table, 3)
    assert list(answer) == KEYS
    assert answer["count"] == 3
    assert answer["ratio"] == pytest.approx(answer["per_second"] / answer["reference_per_second"])
    assert answer["max_position_difference"] < 1e-6
    assert answer["max_intensity_difference"] < 1e-6
    assert answer["unmatched"] == 0


def test_structures_that_nobody_can_simulate_are_not_counted(tmp_path: Path) -> None:
    table = tmp_path / "structures.parquet"
    write_structures(table, [salt(0), salt(1, element=100), salt(2)])
    answer = benchmark_simulate(table, 10)
    assert answer["count"] == 2
    assert answer["unmatched"] == 0


def test_a_cell_that_is_too_large_is_not_given_to_pymatgen(tmp_path: Path) -> None:
    table = tmp_path / "structures.parquet"
    write_structures(table, [salt(0), dataclasses.replace(salt(1), lattice=np.eye(3) * 1e6)])
    answer = benchmark_simulate(table, 2)
    assert answer["count"] == 1
    assert answer["unmatched"] == 0


def test_a_table_that_cannot_be_measured_is_reported(tmp_path: Path) -> None:
    table = tmp_path / "structures.parquet"
    write_structures(table, [salt(1, element=100)])
    with pytest.raises(XrdsymError, match="none of the 1 structures"):
        benchmark_simulate(table, 1)
    with pytest.raises(UsageError, match="count 0"):
        benchmark_simulate(table, 0)
    write_structures(table, [])
    with pytest.raises(XrdsymError, match="no structures"):
        benchmark_simulate(table, 1)


@pytest.mark.parametrize(("count", "expected"), [(1, [0]), (2, [0, 9]), (4, [0, 3, 6, 9]), (50, list(range(10)))])
def test_structures_are_evenly_spaced(tmp_path: Path, count: int, expected: list[int]) -> None:
    table = tmp_path / "structures.parquet"
    write_structures(table, [salt(number) for number in range(10)])
    assert [one.material_id for one in evenly_spaced(table, count)] == [f"mp-{number}" for number in expected]


def pattern(*peaks: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    two_theta, intensity = np.array(peaks, dtype=float).reshape(-1, 2).T
    return two_theta, intensity


def test_a_peak_without_a_partner_counts_in_full() -> None:
    found = difference(pattern((10, 1), (20, 0.5)), pattern((10, 1), (30, 0.25)))
    assert (found.unmatched, found.intensity, found.position) == (2, 0.5, 0.0)
    found = difference(pattern(), pattern((10, 1), (30, 0.25)))
    assert (found.unmatched, found.intensity) == (2, 1.0)


def test_partners_differ_by_what_they_differ() -> None:
    found = difference(pattern((10, 1), (20, 0.5)), pattern((10.000002, 1), (20, 0.499)))
    assert found.unmatched == 0
    assert found.position == pytest.approx(2e-6)
    assert found.intensity == pytest.approx(1e-3)


def test_close_peaks_are_summed_and_those_at_the_cut_off_left_out() -> None:
    split = pattern((10, 1), (20, 0.25), (20.00002, 0.25), (40, 1.0000001e-5))
    whole = pattern((10, 1), (20.00001, 0.5))
    found = difference(split, whole)
    assert found.unmatched == 0
    assert found.intensity == 0
    assert found.position == pytest.approx(0, abs=1e-9)
    assert difference(pattern((10, 1), (20, 0.25), (20.00004, 0.25)), whole).unmatched == 1
