"""The database file of the store: created whole or not at all, since MLflow cannot continue one that is half made."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from xrdsym.common.errors import XrdsymError
from xrdsym.common.files import atomic_path

if TYPE_CHECKING:
    from collections.abc import Callable

_PREFIX = "sqlite:///"


def database_file(uri: str) -> Path | None:
    """The file of a store's address; None where the store is a server, a folder or another database."""
    return Path(uri.removeprefix(_PREFIX)) if uri.startswith(_PREFIX) and len(uri) > len(_PREFIX) else None


def read_only(file: Path) -> sqlite3.Connection:
    """A connection to a database that can only be read; `?`, `#` and `%` may be in its path."""
    return sqlite3.connect(f"file:{quote(str(file))}?mode=ro", uri=True)


def create_once(file: Path, create: Callable[[Path], object]) -> None:
    """Create a missing or empty database beside its place and move it there once it is whole.

    The caller must hold the store's lock.

    Args:
        file: The database.
        create: Fills the empty file that it is given.
    """
    if file.exists() and file.stat().st_size:
        return
    for leftover in file.parent.glob(f".{file.stem}-*{file.suffix}*"):
        # of a process that was killed here
        leftover.unlink()
    with atomic_path(file) as temporary:
        create(temporary)


def check_whole(file: Path, error: Exception) -> None:
    """Explain why MLflow cannot open a database that a process was killed in while MLflow created it.

    Args:
        file: The database.
        error: What MLflow raised.

    Raises:
        XrdsymError: The database holds no run, so that nothing is lost with it.
    """
    try:
        with closing(read_only(file)) as connection:
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            runs = connection.execute("SELECT count(*) FROM runs").fetchone()[0] if "runs" in tables else 0
    except sqlite3.Error:
        # no database at all, or locked: MLflow's own error says so
        return
    if runs == 0 and "experiments" in tables:
        msg = f"{file} is half made and holds no run. Delete it: the next run creates it again"
        raise XrdsymError(msg) from error
