"""Text that a terminal shows as it stands: names of files may hold anything but `/` and the byte 0."""

from __future__ import annotations

import re
import sys
import unicodedata

UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Categories of characters that a terminal acts on, or that have no encoding: controls, formats, surrogates, …"""
SURROGATE = re.compile("[\ud800-\udfff]")


def printable(text: str) -> str:
    r"""A text with escape sequences for all characters that are not printed: `\x1b`, `\n`, `\u202e`.

    A byte that is no UTF-8, which Python keeps as a surrogate, is written as that byte: `\xff`.
    """
    if text.isprintable():
        return text
    return "".join(_escaped(one) if unicodedata.category(one) in UNPRINTABLE else one for one in text)


def encodable(text: str) -> str:
    r"""A text whose bytes that are no UTF-8 are written as `\xff`; all else stays, line breaks, too."""
    return SURROGATE.sub(lambda found: _escaped(found.group()), text)


def replace_unprintable_output() -> None:
    """Let standard output replace characters that its encoding lacks, rather than stop in the middle."""
    for stream in (sys.stdout, sys.stderr):
        # a test, or a program that embeds this one, may have put something else there
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace" if stream is sys.stdout else "backslashreplace")


def _escaped(character: str) -> str:
    code = ord(character)
    # of the handler `surrogateescape`
    return f"\\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else repr(character)[1:-1]
