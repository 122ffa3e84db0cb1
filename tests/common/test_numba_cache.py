from __future__ import annotations

import os
from pathlib import Path

import pytest

from xrdsym.common import numba_cache
from xrdsym.common.numba_cache import VARIABLE, ensure_numba_cache


@pytest.fixture
def read_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package and a home that cannot be written; the administrator, who may run the tests, can write any folder."""
    monkeypatch.setattr(os, "access", lambda folder, _: not Path(folder).is_relative_to(tmp_path / "read-only"))
    home = tmp_path / "read-only"
    (home / "package").mkdir(parents=True)
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    monkeypatch.setattr(numba_cache.tempfile, "tempdir", str(tmp_path))
    # so that the variable is taken back at the end
    monkeypatch.setenv(VARIABLE, "")
    return home


def test_where_nothing_can_be_written_a_temporary_folder_takes_the_cache(read_only: Path) -> None:
    ensure_numba_cache(read_only / "package")
    folder = Path(os.environ[VARIABLE])
    assert folder.is_dir()
    assert not folder.is_relative_to(read_only)


def test_a_folder_of_the_variable_that_cannot_be_written_is_replaced(
    read_only: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(read_only / "given"))
    ensure_numba_cache(read_only / "package")
    assert Path(os.environ[VARIABLE]).is_dir()


@pytest.mark.parametrize("what", ["package", "cache", "given"])
def test_a_folder_that_can_be_written_stays_in_use(
    read_only: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    writable = tmp_path / "writable"
    package = writable if what == "package" else read_only / "package"
    if what == "cache":
        monkeypatch.setenv("XDG_CACHE_HOME", str(writable))
    given = str(writable) if what == "given" else ""
    monkeypatch.setenv(VARIABLE, given)
    ensure_numba_cache(package)
    assert os.environ[VARIABLE] == given
