"""Batches of what a network reads, for Keras' `fit` and `predict`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from xrdsym.data.datasets import EpochInputs, LabelledInputs

PREDICTION_BATCH = 128


class Batches(keras.utils.PyDataset):
    """Batches of images, their one-hot classes and their weights, in a given order, for `fit`.

    Every batch is full, so that the network is compiled for one size only: the last one is filled up from the
    beginning of the order.

    Args:
        images: The images.
        order: int64 (m,), positions in `images`.
        size: Images a batch.
        weights: float32 (classes,), the weight of each class.
    """

    def __init__(self, images: EpochInputs, order: NDArray[np.int64], size: int, weights: NDArray[np.float32]) -> None:
        super().__init__(workers=images.threads)
        self._images: EpochInputs | None = images
        self._steps = math.ceil(len(order) / size)
        self._order = np.resize(order, self._steps * size)
        self._size = size
        self._weights = weights
        self._one_hot = np.eye(len(weights), dtype=np.float32)

    def __len__(self) -> int:
        """The number of batches."""
        return self._steps

    def __getitem__(self, index: int) -> tuple[NDArray[Any], NDArray[np.float32], NDArray[np.float32]]:
        """Images (size, *shape), classes float32 (size, classes), weights float32 (size,)."""
        positions = self._order[index * self._size : (index + 1) * self._size]
        images = _held(self._images)
        labels = images.labels[positions]
        return images.read(positions), self._one_hot[labels], self._weights[labels]

    def release(self) -> None:
        """Let go of the images when they have been shown: TensorFlow holds every dataset until the process ends."""
        self._images = None


class _PlainBatches(keras.utils.PyDataset):
    """Batches of images alone, for `predict`; the last one may be smaller.

    Args:
        images: The images.
        positions: int64 (m,), positions in `images`.
        size: Images a batch.
    """

    def __init__(self, images: LabelledInputs, positions: NDArray[np.int64], size: int) -> None:
        super().__init__(workers=images.threads)
        self._images: EpochInputs | None = images
        self._positions = positions
        self._size = size

    def __len__(self) -> int:
        """The number of batches."""
        return math.ceil(len(self._positions) / self._size)

    def __getitem__(self, index: int) -> tuple[NDArray[Any]]:
        """Images (size, *shape)."""
        return (_held(self._images).read(self._positions[index * self._size : (index + 1) * self._size]),)

    def release(self) -> None:
        """See `Batches.release`."""
        self._images = None


def answers(network: keras.Model, images: LabelledInputs, positions: NDArray[np.int64]) -> NDArray[np.float32]:
    """What a network answers, in inference mode.

    Args:
        network: Compiled or not.
        images: The images.
        positions: int64 (m,), those that are wanted.

    Returns:
        float32 (m, classes).
    """
    batches = _PlainBatches(images, positions, PREDICTION_BATCH)
    try:
        return np.asarray(network.predict(batches, verbose=0))
    finally:
        batches.release()


def _held(images: EpochInputs | None) -> EpochInputs:
    if images is None:
        msg = "these batches have been released"
        raise RuntimeError(msg)
    return images
