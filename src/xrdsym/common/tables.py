"""Tables as text: aligned columns for a terminal, and Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence


def aligned(rows: Iterable[Sequence[str]], numbers: Collection[int] = ()) -> list[str]:
    """Lines whose columns are as wide as their widest cell, two spaces apart.

    Args:
        rows: Cells of each line, equally many; a header is a row as any other.
        numbers: Positions of the columns that are aligned to the right.

    Raises:
        ValueError: The rows differ in length.
    """
    columns = [
        [cell.rjust(width) if place in numbers else cell.ljust(width) for cell in column]
        for place, column in enumerate(zip(*rows, strict=True))
        for width in [max(map(len, column))]
    ]
    return ["  ".join(cells).rstrip() for cells in zip(*columns, strict=True)]


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]], texts: Collection[str] = ()) -> str:
    """A table in Markdown; a `|` in a cell is escaped.

    Args:
        header: Names of the columns.
        rows: Cells of each row.
        texts: Names of the columns of text, which are aligned to the left, as is the first; the others are numbers.
    """
    rule = ["---" if place == 0 or name in texts else "---:" for place, name in enumerate(header)]
    lines = [[cell.replace("|", "\\|") for cell in line] for line in (header, rule, *rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
