"""Who runs a trial, and how others see that it is dead: a lock file that the system lets go of with the process."""

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
"""A trial of another machine counts as dead when it has told nothing for so long; no epoch takes longer."""


class Worker:
    """This process, as long as it works on a study.

    Args:
        folder: Where the workers of this machine keep their lock files.
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
        """What a trial tells of its worker."""
        return {"worker": self._name, "machine": _machine(), "beat": time.time()}

    def is_dead(self, attributes: Mapping[str, Any]) -> bool:
        """Whether the worker that left these attributes on a running trial has died."""
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
    """A name of this machine that does not give its host name away."""
    return hashlib.sha256(socket.gethostname().encode()).hexdigest()[:12]
