"""How far work has come: bars, silent when standard error is not a terminal, and times as a person says them."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar, overload

from tqdm import tqdm

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Item = TypeVar("Item")
DELAY = 2.0
"""Seconds before anything is shown."""
PULSE = 1.0
"""Seconds between two signs of life."""


@overload
def progress_bar(
    items: Iterable[Item], *, total: int | None = None, description: str, unit: str = "it"
) -> tqdm[Item]: ...


@overload
def progress_bar(items: None = None, *, total: int | None = None, description: str, unit: str = "it") -> tqdm[Any]: ...


def progress_bar(
    items: Iterable[Any] | None = None, *, total: int | None = None, description: str, unit: str = "it"
) -> tqdm[Any]:
    """A bar over `items`, or one that the caller moves with `update(n)`, that appears after two seconds.

    Args:
        items: What to go through; its length is the total where it has one.
        total: Number of steps, where `items` does not tell.
        description: What is being done, in a word or two.
        unit: What one step is.
    """
    return tqdm(items, total=total, desc=description, unit=unit, delay=DELAY, disable=None, leave=False)


@contextmanager
def working(description: str) -> Iterator[None]:
    """Show the time that goes by while a library works that does not tell how far it is; appears after two seconds.

    Args:
        description: What is being done, in a word or two.
    """
    bar = tqdm(desc=description, bar_format="{desc}: {elapsed}", delay=DELAY, disable=None, leave=False)
    if bar.disable:
        yield
        return
    ended = threading.Event()

    def pulse() -> None:
        while not ended.wait(PULSE):
            bar.update()

    thread = threading.Thread(target=pulse, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        bar.close()


def duration(seconds: float) -> str:
    """A time as a person says it: `45 s`, `12 min`, `3.5 h`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
