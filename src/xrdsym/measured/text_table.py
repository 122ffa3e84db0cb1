"""Tables of numbers in text files, as instruments and programs write them."""

from __future__ import annotations

import logging
import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from xrdsym.common.errors import MaterialError
from xrdsym.common.reading import read_bounded

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    Row = list[float] | None
    """The numbers of a line of text, or None where it holds anything else."""

MAX_BYTES = 20_000_000
"""Size of a scan of a million points."""
MAX_LINES = 1_500_000
"""Lines of such a scan and of its header: every line takes memory, the empty ones, too."""
MAX_LINE = 10_000
"""Characters of a line that can be a row. A longer one is no pattern of a few columns."""

COMMENT = "#!;%*/'\"["
"""First characters of a comment or of a new section."""

FIRST_OF_NUMBER = re.compile(r'["\d.+\-niNI]')
NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?(?:nan|inf(?:inity)?)", re.IGNORECASE)
SPECIAL = frozenset(',;"_')
"""Characters of lines that take more than `split` and `float`, which reads 1_000 as a number."""
DECIMAL_COMMA = re.compile(r"[+-]?\d+(?:,\d+)?(?:[eE][+-]?\d+)?")

_logger = logging.getLogger(__name__)


STRUCTURE_COLUMN = re.compile(r"""(?:^|[,;\t"'])(?:cif|structure)(?:$|[,;\t"'])""")
"""A header that names a column of structures."""


class TextTable(NamedTuple):
    """The numbers of a file and the text around them.

    Attributes:
        values: The numbers, float64 (rows, columns), 2 columns or more.
        above: The lines above the first row.
        words: All lines that are not rows, before, between and after the rows.
    """

    values: NDArray[np.float64]
    above: Sequence[str]
    words: Sequence[str]


def read_table(path: Path) -> TextTable:
    """Read a table of numbers with a header of any kind.

    A comma, semicolon, tab or blanks may separate the columns, and the decimal separator may be a comma. The encoding
    is UTF-8, UTF-16 or Latin-1. Text between the rows is skipped with a warning.

    Args:
        path: The file.

    Raises:
        MaterialError: The file is missing, empty, binary or too large, or holds no table of two or more columns; the
            message names it.
    """
    lines = _read_text(path).splitlines()
    if len(lines) > MAX_LINES:
        msg = f"{path} has {len(lines):,} lines; expected a measured pattern, a million points at most."
        raise MaterialError("too_large", msg)
    if lines and STRUCTURE_COLUMN.search(lines[0]):
        msg = (
            f"{path} is a table of structures, not a scan. Score it with `xrdsym evaluate`, or write each structure "
            "into a file of its own."
        )
        raise MaterialError("unreadable", msg)
    rows = [_numbers(line.strip()) for line in lines]
    width = _width(path, rows)
    first = next(index for index, row in enumerate(rows) if row is not None and len(row) == width)
    rows[first:] = _separated(lines[first:], rows[first:], width)
    for line, row, number in zip(lines[first:], rows[first:], range(first + 1, len(rows) + 1), strict=True):
        if (row is not None and len(row) != width) or (row is None and line.strip()[:1].isdigit()):
            received = line.strip()[:60]
            msg = f"{path}, line {number}: expected {width} numbers as in line {first + 1}, received {received!r}."
            raise MaterialError("unreadable", msg)
    _warn_of_skipped(path, lines, rows, first)
    values = np.array([row for row in rows[first:] if row is not None], dtype=np.float64)
    return TextTable(values, lines[:first], [line for line, row in zip(lines, rows, strict=True) if row is None])


