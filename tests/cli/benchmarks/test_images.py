"""The image benchmark measures what it says, on structures made here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from xrdsym.cli.benchmarks.images import benchmark_images
from xrdsym.common.errors import UsageError, XrdsymError
from xrdsym.crystal.structure_table import CrystalStructure, write_structures

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def cube(name: str, length: float, element: int = 14) -> CrystalStructure:
    return CrystalStructure(name, "X", length * np.eye(3), np.array([element], np.int16), np.zeros((1, 3)))


def table(folder: Path, structures: Iterable[CrystalStructure]) -> Path:
    path = folder / "structures.parquet"
    write_structures(path, structures)
    return path


def test_no_pixel_differs_and_the_rates_belong_together(tmp_path: Path) -> None:
    path = table(tmp_path, [cube(f"a{number}", 3.0 + 0.5 * number) for number in range(5)])
    result = benchmark_images(path, 3)
    assert result["count"] == 3
    assert result["differing_pixels"] == 0
    assert result["ratio"] == pytest.approx(result["per_second"] / result["reference_per_second"])
    assert result["files_ratio"] > 0


def test_what_cannot_be_simulated_is_not_counted(tmp_path: Path) -> None:
    path = table(tmp_path, [cube("good", 4.0), cube("no-reflection", 0.2)])
    assert benchmark_images(path, 2)["count"] == 1


def test_a_table_of_nothing_to_simulate_is_named(tmp_path: Path) -> None:
    with pytest.raises(XrdsymError, match=r"structures\.parquet"):
        benchmark_images(table(tmp_path, [cube("no-reflection", 0.2)]), 1)


def test_a_count_of_none_is_reported(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="at least one"):
        benchmark_images(table(tmp_path, [cube("a", 4.0)]), 0)
