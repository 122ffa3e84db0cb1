"""A document as blocks, written as Markdown and as one HTML page that opens offline.

Texts may hold `code`, **strong** words and [links](target), as in Markdown; everything else in them is plain.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from xrdsym.reporting.run_report import template_environment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True)
class Heading:
    """A heading; level 1 is the title."""

    level: int
    text: str


@dataclass(frozen=True)
class Text:
    """A paragraph."""

    text: str


@dataclass(frozen=True)
class Bullets:
    """A list."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Code:
    """Commands, as they are typed."""

    text: str


@dataclass(frozen=True)
class Table:
    """A table; the first column and those named in `words` are texts, the others numbers."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Picture:
    """A figure: the name of its file without `.png`, and what it shows."""

    name: str
    caption: str


Block = Heading | Text | Bullets | Code | Table | Picture


def markdown(blocks: Sequence[Block], folder: str) -> str:
    """The document as Markdown.

    Args:
        blocks: Its content.
        folder: Where the figures are, seen from the document.
    """
    return "\n\n".join(_markdown(block, folder) for block in blocks) + "\n"


def html(blocks: Sequence[Block], figures: Mapping[str, bytes]) -> str:
    """The document as one HTML page, every text escaped, every figure inside.

    Args:
        blocks: Its content.
        figures: Name of each figure to the bytes of its PNG file.
    """
    environment = template_environment()
    environment.filters["inline"] = inline
    encoded = {name: base64.b64encode(content).decode("ascii") for name, content in figures.items()}
    kinds = [(type(block).__name__, block) for block in blocks]
    title = next((block.text for block in blocks if isinstance(block, Heading)), "")
    return environment.get_template("why-54.html").render(title=title, blocks=kinds, figures=encoded)


def inline(text: str) -> Markup:
    """A text with its `code`, **strong** words and links as HTML."""
    found = str(escape(text))
    found = re.sub(r"`([^`]+)`", r"<code>\1</code>", found)
    found = re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", found)
    found = re.sub(r"\[([^]]+)\]\(([^)\s]+)\)", r'<a href="\2">\1</a>', found)
    return Markup(found)  # noqa: S704 - escaped above


def _markdown(block: Block, folder: str) -> str:
    match block:
        case Heading():
            return f"{'#' * block.level} {block.text}"
        case Text():
            return block.text
        case Bullets():
            return "\n".join(f"- {item}" for item in block.items)
        case Code():
            return f"```sh\n{block.text}\n```"
        case Picture():
            return f"![{block.name.replace('_', ' ')}]({folder}/{block.name}.png)\n\n{block.caption}"
        case Table():
            rule = ["---" if index == 0 or name in block.words else "---:" for index, name in enumerate(block.header)]
            lines = [block.header, rule, *block.rows]
            return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
