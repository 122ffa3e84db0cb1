"""A document as blocks, written as Markdown and as one HTML page that opens offline.

Texts may contain `code`, *emphasis*, **strong** words and [links](target), as in Markdown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from xrdsym.common.tables import markdown_table
from xrdsym.reporting.pages import template_environment

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
    """Shell commands."""

    text: str


@dataclass(frozen=True)
class Table:
    """A table; the first column and those named in `texts` are text, the others numbers."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    texts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Picture:
    """A figure: the name of its file without `.png`, and its caption."""

    name: str
    caption: str


Block = Heading | Text | Bullets | Code | Table | Picture


def markdown(blocks: Sequence[Block], folder: str) -> str:
    """The document as Markdown.

    Args:
        blocks: Its content.
        folder: Folder of the figures, relative to the document.
    """
    return "\n\n".join(_markdown(block, folder) for block in blocks) + "\n"


def html(blocks: Sequence[Block], figures: Mapping[str, bytes]) -> str:
    """The document as one HTML page with all figures in it; every text is escaped.

    Args:
        blocks: Its content.
        figures: Name of each figure to the bytes of its PNG file.
    """
    title = next((block.text for block in blocks if isinstance(block, Heading)), "")
    named = [(type(block).__name__, block) for block in blocks]
    return template_environment().get_template("document.html").render(title=title, blocks=named, figures=figures)


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
            return markdown_table(block.header, block.rows, block.texts)
