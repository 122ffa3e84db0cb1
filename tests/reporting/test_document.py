"""Blocks become Markdown that renders and HTML that is escaped and whole."""

from __future__ import annotations

import base64
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from markdown_it import MarkdownIt

from browser import seen
from made_figures import made_history
from xrdsym.reporting.document import Bullets, Code, Heading, Picture, Table, Text, html, markdown
from xrdsym.reporting.figure_style import svg_bytes
from xrdsym.reporting.score_figures import training_figure

if TYPE_CHECKING:
    from pathlib import Path

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
        if tag not in {"meta", "img", "br", "wbr"}:
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
    assert 'src="images/why-54/forest.svg"' in rendered
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


def test_headings_have_names_of_their_own_and_a_long_page_begins_with_links_to_them() -> None:
    page = html([Heading(1, "T"), *(Heading(2, text) for text in ("`a_b` *c*", "d", "d", "e"))], {})
    names = re.findall(r'<h2 id="([^"]*)"', page)
    assert names == ["a-b-c", "d", "d-2", "e"]
    contents = page[page.index("<nav") : page.index("</nav>")]
    assert re.findall(r'href="#([^"]*)"', contents) == names
    assert "<nav" not in html([Heading(1, "T"), Heading(2, "d")], {})


ANSWER = [
    Heading(1, "A wide page"),
    *(Heading(2, f"Part {number}") for number in range(4)),
    Text("`train.batchnorm_momentum=0.99_and_much_more_without_a_break_to_fill_a_small_telephone` and words. " * 5),
    Table(
        (
            "guess",
            "best arm",
            "accuracy, points",
            "macro F1, points",
            "n",
            "seeds",
            "p (Holm)",
            "from",
            "verdict",
            "hurts",
        ),
        (
            (
                "an error in the code, such as BatchNorm (fixed in the baseline)",
                "`train.batchnorm=update, train.batchnorm_momentum=0.9`",
                *["+10.2 (−15.1 to 15.3)"] * 2,
                *("8,799", "3", "< 0.001", "3.8"),
                "**no effect seen**",
                "`confirmation` −17.6 (−20.5 to −14.7)",
            ),
        )
        * 6,
        texts=("best arm", "verdict", "hurts"),
    ),
    Code("xrdsym study run NAME --storage studies/paper.journal --set train.epochs=2 --set train.limit=10000 " * 2),
    Picture("training", "Loss and accuracy."),
]


@pytest.mark.slow
@pytest.mark.parametrize(("width", "dark"), [(400, False), (1200, True), (2000, False)])
def test_a_wide_table_is_whole_in_a_browser_and_only_scrolls_on_a_telephone(
    tmp_path: Path, width: int, dark: bool
) -> None:
    page = seen(html(ANSWER, {"training": svg_bytes(training_figure(made_history(3)))}), width, tmp_path, dark=dark)
    assert page.width == width
    assert page.needed <= width
    assert page.outside == []
    assert page.cut == (1 if width == 400 else 0)
    assert [alternative for alternative, _ in page.pictures] == ["Loss and accuracy."]
    assert all(size > 0 for _, size in page.pictures)
    assert page.anchors == 0
    assert page.background == ("rgb(13, 17, 23)" if dark else "rgb(255, 255, 255)")


@pytest.mark.slow
def test_a_wide_table_fits_on_paper(tmp_path: Path) -> None:
    assert "@media print" in html(ANSWER, {})
    # A4 less the margins of a browser is 718 pixels wide
    page = seen(html(ANSWER, {}).replace("@media print", "@media all"), 718, tmp_path)
    assert (page.needed <= 718, page.cut, page.outside) == (True, 0, [])


def test_a_figure_that_was_not_drawn_is_left_out_of_the_page() -> None:
    assert "<figure>" not in html(BLOCKS, {})
