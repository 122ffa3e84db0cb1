"""What a kill or a full disk leaves of a journal, and that nothing else is lost with it."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from typing import TYPE_CHECKING

import optuna
import pytest

from xrdsym.common.errors import XrdsymError
from xrdsym.studies.journal import broken_line, finish_last_line
from xrdsym.studies.storage import open_storage, stored_studies

if TYPE_CHECKING:
    from pathlib import Path


def make_studies(file: Path, *names: str) -> None:
    storage = open_storage(file)
    for name in names:
        optuna.create_study(study_name=name, storage=storage)


@pytest.mark.parametrize("kept", [1, 30, -2])
def test_a_journal_with_half_a_last_line_still_takes_studies(tmp_path: Path, kept: int) -> None:
    file = tmp_path / "x.journal"
    make_studies(file, "first", "second")
    whole, last = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(whole + last[:kept])
    assert stored_studies(open_storage(file)) == ["first"]
    make_studies(file, "third")
    assert stored_studies(open_storage(file)) == ["first", "third"]
    assert all(json.loads(line) for line in file.read_bytes().splitlines())


def test_a_line_that_lacks_only_its_end_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "x.journal"
    make_studies(file, "first", "second")
    file.write_bytes(file.read_bytes().removesuffix(b"\n"))
    make_studies(file, "third")
    assert stored_studies(open_storage(file)) == ["first", "second", "third"]


@pytest.mark.parametrize("length", [0, 10, 65535, 65536, 65537, 200_000])
@pytest.mark.parametrize("before", [b"", b"{}\n"])
def test_only_an_unfinished_line_is_cut(tmp_path: Path, before: bytes, length: int) -> None:
    file = tmp_path / "x.journal"
    file.write_bytes(before + b"{" * length)
    finish_last_line(file)
    assert file.read_bytes() == before
    whole = before + b'"' + b"x" * length + b'"\n'
    file.write_bytes(whole)
    finish_last_line(file)
    assert file.read_bytes() == whole


def test_a_full_disk_costs_the_step_that_did_not_fit(tmp_path: Path) -> None:
    file = tmp_path / "x.journal"
    make_studies(file, "first")
    room = file.stat().st_size + 40
    code = (
        "import signal, sys; from pathlib import Path; import optuna; from xrdsym.studies.storage import open_storage\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "optuna.create_study(study_name='lost', storage=open_storage(Path(sys.argv[1])))"
    )
    failed = subprocess.run(
        [sys.executable, "-c", code, str(file)],
        check=False,
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room)),
    )
    assert "File too large" in failed.stderr
    assert file.stat().st_size == room
    make_studies(file, "second")
    assert stored_studies(open_storage(file)) == ["first", "second"]


def test_a_line_broken_in_the_middle_is_named(tmp_path: Path) -> None:
    file = tmp_path / "x.journal"
    make_studies(file, "first", "second", "third")
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(lines[0] + lines[1][:20] + lines[2] + lines[0])
    assert broken_line(file) == 2
    with pytest.raises(XrdsymError, match=r"x\.journal is broken in line 2, which is no JSON\. Delete this line"):
        open_storage(file)
