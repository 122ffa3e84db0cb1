"""Tell people when numba compiles: once for each machine and version of the code, and longer than they would wait."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from xrdsym.common import progress

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tqdm import tqdm

WORDS = "compiling for the first use"


@contextmanager
def compilation_named(bar: tqdm[Any]) -> Iterator[None]:
    """Let a bar say that numba compiles, whenever it does within the block; then the bar says its own words again.

    Args:
        bar: Of `progress.progress_bar` or `progress.working`.
    """
    if bar.disable:
        yield
        return
    from numba.core import event

    own_words = bar.desc
    depth = 0
    shown_at = 0.0

    class Namer(event.Listener):
        """Hears of every function that is compiled, and in between of those that it calls."""

        def on_start(self, _: object) -> None:
            self._tell(depth + 1)

        def on_end(self, _: object) -> None:
            self._tell(depth - 1)

        def _tell(self, functions: int) -> None:
            nonlocal depth, shown_at
            depth = functions
            bar.set_description_str(WORDS if depth else own_words, refresh=False)
            now = time.time()
            if now >= max(bar.start_t + progress.DELAY, shown_at + progress.PULSE):
                shown_at = now
                bar.refresh()

    with event.install_listener("numba:compile", Namer()):
        yield
