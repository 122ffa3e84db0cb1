"""The weight of each class in training: class weights, loss, and oversampling."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    import keras
    from numpy.typing import NDArray

BETA = 0.9999
"""Of the effective number of samples: a class of 10,000 counts as 6,321. The paper's classes have thousands."""
FOCUS = 2.0
"""γ of the focal loss, the value that Lin et al. recommend."""


def class_weights(
    labels: NDArray[np.int64], classes: int, kind: Literal["none", "balanced", "effective"]
) -> NDArray[np.float32]:
    """The weight of each class in the training loss; their mean over the structures is 1.

    Args:
        labels: int64 (n,), the class of each training structure.
        classes: Number of classes.
        kind: `none`: 1 each. `balanced`: inversely proportional to the count of the class, as in scikit-learn.
            `effective`: inversely proportional to (1 - β^count) / (1 - β), the effective number of samples
            (Cui et al., CVPR 2019, arXiv:1901.05555).

    Returns:
        float32 (classes,); 0 for a class without a structure, unless `kind` is `none`.
    """
    if kind == "none":
        return np.ones(classes, dtype=np.float32)
    counts = np.bincount(labels, minlength=classes).astype(np.float64)
    sizes = counts if kind == "balanced" else -np.expm1(counts * np.log(BETA)) / (1 - BETA)
    weights = np.divide(1.0, sizes, out=np.zeros(classes), where=counts > 0)
    return np.asarray(weights * len(labels) / (weights * counts).sum(), dtype=np.float32)


def loss_function(kind: Literal["crossentropy", "focal"]) -> keras.losses.Loss:
    """The loss between one-hot labels and probabilities.

    Args:
        kind: `crossentropy`, or `focal`: (1 - p)^γ times it (Lin et al., ICCV 2017, arXiv:1708.02002); what that
            paper calls α is left to the class weights.
    """
    import keras

    if kind == "focal":
        return keras.losses.CategoricalFocalCrossentropy(alpha=1.0, gamma=FOCUS)
    return keras.losses.CategoricalCrossentropy()


def epoch_order(labels: NDArray[np.int64], seed: int, epoch: int, oversample: bool) -> NDArray[np.int64]:
    """The order of the training structures in one epoch; the same arguments give the same order.

    Args:
        labels: int64 (n,), the class of each structure.
        seed: Of the training.
        epoch: Number of the epoch.
        oversample: Show every class that has structures equally often (within one): those of a large class take
            turns over the epochs, those of a small one appear several times an epoch.

    Returns:
        int64 (n,), positions in `labels`.
    """
    random = np.random.default_rng((seed, epoch))
    if not oversample:
        return random.permutation(len(labels))
    present = random.permutation(np.unique(labels))
    chosen = []
    for place, label in enumerate(present):
        members = np.flatnonzero(labels == label)
        wanted = len(labels) // len(present) + (place < len(labels) % len(present))
        rounds = [random.permutation(members) for _ in range(-(-wanted // len(members)))]
        chosen.append(np.concatenate(rounds)[:wanted] if rounds else members[:0])
    return random.permutation(np.concatenate(chosen))
