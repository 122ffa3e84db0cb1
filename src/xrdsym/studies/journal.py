"""The file of a journal of studies: one JSON object a line, which a kill or a full disk can cut in the last line."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_BLOCK = 65536


def may_be_journal(file: Path) -> bool:
    """Whether a file is missing, empty or begins as a journal does; Optuna would append to any file."""
    if not file.is_file():
        return True
    with file.open("rb") as content:
        return content.read(1) in {b"", b"{"}


def finish_last_line(file: Path) -> None:
    """Make the last line of a journal whole: whoever appends to half a line breaks the journal for every reader.

    A line that lacks only its end gets one. A shorter one is cut off; no reader has seen it. The caller must hold the
    journal's lock.

    Args:
        file: The journal; a missing file is left missing.

    Raises:
        OSError: The disk is full.
    """
    if not file.is_file():
        return
    with file.open("r+b") as content:
        end = content.seek(0, os.SEEK_END)
        last = b""
        start = end
        while start > 0 and b"\n" not in last:
            step = min(_BLOCK, start)
            start -= step
            content.seek(start)
            last = content.read(step) + last
            if start + step == end and last.endswith(b"\n"):
                return
        last = last.rpartition(b"\n")[2]
        if not last:
            return
        try:
            json.loads(last)
        except ValueError:
            content.truncate(end - len(last))
        else:
            content.seek(end)
            content.write(b"\n")


def broken_line(file: Path) -> int | None:
    """The number of the first line, counted from 1, that is no JSON; None where all are."""
    with file.open("rb") as content:
        for number, line in enumerate(content, start=1):
            try:
                json.loads(line)
            except ValueError:
                return number
    return None
