from __future__ import annotations

import logging
import multiprocessing
import os

import pytest

from xrdsym.config.paths import Paths
from xrdsym.tracking.store import Guard, lock


class AwayError(Exception):
    """What a store raises that does not answer."""


def ask(answer: str) -> None:
    raise AwayError(answer)


@pytest.fixture
def guard() -> Guard:
    return Guard("the work is not tracked", lambda: (AwayError,))


def test_a_store_that_fails_warns_once_and_the_work_continues(
    paths: Paths, guard: Guard, caplog: pytest.LogCaptureFixture
) -> None:
    with guard.tolerant(paths):
        ask("no answer")
    assert guard.lost
    with guard.tolerant():
        ask("still none")
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert "the work is not tracked. (no answer)" in record.getMessage()
    with guard.tolerant():
        pass
    assert not guard.lost


def test_other_errors_are_raised(paths: Paths, guard: Guard) -> None:
    with pytest.raises(KeyError), guard.tolerant(paths):
        raise KeyError


def test_a_password_is_in_no_warning(
    paths: Paths, guard: Guard, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://me:secret@tracking.example.org")
    with guard.tolerant(paths):
        ask("https://me:secret@tracking.example.org does not answer")
    assert "https://tracking.example.org" in caplog.text
    assert "secret" not in caplog.text


def test_the_environment_is_changed_in_the_block_alone(
    paths: Paths, guard: Guard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "99")
    monkeypatch.delenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", raising=False)
    before = dict(os.environ)
    with guard.tolerant(paths):
        assert os.environ["MLFLOW_TRACKING_URI"] == f"sqlite:///{paths.root / 'mlflow.db'}"
        assert os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] == "1"
        assert os.environ["MLFLOW_HTTP_REQUEST_TIMEOUT"] == "99"
    assert dict(os.environ) == before


def _enter(paths: Paths, events: multiprocessing.Queue[str]) -> None:
    events.put("waits")
    with lock(paths):
        events.put("is in")


def test_the_lock_admits_one_process(paths: Paths) -> None:
    context = multiprocessing.get_context("spawn")
    events = context.Queue()
    with lock(paths):
        process = context.Process(target=_enter, args=(paths, events))
        process.start()
        assert events.get(timeout=60) == "waits"
        process.join(timeout=0.5)
        assert events.empty()
    process.join(timeout=60)
    assert events.get(timeout=60) == "is in"
    assert process.exitcode == 0
