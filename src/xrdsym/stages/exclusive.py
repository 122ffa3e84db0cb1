"""One process at a time: a stage in a working tree, and a training in a project."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from xrdsym.common.errors import XrdsymError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from xrdsym.config.paths import Paths

LOCKS = ".locks"
"""The folder of lock files in `data/`."""
TEMPORARY = "-????????"
"""How the names of temporary files and folders go on after `.` and the name of the output."""


@contextmanager
def only_process(lock: Path, doing: str) -> Iterator[None]:
    """Run the block unless another process runs one under the same lock; a process that dies releases it.

    Args:
        lock: The lock file; it is created and stays.
        doing: What this process and the other one do, for the message.

    Raises:
        XrdsymError: Another process holds the lock.
    """
    from filelock import FileLock, Timeout

    lock.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(lock, timeout=0):
            yield
    except Timeout as error:
        msg = f"another process {doing}. Wait until it ends, or end it; then run the command again."
        raise XrdsymError(msg) from error


@contextmanager
def only_stage(paths: Paths, stage: str) -> Iterator[None]:
    """Run a stage unless it runs in this working tree already; remove first what a killed one left behind.

    Raises:
        XrdsymError: It runs already.
    """
    with only_process(paths.root / "data" / LOCKS / stage, f"runs the stage {stage} in {paths.root}"):
        _remove_leftovers(paths, stage)
        yield


def _remove_leftovers(paths: Paths, stage: str) -> None:
    """Remove the temporary files of a stage: data stages name theirs after themselves, the others have a folder."""
    folders = {"train": "models/*", "evaluate": "reports", "report": "reports"}
    pattern = f"{folders[stage]}/**/.*{TEMPORARY}.*" if stage in folders else f"data/.{stage}{TEMPORARY}*"
    for leftover in paths.root.glob(pattern):
        if leftover.is_dir():
            shutil.rmtree(leftover)
        else:
            leftover.unlink()
