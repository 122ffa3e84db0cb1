"""Blocks become Markdown that renders and HTML that is escaped and whole."""

from __future__ import annotations

import base64
from html.parser import HTMLParser

from markdown_it import MarkdownIt

from xrdsym.reporting.document import Bullets, Code, Heading, Picture, Table, Text, html, markdown

BLOCKS = [
    Heading(1, "Why 54 %?"),
    Text("It **is** `train.alpha=1.0`, see [the data](data.md)."),
    Bullets(("one", "two")),
    Code("xrdsym study answer"),
    Table(("arm", "n", "verdict"), (("`a|b`", "8,799", "helps"), ("<b>", "1", "")), texts=("verdict",)),
    Picture("forest", "All arms."),
]


class Outline(HTMLParser):
    """Tags that are open, all that were seen, and the text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        if tag not in {"meta", "img", "br"}:
            self.open.append(tag)
        assert all(not (value or "").startswith("http") for _, value in attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_markdown_renders_as_what_it_says() -> None:
    text = markdown(BLOCKS, "images/why-54")
    rendered = MarkdownIt("commonmark").enable("table").render(text)
    assert "<h1>Why 54 %?</h1>" in rendered
    assert "<strong>is</strong> <code>train.alpha=1.0</code>" in rendered
    assert rendered.count("<li>") == 2
    assert rendered.count("<tr>") == 3
    assert rendered.count("<td") == 6
    assert "<code>a|b</code>" in rendered
    assert 'src="images/why-54/forest.png"' in rendered
    assert '<td style="text-align:right">8,799</td>' in rendered
    assert "<td>helps</td>" in rendered
    assert text.endswith("\n")


def test_the_page_is_whole_and_holds_its_figures() -> None:
    page = html(BLOCKS, {"forest": b"picture"})
    outline = Outline()
    outline.feed(page)
    assert outline.open == []
    assert {"h1", "ul", "li", "pre", "table", "figure", "figcaption", "code", "strong"} <= set(outline.seen)
    assert base64.b64encode(b"picture").decode() in page
    assert "default-src 'none'" in page
    assert "<b>" in outline.text


def test_a_figure_that_was_not_drawn_is_left_out_of_the_page() -> None:
    assert "<figure>" not in html(BLOCKS, {})
