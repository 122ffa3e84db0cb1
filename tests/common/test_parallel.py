from __future__ import annotations

import os

import pytest

from xrdsym.common.errors import XrdsymError
from xrdsym.common.parallel import core_count, map_batches


def test_results_come_in_order_and_little_is_read_ahead() -> None:
    read = []

    def batches():  # noqa: ANN202
        for number in range(30):
            read.append(number)
            yield [number]

    results = map_batches(sum, batches())
    assert next(results) == 0
    assert len(read) <= 2 * core_count() + 1
    assert list(results) == list(range(1, 30))


def test_a_dead_worker_is_told() -> None:
    with pytest.raises(XrdsymError, match="worker process died"):
        list(map_batches(os._exit, [1]))
