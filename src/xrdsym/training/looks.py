"""What a network answers after each epoch and, where asked for, within it, with either statistics of BatchNorm."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from xrdsym.data.training_data import Look
from xrdsym.evaluation.confusions import confusion_matrix
from xrdsym.training.batches import predict
from xrdsym.training.batchnorm import probabilities_by_batch_statistics

if TYPE_CHECKING:
    from collections.abc import Sequence

    import keras
    from numpy.typing import NDArray

    from xrdsym.data.datasets import LabelledInputs

LOOKED_AT = 4
"""One of so many materials of the validation part is in a look within an epoch."""


class Looks:
    """The looks at one training; none of them changes it.

    Args:
        part: The validation part.
        classes: Number of classes.
        batch_size: Inputs a batch, as in training: statistics depend on it.
        earlier: The looks of an earlier process, as `content` gave them.
    """

    def __init__(self, part: LabelledInputs, classes: int, batch_size: int, earlier: Sequence[dict[str, Any]]) -> None:
        self._part = part
        self._classes = classes
        self._batch_size = batch_size
        sample = np.random.default_rng(0).permutation(len(part))[: len(part) // LOOKED_AT]
        # a smaller last batch would have statistics of its own
        self._sample = sample[: len(sample) // batch_size * batch_size]
        self.all = [Look(**look) for look in earlier]

    def within(self, network: keras.Model, epoch: int, step: int) -> None:
        """Look at a sample of the validation part; at nothing where it has less than a batch.

        Args:
            network: In training.
            epoch: From 1.
            step: Steps of this epoch so far.
        """
        if not len(self._sample):
            return
        by_moving = predict(network, self._part, self._sample)
        by_batch = probabilities_by_batch_statistics(network, self._part.batches(self._sample, self._batch_size))
        labels = self._part.labels[self._sample]
        self.all.append(Look(epoch, step, self._confusion(labels, by_moving), self._confusion(labels, by_batch)))

    def after(self, epoch: int, step: int, probabilities: NDArray[np.float32]) -> None:
        """Record the answers to the whole validation part after an epoch."""
        self.all.append(Look(epoch, step, self._confusion(self._part.labels, probabilities), None))

    def content(self) -> list[dict[str, Any]]:
        """All looks as JSON values."""
        return [dataclasses.asdict(look) for look in self.all]

    def _confusion(self, labels: NDArray[np.int64], probabilities: NDArray[np.float32]) -> list[list[int]]:
        matrix: list[list[int]] = confusion_matrix(labels, probabilities.argmax(axis=1), self._classes).tolist()
        return matrix
