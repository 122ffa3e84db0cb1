from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from xrdsym.data.subset import stratified_subset

SKEWED = np.repeat([0, 1, 3], [50, 30, 7])
labels_of_classes = st.lists(st.integers(0, 6), min_size=7, max_size=200).map(np.array)


@given(labels_of_classes, st.integers(7, 250), st.integers(0, 3))
def test_a_subset_keeps_every_class_and_its_share(labels: np.ndarray, limit: int, seed: int) -> None:
    chosen = stratified_subset(labels, limit, seed)
    assert len(set(chosen.tolist())) == len(chosen) == min(limit, len(labels))
    before, after = np.bincount(labels, minlength=7), np.bincount(labels[chosen], minlength=7)
    assert ((before > 0) == (after > 0)).all()
    assert (after <= before).all()
    # what the classes below one structure are given comes from the others
    assert (after <= np.ceil(before * limit / len(labels)) + 1).all()


def test_subsets_of_two_seeds_differ() -> None:
    assert stratified_subset(SKEWED, 20, 0).tolist() != stratified_subset(SKEWED, 20, 1).tolist()
