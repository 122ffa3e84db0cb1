"""Progress bars, silent where standard error is not a terminal, and durations in words."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar, overload

from tqdm import tqdm

from xrdsym.common.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Item = TypeVar("Item")
DELAY = 2.0
"""Seconds before a bar appears."""
PULSE = 1.0
"""Seconds between two updates of the elapsed time."""


@overload
def progress_bar(
    items: Iterable[Item], *, total: int | None = None, description: str, unit: str = "it"
) -> tqdm[Item]: ...


@overload
def progress_bar(items: None = None, *, total: int | None = None, description: str, unit: str = "it") -> tqdm[Any]: ...


def progress_bar(
    items: Iterable[Any] | None = None, *, total: int | None = None, description: str, unit: str = "it"
) -> tqdm[Any]:
    """A progress bar over `items`, or one that the caller moves with `update(n)`; it appears after two seconds.

    Args:
        items: What to iterate over.
        total: Number of steps, for `items` without a length.
        description: The work, in a word or two.
        unit: Name of one step.
    """
    return tqdm(items, total=total, desc=printable(description), unit=unit, delay=DELAY, disable=None, leave=False)


@contextmanager
def working(description: str) -> Iterator[tqdm[Any]]:
    """Show the elapsed time of work without a known length; the line appears after two seconds.

    Args:
        description: The work, in a word or two.

    Yields:
        The line, whose description may change.
    """
    bar = tqdm(desc=description, bar_format="{desc}: {elapsed}", delay=DELAY, disable=None, leave=False)
    if bar.disable:
        yield bar
        return
    ended = threading.Event()

    def pulse() -> None:
        while not ended.wait(PULSE):
            bar.update()

    thread = threading.Thread(target=pulse, daemon=True)
    thread.start()
    try:
        yield bar
    finally:
        ended.set()
        thread.join()
        bar.close()


def duration(seconds: float) -> str:
    """A time in the unit that suits it: `45 s`, `12 min`, `3.5 h`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
