"""Data frames in JSON against pandas, read in chunks of any size."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from xrdsym.common.errors import XrdsymError
from xrdsym.sources import frames
from xrdsym.sources.frames import frame_columns, frame_rows

if TYPE_CHECKING:
    from pathlib import Path

FRAME = pd.DataFrame(
    {
        "id": ["a", 'quote " and ]', "ü}"],
        "number": [1, -2.5, 1e300],
        "nested": [{"x": [1, [2, 3]]}, None, []],
    }
)


@pytest.mark.parametrize("chunk", [1, 7, 100, 1 << 20])
@pytest.mark.parametrize("name", ["frame.json", "frame.json.gz"])
def test_rows_are_those_of_pandas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int, name: str) -> None:
    monkeypatch.setattr(frames, "CHUNK", chunk)
    path = tmp_path / name
    FRAME.to_json(path, orient="split", force_ascii=False)
    assert frame_columns(path) == ["id", "number", "nested"]
    assert list(frame_rows(path)) == FRAME.to_numpy().tolist()


def test_the_order_of_the_keys_does_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "frame.json"
    path.write_text('{"data": [[1, 2], [3, 4]], "index": [0, 1], "columns": ["a", "b"]}')
    assert frame_columns(path) == ["a", "b"]
    assert list(frame_rows(path)) == [[1, 2], [3, 4]]


@pytest.mark.parametrize("text", ["", "[]", '{"data": [[1, 2', '{"columns": ["a"', "not JSON"])
def test_a_broken_file_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "frame.json"
    path.write_text(text)
    with pytest.raises(XrdsymError, match=r"frame\.json"):
        list(frame_rows(path))


def test_a_broken_archive_is_named(tmp_path: Path) -> None:
    path = tmp_path / "frame.json.gz"
    path.write_bytes(gzip.compress(b'{"columns": ["a"], "data": [[1]]}' * 100)[:40])
    with pytest.raises(XrdsymError, match="Delete the file"):
        frame_columns(path)


def test_a_frame_without_columns_is_named(tmp_path: Path) -> None:
    path = tmp_path / "frame.json"
    path.write_text('{"data": [[1]]}')
    with pytest.raises(XrdsymError, match="no columns"):
        frame_columns(path)
