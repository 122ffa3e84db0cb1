from __future__ import annotations

import errno
from pathlib import Path

import pytest

from xrdsym.common.errors import XrdsymError
from xrdsym.common.files import atomic_path, file_digest, write_json, write_text


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_text(path, "old")

    def fail() -> None:
        with atomic_path(path) as temporary:
            temporary.write_text("half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_folders_are_made_and_permissions_are_ordinary(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "er" / "a.json"
    write_json(path, {"σ": 5})
    assert path.read_text(encoding="utf-8") == '{\n  "σ": 5\n}\n'
    plain = tmp_path / "plain"
    plain.touch()
    assert path.stat().st_mode == plain.stat().st_mode


def test_a_full_disk_is_reported_with_the_file(tmp_path: Path) -> None:
    def fill() -> None:
        with atomic_path(tmp_path / "big.parquet"):
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(XrdsymError, match=r"the disk is full: .*big\.parquet"):
        fill()


def test_the_digest_is_sha256(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"abc")
    assert file_digest(path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
