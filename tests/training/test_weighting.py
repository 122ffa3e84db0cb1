from __future__ import annotations

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.utils.class_weight import compute_class_weight

from xrdsym.training.weighting import BETA, class_weights, epoch_order, loss_function

SKEWED = np.repeat([0, 1, 3], [50, 30, 7])
labels_of_classes = st.lists(st.integers(0, 6), min_size=7, max_size=200).map(np.array)


def test_balanced_weights_are_those_of_scikit_learn() -> None:
    expected = compute_class_weight("balanced", classes=np.array([0, 1, 3]), y=SKEWED)
    weights = class_weights(SKEWED, 5, "balanced")
    np.testing.assert_allclose(weights[[0, 1, 3]], expected, rtol=1e-6)
    assert weights[[2, 4]].tolist() == [0, 0]


def test_effective_weights_follow_the_effective_number_of_samples() -> None:
    labels = np.repeat([0, 1], [20_000, 1_000])
    large, small = class_weights(labels, 2, "effective")
    assert small / large == pytest.approx((1 - BETA**20_000) / (1 - BETA**1_000), rel=1e-5)
    assert (large * 20_000 + small * 1_000) / 21_000 == pytest.approx(1)
    assert 1 < small / large < 20


def test_no_weighting_counts_absent_classes_too() -> None:
    assert class_weights(SKEWED, 5, "none").tolist() == [1.0] * 5


@given(labels_of_classes, st.sampled_from(["balanced", "effective"]))
def test_weights_have_mean_one_over_the_structures(labels: np.ndarray, kind: str) -> None:
    assert class_weights(labels, 7, kind)[labels].mean() == pytest.approx(1, rel=1e-5)


def test_focal_loss_is_cross_entropy_times_a_power_of_what_is_missing() -> None:
    truth = np.eye(3, dtype=np.float32)
    answers = np.array([[0.9, 0.05, 0.05], [0.3, 0.4, 0.3], [0.5, 0.3, 0.2]], dtype=np.float32)
    own = np.array([0.9, 0.4, 0.2])
    assert float(loss_function("crossentropy")(truth, answers)) == pytest.approx(-np.log(own).mean(), rel=1e-5)
    focal = (-((1 - own) ** 2) * np.log(own)).mean()
    assert float(loss_function("focal")(truth, answers)) == pytest.approx(focal, rel=1e-5)
    assert isinstance(loss_function("focal"), keras.losses.Loss)


@given(labels_of_classes, st.integers(0, 5), st.booleans())
def test_an_order_is_the_same_when_asked_for_again(labels: np.ndarray, epoch: int, oversample: bool) -> None:
    first = epoch_order(labels, 3, epoch, oversample)
    assert first.tolist() == epoch_order(labels, 3, epoch, oversample).tolist()
    assert len(first) == len(labels)


def test_epochs_and_seeds_have_orders_of_their_own() -> None:
    orders = {tuple(epoch_order(SKEWED, seed, epoch, oversample=False)) for seed in (0, 1) for epoch in (0, 1)}
    assert len(orders) == 4
    assert all(sorted(order) == list(range(len(SKEWED))) for order in orders)


@given(labels_of_classes)
def test_oversampling_draws_every_class_equally_often(labels: np.ndarray) -> None:
    counts = np.bincount(labels[epoch_order(labels, 0, 0, oversample=True)], minlength=7)[np.unique(labels)]
    assert counts.max() - counts.min() <= 1
    assert counts.sum() == len(labels)


def test_oversampling_shows_all_of_a_large_class_over_the_epochs() -> None:
    seen = {int(position) for epoch in range(40) for position in epoch_order(SKEWED, 0, epoch, oversample=True)}
    assert seen == set(range(len(SKEWED)))
