from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xrdsym.common.printable import encodable, printable, replace_unprintable_output


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("scan.xy", "scan.xy"),
        ("año 2θ Å⁻¹.xy", "año 2θ Å⁻¹.xy"),
        ("a\nb\tc", r"a\nb\tc"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("gnp.\u202efdp", r"gnp.\u202efdp"),
        ("\x9b31m", r"\x9b31m"),
        (os.fsdecode(b"\xff\xfe.xy"), r"\xff\xfe.xy"),
        ("\ud800", r"\ud800"),
    ],
)
def test_what_a_terminal_acts_on_is_escaped(text: str, expected: str) -> None:
    assert printable(text) == expected


@given(st.text(st.characters()))
def test_any_text_is_printable_then_and_stays_so(text: str) -> None:
    shown = printable(text)
    # of blanks, all that have a width are kept
    assert "".join(shown.split()).isprintable()
    assert printable(shown) == shown
    encodable(text).encode()


def test_line_breaks_are_encodable() -> None:
    assert encodable("a\nb" + os.fsdecode(b"\xff")) == "a\nb\\xff"


def test_output_that_is_not_utf_8_replaces_what_it_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="ascii") for _ in range(2))
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    replace_unprintable_output()
    for stream in (out, err):
        stream.write("2θ\n")
        stream.flush()
    assert out.buffer.getvalue() == b"2?\n"  # type: ignore[attr-defined]
    assert err.buffer.getvalue() == b"2\\u03b8\n"  # type: ignore[attr-defined]
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    replace_unprintable_output()


@pytest.mark.parametrize(
    "environment",
    [{"PYTHONIOENCODING": "ascii"}, {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LC_ALL": "C"}],
)
@pytest.mark.parametrize("words", [["predict", "--help"], ["preset", "apply", "screening"]])
def test_commands_end_well_where_the_output_is_not_utf_8(
    tmp_path: Path, project_root: Path, environment: dict[str, str], words: list[str]
) -> None:
    for name in ("params.yaml", "dvc.yaml"):
        shutil.copy(project_root / name, tmp_path)
    shutil.copytree(project_root / "presets", tmp_path / "presets")
    code = "import sys; from xrdsym.cli.main import main; sys.exit(main(sys.argv[1:]))"
    result = subprocess.run(
        [sys.executable, "-c", code, *words],
        cwd=tmp_path,
        env=os.environ | environment,
        capture_output=True,
        check=False,
    )
    assert (result.returncode, result.stderr) == (0, b"")
    assert result.stdout.isascii()
    assert b"?" in result.stdout
