from __future__ import annotations

import os
import sys

import pytest

from xrdsym.common.quiet import without_native_notes

NOTES = (
    b"WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\n",
    b"I0000 00:00:1795369222.968049   23634 port.cc:153] oneDNN custom operations are on.\n",
    b"E0000 00:00:1795369226.704297   23634 cuda_platform.cc:52] failed call to cuInit\n",
)


def test_notes_of_native_libraries_are_dropped_and_all_else_is_let_through(capfd: pytest.CaptureFixture[str]) -> None:
    with without_native_notes():
        for note in NOTES:
            os.write(2, note)
        print("what Python says", file=sys.stderr)
        os.write(2, b"Illegal instruction\n")
    print("afterwards", file=sys.stderr)
    assert capfd.readouterr().err == "what Python says\nIllegal instruction\nafterwards\n"


def stumble() -> None:
    with without_native_notes():
        os.write(2, NOTES[0] + b"a reason\n")
        msg = "inner"
        raise ValueError(msg)


def test_what_was_said_before_an_error_is_let_through(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="inner"):
        stumble()
    assert capfd.readouterr().err == "a reason\n"


def test_without_a_temporary_folder_everything_is_let_through(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def none() -> None:
        raise FileNotFoundError

    with monkeypatch.context() as patch:
        patch.setattr("xrdsym.common.quiet.tempfile.TemporaryFile", none)
        with without_native_notes():
            os.write(2, NOTES[0])
    assert capfd.readouterr().err.encode() == NOTES[0]
