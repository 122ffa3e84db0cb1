from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from xrdsym.common.tables import aligned, markdown_table

CELL = st.text(st.characters(categories=["L", "N"], include_characters="|$-"), min_size=1, max_size=8)


def test_texts_are_aligned_to_the_left_and_numbers_to_the_right() -> None:
    rows = [("arm", "seeds", "time"), ("baseline", "3", "12 min"), ("a", "10", "9 s")]
    assert aligned(rows, numbers={1, 2}) == [
        "arm       seeds    time",
        "baseline      3  12 min",
        "a            10     9 s",
    ]


def test_no_line_ends_in_spaces_and_nothing_is_a_table() -> None:
    assert aligned([("a", "long"), ("b", "")]) == ["a  long", "b"]
    assert aligned([]) == []


def test_rows_of_different_length_are_an_error() -> None:
    with pytest.raises(ValueError, match="shorter"):
        aligned([("a", "b"), ("c",)])


@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=5))
def test_markdown_renders_every_cell(rows: list[tuple[str, str]]) -> None:
    html = MarkdownIt("commonmark").enable("table").render(markdown_table(("name", "count"), rows))
    assert html.count("<tr>") == 1 + len(rows)
    for name, count in rows:
        assert f'<td>{name}</td>\n<td style="text-align:right">{count}</td>' in html


def test_columns_of_text_are_named() -> None:
    lines = markdown_table(("a", "b", "c"), [("1", "2", "3")], texts=("b",)).splitlines()
    assert lines == ["| a | b | c |", "| --- | --- | ---: |", "| 1 | 2 | 3 |"]
