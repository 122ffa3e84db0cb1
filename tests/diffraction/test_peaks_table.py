from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow.parquet as pq
import pytest

from xrdsym.common.errors import XrdsymError
from xrdsym.diffraction.peaks import Peaks, SimulationError, SkipReason
from xrdsym.diffraction.peaks_table import GROUP_ROWS, load_peaks, read_peak_batches, read_skipped, write_peaks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COUNT = GROUP_ROWS + 7


def row(number: int) -> Peaks:
    rng = np.random.default_rng(number)
    count = number % 5 + 1
    return Peaks(np.sort(rng.uniform(0, 90, count)), rng.random(count).astype(np.float32).astype(float))


def rows() -> Iterator[tuple[str, Peaks | SimulationError]]:
    for number in range(COUNT):
        if number % 10 == 3:
            yield f"mp-{number}", SimulationError(SkipReason.ZERO_VOLUME, f"mp-{number}: flat")
        else:
            yield f"mp-{number}", row(number)


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("peaks") / "data" / "peaks.parquet"
    write_peaks(path, rows())
    return path


def test_the_table_says_what_was_skipped_and_why(table: Path) -> None:
    skipped = read_skipped(table)
    assert len(skipped) == 101
    assert skipped["mp-1003"] == ("zero_volume", "mp-1003: flat")


def test_batches_hold_what_was_written_and_nothing_that_was_skipped(table: Path) -> None:
    batches = list(read_peak_batches(table))
    assert [len(batch.material_ids) for batch in batches] == [900, COUNT - 101 - 900]
    for batch in batches:
        assert len(batch.offsets) == len(batch.material_ids) + 1
        for i, name in enumerate(batch.material_ids):
            expected = row(int(name.removeprefix("mp-")))
            part = slice(batch.offsets[i], batch.offsets[i + 1])
            np.testing.assert_array_equal(batch.two_theta[part], expected.two_theta)
            np.testing.assert_array_equal(batch.intensity[part], expected.intensity)


@pytest.mark.parametrize(
    "wanted", [[], [5], [1006, 0, 999, 1001, 0, 500], [number for number in range(COUNT) if number % 10 != 3]]
)
def test_peaks_of_given_materials_come_in_the_given_order(table: Path, wanted: list[int]) -> None:
    loaded = load_peaks(table, [f"mp-{number}" for number in wanted])
    assert loaded.material_ids == [f"mp-{number}" for number in wanted]
    assert loaded.offsets.dtype == np.int64
    assert loaded.offsets.tolist() == np.cumsum([0, *(number % 5 + 1 for number in wanted)]).tolist()
    assert (loaded.two_theta.dtype, loaded.intensity.dtype) == (np.float64, np.float32)
    for i, number in enumerate(wanted):
        part = slice(loaded.offsets[i], loaded.offsets[i + 1])
        np.testing.assert_array_equal(loaded.two_theta[part], row(number).two_theta)
        np.testing.assert_array_equal(loaded.intensity[part], row(number).intensity)


@pytest.mark.parametrize("taken", [[], [2], [2, 0, 2, 3], [0, 1, 2, 3]])
def test_rows_are_taken_in_the_given_order(table: Path, taken: list[int]) -> None:
    stored = load_peaks(table, ["mp-4", "mp-8", "mp-0", "mp-7"])
    part = stored.take(np.array(taken, dtype=np.int64))
    assert part.material_ids == [stored.material_ids[i] for i in taken]
    pieces = [row(int(name.removeprefix("mp-"))) for name in part.material_ids]
    assert part.offsets.tolist() == np.cumsum([0, *(len(piece.two_theta) for piece in pieces)]).tolist()
    np.testing.assert_array_equal(part.two_theta, np.concatenate([[], *(piece.two_theta for piece in pieces)]))
    np.testing.assert_array_equal(part.intensity, np.concatenate([[], *(piece.intensity for piece in pieces)]))


@pytest.mark.parametrize("name", ["mp-3", "mp-99999"])
def test_a_material_without_peaks_is_reported(table: Path, name: str) -> None:
    with pytest.raises(XrdsymError, match=f"1 of 2 materials, the first is {name}"):
        load_peaks(table, ["mp-1", name])


def test_the_file_carries_the_schema_version_and_small_groups(table: Path) -> None:
    file = pq.ParquetFile(table)
    assert file.schema_arrow.metadata[b"xrdsym_schema_version"] == b"1"
    assert file.num_row_groups == 2


def test_an_empty_table_is_read(tmp_path: Path) -> None:
    path = tmp_path / "peaks.parquet"
    write_peaks(path, [])
    assert list(read_peak_batches(path)) == []
    assert read_skipped(path) == {}


def test_a_table_of_skipped_rows_alone_is_read(tmp_path: Path) -> None:
    path = tmp_path / "peaks.parquet"
    write_peaks(path, [("mp-1", SimulationError(SkipReason.EMPTY, "mp-1: no atoms"))])
    assert list(read_peak_batches(path)) == []


def test_a_failure_leaves_no_table(tmp_path: Path) -> None:
    def failing() -> Iterator[tuple[str, Peaks | SimulationError]]:
        yield "mp-1", row(1)
        msg = "stop"
        raise XrdsymError(msg)

    with pytest.raises(XrdsymError, match="stop"):
        write_peaks(tmp_path / "peaks.parquet", failing())
    assert list(tmp_path.iterdir()) == []


def test_a_missing_or_wrong_file_is_reported(tmp_path: Path, table: Path) -> None:
    with pytest.raises(XrdsymError, match="no peaks table"):
        load_peaks(tmp_path / "none.parquet", ["mp-1"])
    text = tmp_path / "text.parquet"
    text.write_text("peaks")
    with pytest.raises(XrdsymError, match="not a readable Parquet file"):
        load_peaks(text, ["mp-1"])
    other = tmp_path / "other.parquet"
    pq.write_table(pq.read_table(table).replace_schema_metadata({b"xrdsym_schema_version": b"99"}), other)
    with pytest.raises(XrdsymError, match="schema version 99"):
        load_peaks(other, ["mp-1"])
    pq.write_table(pq.read_table(table).drop_columns(["intensity"]), other)
    with pytest.raises(XrdsymError, match="intensity"):
        load_peaks(other, ["mp-1"])
