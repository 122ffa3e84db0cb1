from __future__ import annotations

import re

import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xrdsym.reporting.pages import anchor, cell, inline, plain, template_environment

OTHER_TAGS = re.compile(r"<(?!/?(code|em|strong|a|br)\b)")
MARKUP = st.text(st.sampled_from("`*_[]()<>&\"'!\\ a/:#\n")) | st.text()


def test_marks_become_tags() -> None:
    html = '<strong>is</strong> <code>train.alpha=1.0</code>, see <a href="data.md">the <em>data</em></a>'
    assert inline("**is** `train.alpha=1.0`, see [the *data*](data.md)") == html


def test_names_and_products_are_not_emphasised() -> None:
    assert inline("snake_case_name, 2 * 3 * 4, a|b") == "snake_case_name, 2 * 3 * 4, a|b"


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", 'a "quoted" & bold', "`<b>`", "![x](https://example.org/x.png)", "<b>"]
)
def test_texts_are_escaped(text: str) -> None:
    assert not OTHER_TAGS.search(inline(text))


@pytest.mark.parametrize("target", ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "file:///etc"])
def test_a_link_that_runs_or_reads_something_stays_text(target: str) -> None:
    assert "<a" not in inline(f"[click]({target})")


@given(MARKUP)
def test_no_text_opens_another_tag(text: str) -> None:
    html = inline(text)
    assert not OTHER_TAGS.search(html)
    assert html.count('"') % 2 == 0


def test_a_cell_breaks_names_of_parameters_and_keeps_intervals_together() -> None:
    assert cell("`train.limit=40`") == "<code>train.<wbr>limit=<wbr>40</code>"
    assert cell("+1.4 (−1.3 to 4.1)") == "+1.4 (−1.3\N{NO-BREAK SPACE}to\N{NO-BREAK SPACE}4.1)"
    assert cell("0.02 and 44 %") == "0.02 and 44\N{NO-BREAK SPACE}%"


@given(MARKUP)
def test_a_cell_opens_no_other_tag(text: str) -> None:
    html = cell(text).replace("<wbr>", "")
    assert not OTHER_TAGS.search(html)
    assert html.replace("\N{NO-BREAK SPACE}", " ") == inline(text).replace("\N{NO-BREAK SPACE}", " ")


def test_an_anchor_is_made_of_words() -> None:
    assert anchor("Why **54 %**? `batch_norm` & Grüße") == "why-54-batch-norm-grüße"
    assert anchor("?") == "section"
    assert plain("a `b` <i>") == "a b <i>"


def test_a_name_without_a_value_is_an_error() -> None:
    with pytest.raises(jinja2.UndefinedError, match="missing"):
        template_environment().from_string("{{ missing }}").render()
