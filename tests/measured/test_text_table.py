"""Tables of numbers in text files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xrdsym.common.errors import MaterialError
from xrdsym.measured import text_table
from xrdsym.measured.text_table import read_table

if TYPE_CHECKING:
    from pathlib import Path

ROWS = ["10.0 5.0", "10.5 6.0", "11.0 7.5"]


@given(
    st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), min_size=1, max_size=20),
    st.sampled_from([" ", "\t", ";", ", ", " , "]),
)
def test_the_numbers_that_were_written_are_read(
    tmp_path_factory: pytest.TempPathFactory, numbers: list[tuple[float, float]], separator: str
) -> None:
    path = tmp_path_factory.mktemp("table") / "any.txt"
    path.write_text("\n".join(f"{one!r}{separator}{other!r}" for one, other in numbers))
    np.testing.assert_array_equal(read_table(path).values, numbers)


def test_text_and_rows_are_separated(tmp_path: Path) -> None:
    path = tmp_path / "scan.txt"
    path.write_text("\n".join(["Sample 7", "angle counts", *ROWS, "# end"]))
    table = read_table(path)
    assert table.values.tolist() == [[10, 5], [10.5, 6], [11, 7.5]]
    assert table.above == ["Sample 7", "angle counts"]
    assert table.words == ["Sample 7", "angle counts", "# end"]


def test_skipped_lines_are_warned_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "scan.txt"
    path.write_text("\n".join([*ROWS[:2], "# a remark", "", ROWS[2], "measured on Monday"]))
    read_table(path)
    assert not caplog.text
    path.write_text("\n".join([*ROWS[:2], "oops here", "10.8 nan", ROWS[2]]))
    read_table(path)
    assert "scan.txt: skipped 2 lines between the numbers; the first is line 3, 'oops here'." in caplog.text


def test_an_angle_and_a_count_without_a_blank_are_separated(tmp_path: Path) -> None:
    path = tmp_path / "scan.txt"
    path.write_text("14.1400 9000\n14.1500 9500\n14.168110228\n14.1800 9700\n")
    assert read_table(path).values[2].tolist() == [14.1681, 10228]
    # not where the angle would leave the order
    path.write_text("14.1400 9000\n14.1500 9500\n15.168110228\n14.1800 9700\n")
    with pytest.raises(MaterialError, match=r"line 3: expected 2 numbers as in line 1, received '15\.168110228'"):
        read_table(path)


def test_a_file_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "large.txt"
    path.write_text("\n".join(ROWS))
    monkeypatch.setattr(text_table, "MAX_BYTES", 10)
    with pytest.raises(MaterialError, match=r"large\.txt has more than 0 MB; expected a measured pattern") as caught:
        read_table(path)
    assert caught.value.reason == "too_large"


def test_many_lines_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "long.txt"
    path.write_text("\n".join(ROWS) + "\n" * 20)
    monkeypatch.setattr(text_table, "MAX_LINES", 10)
    with pytest.raises(MaterialError, match=r"long\.txt has 22 lines; expected a measured pattern") as caught:
        read_table(path)
    assert caught.value.reason == "too_large"


def test_a_line_of_thousands_of_numbers_is_no_row(tmp_path: Path) -> None:
    path = tmp_path / "wide.txt"
    path.write_text("1 " * 6000)
    with pytest.raises(MaterialError, match="no rows of numbers"):
        read_table(path)


def test_rows_of_other_lengths_are_looked_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = 0
    numbers = text_table._numbers

    def counted(line: str) -> object:
        nonlocal calls
        calls += 1
        return numbers(line)

    monkeypatch.setattr(text_table, "_numbers", counted)
    path = tmp_path / "scan.txt"
    # of two columns in most rows, and without a second row below the others
    path.write_text("10.0 5\n" * 1001 + "7\n" * 1000)
    with pytest.raises(MaterialError, match="expected 2 numbers"):
        read_table(path)
    assert calls < 3 * 2001 + 10
