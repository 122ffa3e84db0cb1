"""A document as blocks, written as Markdown and as one HTML page that opens offline.

Texts may contain `code`, *emphasis*, **strong** words and [links](target), as in Markdown.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from xrdsym.common.tables import markdown_table
from xrdsym.reporting.pages import anchor, plain, template_environment

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
    """A figure: the name of its file without `.svg`, and its caption."""

    name: str
    caption: str


CONTENTS_LEVEL = 2
"""Level of the headings in the list of contents."""

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

    A page of four sections or more begins with links to them.

    Args:
        blocks: Its content.
        figures: Name of each figure to the bytes of its SVG file (`figure_style.svg_bytes`).
    """
    title = next((block.text for block in blocks if isinstance(block, Heading)), "")
    anchors = _anchors(blocks)
    sections = {
        name: block.text
        for name, block in zip(anchors, blocks, strict=True)
        if isinstance(block, Heading) and block.level == CONTENTS_LEVEL
    }
    named = [(type(block).__name__, block, name) for block, name in zip(blocks, anchors, strict=True)]
    template = template_environment().get_template("document.html")
    return template.render(title=plain(title), contents=sections, blocks=named, figures=figures)


def _anchors(blocks: Sequence[Block]) -> list[str]:
    """A name in the address for each heading, empty for other blocks; the second of equal headings gets a number."""
    seen: Counter[str] = Counter()
    anchors = []
    for block in blocks:
        name = ""
        if isinstance(block, Heading):
            name = anchor(block.text)
            seen[name] += 1
            name += f"-{seen[name]}" if seen[name] > 1 else ""
        anchors.append(name)
    return anchors


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
            return f"![{block.name.replace('_', ' ')}]({folder}/{block.name}.svg)\n\n{block.caption}"
        case Table():
            return markdown_table(block.header, block.rows, block.texts)
