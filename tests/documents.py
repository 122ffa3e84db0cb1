"""The blocks of a Markdown document, and their commands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

BLOCK = re.compile(r"^ *```(\w*)\n(.*?)^ *```", flags=re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A block of code.

    Attributes:
        language: `sh`, `python`, …; empty for what a program prints.
        text: Its text.
        printed: The text of the block below it where that one is what it prints, else empty.
    """

    language: str
    text: str
    printed: str


def blocks_of(document: Path) -> list[Block]:
    """The blocks of a document, in order."""
    text = document.read_text(encoding="utf-8")
    found = list(BLOCK.finditer(text))
    blocks = []
    for block, after in zip(found, [*found[1:], None], strict=True):
        follows = after is not None and after[1] == "" and not text[block.end() : after.start()].strip()
        blocks.append(Block(block[1], block[2], after[2] if after is not None and follows else ""))
    return blocks


def shell_lines(block: Block) -> list[str]:
    """The commands of a block of `sh`, one a line, without the comments behind them."""
    lines = block.text.replace("\\\n", " ").splitlines()
    return [line for raw in lines if (line := re.sub(r"(^|\s)#\s.*", "", raw).strip())]
