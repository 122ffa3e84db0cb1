"""Apply a function to many batches on all cores: in order, with few batches in memory at a time."""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING, TypeVar

from xrdsym.common.errors import XrdsymError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future

Batch = TypeVar("Batch")
Result = TypeVar("Result")


def core_count() -> int:
    """The number of processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def map_batches(function: Callable[[Batch], Result], batches: Iterable[Batch]) -> Iterator[Result]:
    """Apply `function` to every batch, in one process a core; results come in the order of the batches.

    For work that holds Python's interpreter lock. Processes are spawned, not forked, because the caller's libraries
    run threads. The caller sets the pace: joblib's generators read on while the caller is busy, until all batches and
    results are in memory, and warn where it stops early.

    Args:
        function: A module-level function, or a `functools.partial` of one.
        batches: Its arguments, read as needed, at most two batches a core ahead.

    Yields:
        The result for each batch.

    Raises:
        XrdsymError: A process died, most often because memory ran out.
    """
    cores = core_count()
    pool = ProcessPoolExecutor(cores, mp_context=multiprocessing.get_context("spawn"))
    pending: deque[Future[Result]] = deque()
    try:
        for batch in batches:
            pending.append(pool.submit(function, batch))
            if len(pending) > 2 * cores:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    except BrokenProcessPool as error:
        msg = "a worker process died, most often because memory ran out. Free some memory, then run it again."
        raise XrdsymError(msg) from error
    finally:
        pool.shutdown(cancel_futures=True)
