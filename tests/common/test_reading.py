from __future__ import annotations

import io
import os
import socket
from pathlib import Path

import pytest

from xrdsym.common.errors import MaterialError
from xrdsym.common.reading import read_bounded, refuse_irregular


def test_a_file_and_a_link_to_one_are_read_whole(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"12345")
    (tmp_path / "link").symlink_to(tmp_path / "a")
    for name in ("a", "link"):
        assert read_bounded(tmp_path / name, 5, "five") == b"12345"


def test_more_bytes_than_the_limit_are_refused_and_not_read(tmp_path: Path) -> None:
    path = tmp_path / "sparse"
    with path.open("wb") as stream:
        stream.truncate(10**12)
    with pytest.raises(MaterialError, match=r"sparse has more than 1 MB; expected a small file\.") as caught:
        read_bounded(path, 10**6, "a small file")
    assert caught.value.reason == "too_large"


def test_standard_input_is_read_and_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"12345")))
    assert read_bounded(Path("-"), 5, "five") == b"12345"
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"123456")))
    with pytest.raises(MaterialError, match="- has more than"):
        read_bounded(Path("-"), 5, "five")


def test_what_is_no_regular_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the path of a socket must be short
    os.mkfifo("pipe")
    Path("device").symlink_to("/dev/zero")
    Path("folder").mkdir()
    Path("loop").symlink_to("loop")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
    told = {
        "pipe": "is a pipe",
        "device": "is a device",
        "folder": "is a folder",
        "socket": "is a socket",
        "loop": "cannot be read: ",
        "absent": "cannot be read: No such file",
        "n\0ul": "cannot be read: embedded null",
        "long" * 100: "cannot be read: File name too long",
    }
    for name, words in told.items():
        with pytest.raises(MaterialError, match=words) as caught:
            refuse_irregular(Path(name))
        assert caught.value.reason == "unreadable"
