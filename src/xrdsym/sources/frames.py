"""Read a data frame row by row from JSON as matminer and pandas (`orient="split"`) write it."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from json.decoder import JSONDecodeError
from typing import TYPE_CHECKING, Any

from xrdsym.common.errors import XrdsymError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import TextIO

CHUNK = 1 << 20
"""Characters read at a time; a row may be longer."""

SPACE = re.compile(r"[\s,:]*")
NUMBER_END = 64
"""Characters that must follow a value before it counts as complete; a number can continue in the next chunk."""


def frame_columns(path: Path) -> list[str]:
    """Read the names of the columns.

    Args:
        path: JSON with the keys `columns`, `index` and `data`, gzipped or not.

    Raises:
        XrdsymError: The file is not such JSON.
    """
    for key, value in _members(path):
        if key == "columns" and isinstance(value, list):
            return [str(name) for name in value]
    msg = f"{path} has no columns; expected a data frame in JSON. Delete the file and run the command again."
    raise XrdsymError(msg)


def frame_rows(path: Path) -> Iterator[list[Any]]:
    """Read the rows, each a list in the order of the columns; arguments and errors as for `frame_columns`."""
    for key, value in _members(path):
        if key == "data":
            yield value


def _members(path: Path) -> Iterator[tuple[str, Any]]:
    """Each key of the outer object with its value; `data` comes once for each of its rows."""
    opener = gzip.open if path.name.endswith(".gz") else open
    try:
        with opener(path, "rt", encoding="utf-8") as stream:
            text = _Text(stream)
            text.expect("{")
            while not text.accept("}"):
                key = text.value()
                if key != "data":
                    yield key, text.value()
                    continue
                text.expect("[")
                while not text.accept("]"):
                    yield key, text.value()
    except (OSError, EOFError, zlib.error, ValueError) as error:
        msg = f"{path} is not a data frame in JSON ({error}). Delete the file and run the command again."
        raise XrdsymError(msg) from error


class _Text:
    """JSON text that is parsed while it is read."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._buffer = ""
        self._at = 0
        self._ended = False
        self._decoder = json.JSONDecoder()

    def expect(self, character: str) -> None:
        if not self.accept(character):
            msg = f"expected {character}"
            raise JSONDecodeError(msg, self._buffer[self._at : self._at + 20], 0)

    def accept(self, character: str) -> bool:
        """Consume the character if it comes next; return whether it did."""
        self._skip_space()
        is_next = self._buffer.startswith(character, self._at)
        self._at += is_next
        return is_next

    def value(self) -> Any:  # noqa: ANN401 - any JSON value
        """Consume and return the next value."""
        self._skip_space()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._buffer, self._at)
            except JSONDecodeError:
                if self._ended:
                    raise
            else:
                if self._ended or end + NUMBER_END < len(self._buffer):
                    self._at = end
                    return value
            self._read()

    def _skip_space(self) -> None:
        while True:
            end = SPACE.match(self._buffer, self._at)
            self._at = end.end() if end else self._at
            if self._at < len(self._buffer) or self._ended:
                return
            self._read()

    def _read(self) -> None:
        # at least as much as the incomplete value so far, so that long values need few attempts
        chunk = self._stream.read(max(CHUNK, len(self._buffer) - self._at))
        self._ended = not chunk
        self._buffer = self._buffer[self._at :] + chunk
        self._at = 0
