"""What all pages share: their templates, escaped text, and pictures within the file."""

from __future__ import annotations

import base64

import jinja2
from markdown_it import MarkdownIt
from markupsafe import Markup

from xrdsym.common.formatting import format_value, in_words, percent

# no raw HTML, no pictures; links to scripts and local files stay text
_INLINE = MarkdownIt("zero").enable(["escape", "backticks", "emphasis", "link"])


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
        "percent": percent,
        "inline": inline,
        "base64": _base64,
    }
    return environment


def inline(text: str) -> Markup:
    """Markdown within a line as HTML: `code`, *emphasis*, **strong** words and [links](target); the rest is escaped."""
    return Markup(_INLINE.renderInline(text))  # noqa: S704 - markdown-it escapes


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")
