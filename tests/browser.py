"""Pages in a real browser, for the tests: what a reader sees at a width, in the light or in the dark."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

# a window cannot be narrower than 500 pixels, a frame can; the page itself runs no script
HOST = """<meta name="color-scheme" content="light dark"><iframe style="width:{width}px;height:900px;border:0"></iframe>
<script>
const frame = document.querySelector("iframe");
frame.onload = () => {{
  const page = frame.contentDocument, root = page.documentElement;
  const scrolled = [...page.querySelectorAll(".scroll")];
  document.title = JSON.stringify({{
    width: frame.contentWindow.innerWidth,
    needed: root.scrollWidth,
    background: frame.contentWindow.getComputedStyle(page.body).backgroundColor,
    pictures: [...page.images].map(image => [image.alt, image.naturalWidth]),
    cut: scrolled.filter(box => box.querySelector("table") && box.scrollWidth > box.clientWidth).length,
    outside: [...page.querySelectorAll("main *")].filter(one => !one.closest(".scroll, pre")
      && one.getBoundingClientRect().right > frame.contentWindow.innerWidth + 1).map(one => one.tagName),
    anchors: [...page.querySelectorAll("a[href^='#']")].filter(one => !page.getElementById(
      decodeURIComponent(one.hash.slice(1)))).length,
  }});
}};
frame.srcdoc = {page};
</script>"""


@dataclass(frozen=True)
class Seen:
    """What a browser made of a page.

    Attributes:
        width: Width of the window, pixels.
        needed: Width of the page, pixels.
        background: Colour of the background as `rgb(r, g, b)`.
        pictures: Alternative text and width in pixels of each picture; 0 where it does not open.
        cut: Number of tables that scroll within themselves.
        outside: Elements that reach beyond the window.
        anchors: Number of links within the page that lead nowhere.
    """

    width: int
    needed: int
    background: str
    pictures: list[tuple[str, int]]
    cut: int
    outside: list[str]
    anchors: int


def seen(page: str, width: int, folder: Path, *, dark: bool = False) -> Seen:
    """Open a page in Chromium; without it the test is skipped."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("no chromium on PATH")
    host = folder / "host.html"
    host.write_text(HOST.format(width=width, page=json.dumps(page).replace("</", "<\\/")), encoding="utf-8")
    command = [
        chromium,
        *("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
        *("--disable-component-update", "--disable-sync", f"--user-data-dir={folder / 'browser'}"),
        *(f"--blink-settings=preferredColorScheme={0 if dark else 1}", "--virtual-time-budget=20000"),
        *("--window-size=2100,1000", "--dump-dom", host.as_uri()),
    ]
    answer = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    title = re.search(r"<title>(.*?)</title>", answer.stdout, re.DOTALL)
    assert title is not None, answer.stdout[:500]
    return Seen(**json.loads(html.unescape(title[1])))
