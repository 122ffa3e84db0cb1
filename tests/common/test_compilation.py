from __future__ import annotations

import io
import time

import pytest
from numba import njit

from xrdsym.common import progress
from xrdsym.common.compilation import WORDS, compilation_named
from xrdsym.common.progress import progress_bar, working


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def compiled() -> float:
    """Compile and run a new function."""

    @njit
    def added(a: float, b: float) -> float:
        return a + b

    return added(1.0, 2.0)


def terminal_of(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Standard error as a terminal that shows everything at once."""
    stderr = Terminal()
    monkeypatch.setattr("sys.stderr", stderr)
    monkeypatch.setattr(progress, "DELAY", 0.0)
    monkeypatch.setattr(progress, "PULSE", 0.01)
    return stderr


def test_a_line_says_that_numba_compiles_and_then_its_own_words_again(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = terminal_of(monkeypatch)
    with working("predicting") as line, compilation_named(line):
        assert compiled() == 3.0
        before = len(terminal.getvalue())
        time.sleep(0.1)
    assert f"{WORDS}: 00:" in terminal.getvalue()[:before]
    assert "predicting: 00:" in terminal.getvalue()[before:]


def test_a_bar_of_known_length_says_so_too(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = terminal_of(monkeypatch)
    with progress_bar(total=3, description="scoring") as bar, compilation_named(bar):
        compiled()
    assert WORDS in terminal.getvalue()


def test_what_is_compiled_already_is_not_named(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = terminal_of(monkeypatch)
    with working("predicting") as line, compilation_named(line):
        time.sleep(0.1)
    assert "predicting" in terminal.getvalue()
    assert WORDS not in terminal.getvalue()


def test_what_is_compiled_after_the_block_is_not_named(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = terminal_of(monkeypatch)
    with working("predicting") as line:
        with compilation_named(line):
            pass
        compiled()
    assert WORDS not in terminal.getvalue()


def test_what_is_no_terminal_is_told_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    stderr = io.StringIO()
    monkeypatch.setattr("sys.stderr", stderr)
    monkeypatch.setattr(progress, "DELAY", 0.0)
    with working("predicting") as line, compilation_named(line):
        compiled()
    assert not stderr.getvalue()
