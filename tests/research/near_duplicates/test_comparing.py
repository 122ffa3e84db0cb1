"""The compiled searches against every pair compared in numpy."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from research.near_duplicates.comparing import Index, close_pooled, close_rows

ROWS = np.random.default_rng(0).integers(0, 4, (60, 5)).astype(np.uint8)
LIMIT = 2


def expected(candidates: set[tuple[int, int]] | None = None) -> set[tuple[int, int, int]]:
    distances = {(i, j): int(np.abs(ROWS[i].astype(int) - ROWS[j]).max()) for i, j in combinations(range(len(ROWS)), 2)}
    return {
        (*pair, distance)
        for pair, distance in distances.items()
        if distance <= LIMIT and (candidates is None or pair in candidates)
    }


@pytest.mark.parametrize("spans", [[(0, 60)], [(0, 7), (7, 50), (50, 60)]])
def test_rows_within_the_limit_are_found_once(spans: list[tuple[int, int]]) -> None:
    found = set()
    for span in spans:
        output = np.empty((5000, 3))
        pairs = close_rows(np.ascontiguousarray(ROWS[:, :2]), ROWS, LIMIT, span, output)
        new = {tuple(map(int, row)) for row in output[:pairs]}
        assert not found & new
        found |= new
    assert found == expected()


def test_pairs_that_do_not_fit_are_counted() -> None:
    output = np.full((3, 3), -1.0)
    assert close_rows(np.ascontiguousarray(ROWS[:, :2]), ROWS, LIMIT, (0, 60), output) == len(expected())
    assert (output >= 0).all()


def test_only_candidates_are_compared() -> None:
    buckets = np.arange(60) % 3
    members = np.argsort(buckets, kind="stable")
    index = Index(buckets, np.array([0, 20, 40, 60]), members)
    output = np.empty((5000, 3))
    pairs = close_pooled(ROWS, index, LIMIT, (0, 60), output)
    candidates = {(i, j) for i, j in combinations(range(60), 2) if i % 3 == j % 3}
    assert {tuple(map(int, row)) for row in output[:pairs]} == expected(candidates)
