from __future__ import annotations

import io
import time

import pytest

from xrdsym.common import progress
from xrdsym.common.progress import duration, working


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(monkeypatch: pytest.MonkeyPatch, stderr: io.StringIO, delay: float, longest: float) -> str:
    """What `working` shows on standard error after this delay; the work ends once it shows something."""
    monkeypatch.setattr("sys.stderr", stderr)
    monkeypatch.setattr(progress, "DELAY", delay)
    monkeypatch.setattr(progress, "PULSE", 0.01)
    started = time.monotonic()
    with working("fitting trees"):
        while not stderr.getvalue() and time.monotonic() - started < longest:
            time.sleep(0.01)
        return stderr.getvalue()


def test_a_terminal_is_shown_that_time_goes_by(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "fitting trees: 00:" in shown(monkeypatch, Terminal(), delay=0.05, longest=30)


def test_what_is_quick_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not shown(monkeypatch, Terminal(), delay=60, longest=0.2)


def test_what_is_no_terminal_is_shown_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not shown(monkeypatch, io.StringIO(), delay=0.05, longest=0.3)


def test_an_error_goes_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", Terminal())
    with pytest.raises(RuntimeError, match="broken"), working("fitting trees"):
        raise RuntimeError("broken")


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0.4, "0 s"), (89.4, "89 s"), (90, "2 min"), (720, "12 min"), (5399, "90 min"), (5400, "1.5 h"), (27720, "7.7 h")],
)
def test_a_duration_is_in_the_unit_that_suits_it(seconds: float, expected: str) -> None:
    assert duration(seconds) == expected