def _read_text(path: Path) -> str:
    content = read_bounded(path, MAX_BYTES, "a measured pattern, a million points at most")
    if not content.strip():
        msg = f"{path} is empty; expected two columns, 2θ in degrees and intensity."
        raise MaterialError("empty", msg)
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    if b"\0" in content:
        msg = f"{path} is a binary file; export it as text with two columns, 2θ in degrees and intensity."
        raise MaterialError("unreadable", msg)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _numbers(line: str) -> Row:
    if len(line) > MAX_LINE or not FIRST_OF_NUMBER.match(line):
        return None
    if SPECIAL.isdisjoint(line):
        try:
            return [float(token) for token in line.split()]
        except ValueError:
            return None
    # a comma between quotes separates columns, one within quotes is decimal
    line = re.sub(r'"\s*[,;]\s*"?|[,;]\s*"', ";", line).replace('"', "")
    tokens = [token for token in re.split(r"[;\s]+", line) if token]
    # "10,02 85,0" can only mean decimal commas, "10,02" alone and "10, 85" only two columns
    if len(tokens) > 1 and "," in line and all(DECIMAL_COMMA.fullmatch(token) for token in tokens):
        return [float(token.replace(",", ".")) for token in tokens]
    tokens = [token for token in re.split(r"[,;\s]+", line) if token]
    if tokens and all(NUMBER.fullmatch(token) for token in tokens):
        return [float(token) for token in tokens]
    return None


def _width(path: Path, rows: Sequence[Row]) -> int:
    """The number of columns: that of most rows."""
    counts = Counter(len(row) for row in rows if row is not None)
    if not counts:
        msg = f"{path} holds no rows of numbers; expected two columns, 2θ in degrees and intensity."
        raise MaterialError("unreadable", msg)
    width = counts.most_common(1)[0][0]
    if width == 1:
        msg = f"{path} has one column; expected two, 2θ in degrees and intensity."
        raise MaterialError("unreadable", msg)
    return width


def _separated(lines: Sequence[str], rows: Sequence[Row], width: int) -> list[Row]:
    """The rows, with angle and count separated where they were written without a blank.

    Some instruments write the angle into a field of fixed width and no separator behind it, so that "14.1681" and
    "10228" become "14.168110228". The field ends where most angles end, and the angle must lie between its neighbours.
    """
    if width != 2:
        return list(rows)
    ends = Counter(len(line) - len(line.lstrip().lstrip("0123456789.")) for line in lines)
    end = ends.most_common(1)[0][0]
    following = _following_angles(rows)
    separated = list(rows)
    for index, (line, row) in enumerate(zip(lines, rows, strict=True)):
        if row is None or len(row) != 1 or index == 0:
            continue
        angle, intensity = _numbers(line[:end].strip()), _numbers(line[end:].strip())
        before, after = separated[index - 1], following[index]
        if angle and intensity and before and len(angle) == len(intensity) == 1 and before[0] < angle[0] < after:
            separated[index] = [*angle, *intensity]
    return separated


def _following_angles(rows: Sequence[Row]) -> list[float]:
    """For each row the angle of the next one of two numbers after it; infinite where there is none."""
    following = [np.inf] * len(rows)
    for index in range(len(rows) - 1, 0, -1):
        row = rows[index]
        following[index - 1] = row[0] if row is not None and len(row) == 2 else following[index]
    return following


def _warn_of_skipped(path: Path, lines: Sequence[str], rows: Sequence[Row], first: int) -> None:
    """Warn of text between the rows, except comments, and of rows that are not finite."""
    last = max(index for index, row in enumerate(rows) if row is not None)
    skipped = [
        index
        for index in range(first, last)
        if (not np.isfinite(row).all() if (row := rows[index]) is not None else _is_text(lines[index]))
    ]
    if skipped:
        what = f"{len(skipped)} line{'s' if len(skipped) > 1 else ''} between the numbers"
        where = f"line {skipped[0] + 1}, {lines[skipped[0]].strip()[:60]!r}"
        _logger.warning("%s: skipped %s; the first is %s.", path, what, where)


def _is_text(line: str) -> bool:
    return bool(line.strip()) and line.strip()[0] not in COMMENT
