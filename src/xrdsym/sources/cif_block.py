"""The data block of a CIF that describes the crystal: its items by name, numbers with their digits."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from xrdsym.common.errors import MaterialError
from xrdsym.sources.checks import shortened

if TYPE_CHECKING:
    from gemmi import cif

ABSENT = ("", "?", ".")
"""Values that stand for none: unknown, and not applicable or the dictionary's default."""

_PREFIXES = ("_atom_site_", "_cell_", "_space_group_", "_symmetry_", "_chemical_formula_")
_HEAD = re.compile(r"\A.*?(?=^[ \t]*data_)", flags=re.DOTALL | re.IGNORECASE | re.MULTILINE)
_UNQUOTED = re.compile(r"^([ \t]{0,80}_\S{1,80}[ \t]{1,80})([^\s_'\";#][^'\"#\r\n]{0,200})(?=\r?$)", flags=re.MULTILINE)
"""An item whose value is not in quotes: where it has blanks, as some programs write it, it would be several values."""

_OVERLINED = re.compile("([1346])[\u0304\u0305]")
_NO_ASCII = re.compile(r"[^\t\n\r -~]")
_NUMBER = re.compile(r"([+-]?(?:\d+\.?(\d*)|\.(\d+))(?:[eE][+-]?\d+)?)(?:\(\d*\))?")
_NOT_FINITE = re.compile(r"[+-]?(?:nan|inf|infinity)", flags=re.IGNORECASE)


@dataclass(frozen=True)
class CifNumber:
    """A number of a CIF.

    Attributes:
        value: The number without its uncertainty.
        digits: Decimals printed.
    """

    value: float
    digits: int


class CifBlock:
    """The items of the one data block with a crystal.

    Names are in lower case with `_` for `.`, so that the dotted names of newer and magnetic dictionaries are found,
    too.
    """

    def __init__(self, name: str, columns: dict[str, list[str]]) -> None:
        self.name = name
        self._columns = columns

    def __contains__(self, tag: str) -> bool:
        """Whether the block has the item."""
        return tag in self._columns

    @property
    def tags(self) -> list[str]:
        """The names of the items."""
        return list(self._columns)

    def column(self, *tags: str) -> list[str]:
        """The values of the first of these items that the block has, `?` and `.` included; empty if it has none."""
        return next((self._columns[tag] for tag in tags if tag in self._columns), [])

    def word(self, *tags: str) -> str | None:
        """The first value that stands for something, of the first item that has one."""
        for tag in tags:
            for value in self._columns.get(tag, [])[:1]:
                if value not in ABSENT:
                    return value
        return None

    def number(self, text: str, what: str) -> CifNumber:
        """Parse a number such as `0.3333(2)`.

        Args:
            text: The value.
            what: What the number is, for errors: `x of site O1`.

        Raises:
            MaterialError: It is no number (`unreadable`) or not finite (`not_finite`).
        """
        match = _NUMBER.fullmatch(text)
        value = float(match[1]) if match else math.nan
        if not math.isfinite(value):
            reason = "not_finite" if match or _NOT_FINITE.fullmatch(text) else "unreadable"
            msg = f"{self.name}: {what} is {shortened(text)!r}, expected a number; correct the CIF"
            raise MaterialError(reason, msg)
        return CifNumber(value, len(match[2] or match[3] or "") if match else 0)


def read_block(text: str, name: str) -> CifBlock:
    """Parse a CIF and choose its block with coordinates; others, such as those about a publication, are ignored.

    Args:
        text: The CIF.
        name: Id of the material, for errors.

    Raises:
        MaterialError: `empty`, `unreadable`, or `several_blocks`: more than one block has coordinates.
    """
    if not text.strip():
        msg = f"{name}: the CIF is empty; fetch it again or remove it"
        raise MaterialError("empty", msg)
    plain = _plain(text)
    try:
        document = _parsed(plain)
    except (ValueError, RuntimeError) as error:
        try:
            document = _parsed(_UNQUOTED.sub(_quoted, plain))
        except (ValueError, RuntimeError):
            problem = shortened(str(error).removeprefix("string:"), 150)
            msg = f"{name}: not the text of a CIF (line {problem}); correct it or fetch it again"
            raise MaterialError("unreadable", msg) from error
    blocks = [columns for block in document if "_atom_site_fract_x" in (columns := _columns(block))]
    if len(blocks) > 1:
        msg = f"{name}: the CIF has {len(blocks)} structures, expected 1; split it into one file for each data_ block"
        raise MaterialError("several_blocks", msg)
    if not blocks:
        msg = f"{name}: the CIF has no atoms; expected a data_ block with a cell and _atom_site_fract_x, _y and _z"
        raise MaterialError("unreadable", msg)
    return CifBlock(name, blocks[0])


def _parsed(text: str) -> cif.Document:
    from gemmi import cif

    # 0: an item or a block that is given twice is no reason to refuse a file
    return cif.read_string(text, 0)


def _plain(text: str) -> str:
    """The text in the characters of CIF, without what stands before the first block, such as the head of an e-mail."""
    text = _OVERLINED.sub(r"-\1", text.replace("\u2212", "-").replace("\u00a0", " "))
    # the lines keep their numbers
    return _HEAD.sub(lambda head: "\n" * head[0].count("\n"), _NO_ASCII.sub("_", text), count=1)


def _quoted(line: re.Match[str]) -> str:
    words = line[2].split()
    several = len(words) > 1 and not any(word.startswith("_") for word in words)
    return f"{line[1]}'{line[2].strip()}'" if several else line[0]


def _columns(block: cif.Block) -> dict[str, list[str]]:
    columns: dict[str, list[str]] = {}
    items: Any = block
    for item in items:
        if item.pair is not None:
            tag, value = item.pair
            _add(columns, tag, [value])
        elif item.loop is not None:
            tags, values = item.loop.tags, item.loop.values
            for index, tag in enumerate(tags):
                _add(columns, tag, values[index :: len(tags)])
    return columns


def _add(columns: dict[str, list[str]], tag: str, values: list[str]) -> None:
    from gemmi import cif

    plain = tag.lower().replace(".", "_")
    if plain.startswith(_PREFIXES):
        # an item given twice has its first value
        columns.setdefault(plain, [value if value in ABSENT else cif.as_string(value).strip() for value in values])
