from __future__ import annotations

import os
from pathlib import Path

import pytest

from xrdsym.cli import main as cli_main
from xrdsym.common import numba_cache
from xrdsym.common.numba_cache import VARIABLE, ensure_numba_cache


@pytest.fixture
def read_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where nothing can be written, not even by the administrator, who may run the tests: below a file."""
    home = tmp_path / "read-only"
    home.write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    monkeypatch.setattr(numba_cache.tempfile, "tempdir", str(tmp_path))
    # so that the variable is taken back at the end
    monkeypatch.setenv(VARIABLE, "")
    return home


def test_where_nothing_can_be_written_a_temporary_folder_takes_the_cache(read_only: Path) -> None:
    assert ensure_numba_cache(read_only / "package") is None
    folder = Path(os.environ[VARIABLE])
    assert folder.is_dir()
    assert not folder.is_relative_to(read_only)


def test_a_folder_of_the_variable_that_cannot_be_written_is_replaced(
    read_only: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(read_only / "given"))
    ensure_numba_cache(read_only / "package")
    assert Path(os.environ[VARIABLE]).is_dir()


def test_without_a_temporary_folder_shared_memory_takes_the_cache(
    read_only: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numba_cache.tempfile, "tempdir", str(read_only))
    monkeypatch.setattr(numba_cache, "SHARED_MEMORY", tmp_path)
    assert ensure_numba_cache(read_only / "package") is None
    assert Path(os.environ[VARIABLE]).parent == tmp_path


def test_where_nothing_at_all_can_be_written_the_problem_says_what_to_set(
    read_only: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(numba_cache.tempfile, "tempdir", str(read_only))
    monkeypatch.setattr(numba_cache, "SHARED_MEMORY", read_only)
    problem = ensure_numba_cache(read_only / "package")
    assert problem is not None
    assert f"Set {VARIABLE}" in problem
    monkeypatch.setattr(cli_main, "NO_CACHE", problem)
    assert cli_main.main(["preset", "list"]) == 1
    assert capsys.readouterr().err == f"xrdsym: {problem}\n"


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
