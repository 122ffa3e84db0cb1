from __future__ import annotations

import io
import time

import pytest

from xrdsym import progress
from xrdsym.progress import working


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(monkeypatch: pytest.MonkeyPatch, stderr: io.StringIO, seconds: float) -> str:
    """What `working` shows on standard error, with two seconds made short."""
    monkeypatch.setattr("sys.stderr", stderr)
    monkeypatch.setattr(progress, "DELAY", 0.2)
    monkeypatch.setattr(progress, "PULSE", 0.01)
    with working("fitting trees"):
        time.sleep(seconds)
    return stderr.getvalue()


def test_a_terminal_is_shown_that_time_goes_by(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "fitting trees: 00:0" in shown(monkeypatch, Terminal(), 0.6)


def test_what_is_quick_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "fitting" not in shown(monkeypatch, Terminal(), 0.0)


def test_what_is_no_terminal_is_shown_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not shown(monkeypatch, io.StringIO(), 0.6)


def test_an_error_goes_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", Terminal())
    with pytest.raises(RuntimeError, match="broken"), working("fitting trees"):
        raise RuntimeError("broken")
