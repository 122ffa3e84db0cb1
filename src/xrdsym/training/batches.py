"""Batches of inputs for Keras' `fit` and `predict`."""

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
    """Batches of inputs, their one-hot classes and their weights, in a given order, for `fit`.

    Every batch is full, so that the network is compiled for one size only: the last one is filled up from the
    beginning of the order.

    Args:
        inputs: The inputs.
        order: int64 (m,), positions in `inputs`.
        size: Inputs a batch.
        weights: float32 (classes,), the weight of each class.
    """

    def __init__(self, inputs: EpochInputs, order: NDArray[np.int64], size: int, weights: NDArray[np.float32]) -> None:
        super().__init__(workers=inputs.threads)
        self._inputs: EpochInputs | None = inputs
        self._steps = math.ceil(len(order) / size)
        self._order = np.resize(order, self._steps * size)
        self._size = size
        self._weights = weights
        self._one_hot = np.eye(len(weights), dtype=np.float32)

    def __len__(self) -> int:
        """The number of batches."""
        return self._steps

    def __getitem__(self, index: int) -> tuple[NDArray[Any], NDArray[np.float32], NDArray[np.float32]]:
        """Inputs (size, *shape), classes float32 (size, classes), weights float32 (size,)."""
        positions = self._order[index * self._size : (index + 1) * self._size]
        inputs = _not_released(self._inputs)
        labels = inputs.labels[positions]
        return inputs.read(positions), self._one_hot[labels], self._weights[labels]

    def release(self) -> None:
        """Forget the inputs after the epoch: TensorFlow keeps every dataset until the process ends."""
        self._inputs = None


class _PlainBatches(keras.utils.PyDataset):
    """Batches of inputs alone, for `predict`; the last one may be smaller.

    Args:
        inputs: The inputs.
        positions: int64 (m,), positions in `inputs`.
        size: Inputs a batch.
    """

    def __init__(self, inputs: LabelledInputs, positions: NDArray[np.int64], size: int) -> None:
        super().__init__(workers=inputs.threads)
        self._inputs: EpochInputs | None = inputs
        self._positions = positions
        self._size = size

    def __len__(self) -> int:
        """The number of batches."""
        return math.ceil(len(self._positions) / self._size)

    def __getitem__(self, index: int) -> tuple[NDArray[Any]]:
        """Inputs (size, *shape)."""
        return (_not_released(self._inputs).read(self._positions[index * self._size : (index + 1) * self._size]),)

    def release(self) -> None:
        """See `Batches.release`."""
        self._inputs = None


def predict(network: keras.Model, inputs: LabelledInputs, positions: NDArray[np.int64]) -> NDArray[np.float32]:
    """The output of a network in inference mode.

    Args:
        network: Compiled or not.
        inputs: The inputs.
        positions: int64 (m,), positions in `inputs`.

    Returns:
        float32 (m, classes).
    """
    batches = _PlainBatches(inputs, positions, PREDICTION_BATCH)
    try:
        return np.asarray(network.predict(batches, verbose=0))
    finally:
        batches.release()


def _not_released(inputs: EpochInputs | None) -> EpochInputs:
    if inputs is None:
        msg = "these batches have been released"
        raise RuntimeError(msg)
    return inputs
