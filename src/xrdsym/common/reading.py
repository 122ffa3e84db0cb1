"""Bytes of a file, bounded: whatever a path leads to, reading it ends and fits into memory."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

from xrdsym.common.errors import MaterialError

STANDARD_INPUT = Path("-")
"""Stands for standard input among the names of files."""


def refuse_irregular(path: Path) -> None:
    """Refuse what is no regular file: a pipe may never begin, and a device never ends.

    Args:
        path: A file, or `STANDARD_INPUT`.

    Raises:
        MaterialError: `unreadable`: there is no file, or it is none that can be read from its beginning to its end.
    """
    if path == STANDARD_INPUT:
        return
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:
        msg = f"{path} cannot be read: {getattr(error, 'strerror', None) or error}."
        raise MaterialError("unreadable", msg) from error
    if not stat.S_ISREG(mode):
        kinds = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket"}
        what = kinds.get(stat.S_IFMT(mode), "a device")
        msg = f"{path} is {what}; expected a regular file, or `-` for standard input."
        raise MaterialError("unreadable", msg)


def read_bounded(path: Path, limit: int, expected: str) -> bytes:
    """Read a whole regular file, or standard input.

    Args:
        path: A file, or `STANDARD_INPUT`.
        limit: The most bytes that are read.
        expected: What the file should have been, for the error message.

    Raises:
        MaterialError: `unreadable`: see `refuse_irregular`; `too_large`: there are more bytes.
    """
    refuse_irregular(path)
    try:
        if path == STANDARD_INPUT:
            content = sys.stdin.buffer.read(limit + 1)
        else:
            with path.open("rb") as stream:
                content = stream.read(limit + 1)
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror or error}."
        raise MaterialError("unreadable", msg) from error
    if len(content) > limit:
        msg = f"{path} has more than {limit / 1e6:.0f} MB; expected {expected}."
        raise MaterialError("too_large", msg)
    return content
