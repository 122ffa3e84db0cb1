"""What all pages share: their templates, escaped text, and pictures within the file."""

from __future__ import annotations

import base64
import re

import jinja2
from markdown_it import MarkdownIt
from markupsafe import Markup

from xrdsym.common.formatting import format_value, in_words, percent

# no raw HTML, no pictures; links to scripts and local files stay text
_INLINE = MarkdownIt("zero").enable(["escape", "backticks", "emphasis", "link"])
_NUMBERS_IN_BRACKETS = re.compile(r"\([^()`]*\d[^()`]*\)")
_PARTS_OF_NUMBERS = re.compile(r"(?<=\d) (?=%)|(?<=<) (?=\d)")
_CODE = re.compile(r"<code>.*?</code>")
_BREAK_AFTER = re.compile(r"[=_,]|\.(?=[a-z])")
NO_BREAK = "\N{NO-BREAK SPACE}"
LONGEST_UNBROKEN = 24
"""Most letters of numbers in brackets that stay on one line of a table's cell."""


def template_environment() -> jinja2.Environment:
    """The templates of `reporting/templates`: every text is escaped, a name without a value is an error."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("xrdsym.reporting"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "in_words": in_words,
        "format_value": format_value,
        "percent": lambda share: percent(share).replace(" ", NO_BREAK),
        "inline": inline,
        "cell": cell,
        "plain": plain,
        "base64": _base64,
    }
    return environment


def inline(text: str) -> Markup:
    """Markdown within a line as HTML: `code`, *emphasis*, **strong** words and [links](target); the rest is escaped."""
    return Markup(_INLINE.renderInline(text))  # noqa: S704 - markdown-it escapes


def cell(text: str) -> Markup:
    """`inline` for a narrow cell: names of parameters break at their marks, an interval stays on one line."""

    def unbroken(match: re.Match[str]) -> str:
        return match[0].replace(" ", NO_BREAK) if len(match[0]) <= LONGEST_UNBROKEN else match[0]

    html = inline(_PARTS_OF_NUMBERS.sub(NO_BREAK, _NUMBERS_IN_BRACKETS.sub(unbroken, text)))
    broken = _CODE.sub(lambda code: _BREAK_AFTER.sub(r"\g<0><wbr>", code[0]), str(html))
    return Markup(broken)  # noqa: S704 - only <wbr> was added to what `inline` escaped


def plain(text: str) -> str:
    """Markdown within a line as text without marks, for where HTML takes no tags."""
    return inline(text).striptags()


def anchor(text: str) -> str:
    """The name of a heading in an address: small letters and digits of any language, joined by hyphens."""
    return "-".join(re.findall(r"\w+", plain(text).lower().replace("_", " "))) or "section"


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")
