from __future__ import annotations

import multiprocessing
import os
import time
from typing import TYPE_CHECKING

import pytest

from xrdsym.common.errors import MaterialError, XrdsymError
from xrdsym.common.parallel import core_count, map_batches

if TYPE_CHECKING:
    from collections.abc import Iterator


def counted(read: list[int], count: int) -> Iterator[list[int]]:
    """Batches of one number each, noted in `read` as they are read."""
    for number in range(count):
        read.append(number)
        yield [number]


def refuse(batch: list[int]) -> int:
    if batch == [2]:
        raise MaterialError("odd", "the third batch is odd")
    return sum(batch)


def test_results_come_in_order_and_a_slow_caller_reads_little_ahead() -> None:
    read: list[int] = []
    results = map_batches(sum, counted(read, 30))
    assert next(results) == 0
    time.sleep(0.5)
    assert len(read) <= 2 * core_count() + 1
    assert list(results) == list(range(1, 30))


def test_without_batches_there_are_no_results() -> None:
    assert list(map_batches(sum, [])) == []


def test_a_dead_worker_is_an_error() -> None:
    with pytest.raises(XrdsymError, match="worker process died"):
        list(map_batches(os._exit, [1]))


def test_an_error_of_the_function_comes_to_the_caller_in_its_place() -> None:
    results = map_batches(refuse, counted([], 6))
    assert [next(results), next(results)] == [0, 1]
    with pytest.raises(MaterialError, match="third batch") as caught:
        next(results)
    assert caught.value.reason == "odd"
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize("error", [KeyboardInterrupt, GeneratorExit])
def test_a_caller_that_stops_leaves_no_process_behind(error: type[BaseException]) -> None:
    results = map_batches(sum, counted([], 30))
    next(results)
    with pytest.raises(error):
        results.throw(error)
    assert multiprocessing.active_children() == []
