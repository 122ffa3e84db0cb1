"""Bootstrap intervals against theory and against a plain bootstrap."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import f1_score

from xrdsym.evaluation.bootstrap import intervals


def predictions(count: int = 400) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    actual = rng.integers(0, 3, count)
    return actual, np.where(rng.random(count) < 0.7, actual, rng.integers(0, 3, count))


def test_the_interval_of_accuracy_is_binomial() -> None:
    actual, predicted = predictions()
    low, high = intervals(actual, predicted, None, 3, 20_000, 0)["accuracy"]
    share = (actual == predicted).mean()
    half = 1.96 * np.sqrt(share * (1 - share) / len(actual))
    assert (low, high) == pytest.approx((share - half, share + half), abs=0.004)


def test_groups_of_one_are_rows() -> None:
    actual, predicted = predictions()
    rows = intervals(actual, predicted, None, 3, 20_000, 0)
    groups = intervals(actual, predicted, np.arange(len(actual)).astype(str), 3, 20_000, 0)
    for name, interval in rows.items():
        assert groups[name] == pytest.approx(interval, abs=0.005)


def test_whole_groups_are_drawn() -> None:
    actual, predicted = (np.repeat(values, 9) for values in predictions(100))
    members = np.repeat(np.arange(100), 9)
    low, high = intervals(actual, predicted, members, 3, 20_000, 0)["accuracy"]
    narrow = intervals(actual, predicted, None, 3, 20_000, 0)["accuracy"]
    assert high - low == pytest.approx(3 * (narrow[1] - narrow[0]), rel=0.05)


def test_macro_f1_is_that_of_a_plain_bootstrap() -> None:
    actual, predicted = predictions()
    rng = np.random.default_rng(1)
    scores = []
    for _ in range(2000):
        rows = rng.integers(0, len(actual), len(actual))
        scores.append(f1_score(actual[rows], predicted[rows], average="macro"))
    expected = np.quantile(scores, [0.025, 0.975])
    assert intervals(actual, predicted, None, 3, 5000, 0)["macro_f1"] == pytest.approx(expected, abs=0.008)


def test_a_seed_repeats_the_intervals_and_no_sample_has_none() -> None:
    actual, predicted = predictions()
    assert intervals(actual, predicted, None, 3, 100, 5) == intervals(actual, predicted, None, 3, 100, 5)
    assert intervals(actual, predicted, None, 3, 100, 5) != intervals(actual, predicted, None, 3, 100, 6)
    assert intervals(actual, predicted, None, 3, 0, 5) == {}
