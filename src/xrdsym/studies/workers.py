"""Workers: the processes that run trials, each with a lock file that the system releases when the process ends."""

from __future__ import annotations

import hashlib
import socket
import time
import uuid
from typing import TYPE_CHECKING, Any, Self

from filelock import FileLock, Timeout

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SILENT_SECONDS = 7200.0
"""Time since the last report after which a trial on another machine counts as dead; no epoch takes longer."""


class Worker:
    """This process while it works on a study.

    Args:
        folder: Folder of the lock files of the workers on this machine.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._name = uuid.uuid4().hex
        self._lock = FileLock(folder / f"{self._name}.lock")

    def __enter__(self) -> Self:
        self._lock.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        self._lock.release()
        (self._folder / f"{self._name}.lock").unlink(missing_ok=True)

    def attributes(self) -> dict[str, Any]:
        """The attributes of a trial that identify its worker."""
        return {"worker": self._name, "machine": _machine(), "beat": time.time()}

    def is_dead(self, attributes: Mapping[str, Any]) -> bool:
        """Whether the worker of a running trial has died.

        Args:
            attributes: The attributes of the trial.
        """
        if attributes.get("machine") != _machine():
            return bool(time.time() - attributes.get("beat", 0.0) > SILENT_SECONDS)
        if attributes["worker"] == self._name:
            return False
        path = self._folder / f"{attributes['worker']}.lock"
        try:
            with FileLock(path, timeout=0):
                pass
        except Timeout:
            return False
        path.unlink(missing_ok=True)
        return True


def _machine() -> str:
    """A name of this machine that does not reveal its host name."""
    return hashlib.sha256(socket.gethostname().encode()).hexdigest()[:12]
