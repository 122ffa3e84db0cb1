"""Batch normalisation, whose statistics are the commonest reason that inference is worse than training.

After few steps the moving averages lag behind the weights, and a network that fits its training inputs then guesses
on all others. Statistics re-estimated from training inputs, with no weight changed, distinguish that from overfitting
 ("Rethinking 'Batch' in BatchNorm", Wu and Johnson 2021, arXiv:2105.07576, section 3.2).
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from xrdsym.data.training_data import SAMPLE
from xrdsym.training.batches import predict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from xrdsym.data.datasets import LabelledInputs


def batchnorm_layers(network: keras.Model) -> list[keras.layers.BatchNormalization]:
    """All BatchNorm layers of a network, those of the networks within it included."""
    return _layers(network, keras.layers.BatchNormalization)


def _layers(network: keras.Model, kind: type[keras.layers.Layer]) -> list[Any]:
    """All layers of a kind, those of the networks within the network included."""
    found = []
    for layer in network.layers:
        if isinstance(layer, kind):
            found.append(layer)
        elif isinstance(layer, keras.Model):
            found += _layers(layer, kind)
    return found


def set_momentum(network: keras.Model, momentum: float) -> None:
    """Set how slowly the moving statistics of all BatchNorm layers follow those of the batches.

    It takes effect in functions that are compiled afterwards.
    """
    for layer in batchnorm_layers(network):
        layer.momentum = momentum


def reestimate(network: keras.Model, batches: Iterable[NDArray[Any]]) -> None:
    """Re-estimate the statistics of all BatchNorm layers: the plain average over the batches.

    Neither the weights nor later training steps change.

    Args:
        network: A network whose BatchNorm layers are in use, not frozen.
        batches: Training images or profiles, as the network reads them.
    """
    layers = batchnorm_layers(network)
    momenta = [layer.momentum for layer in layers]
    try:
        with _dropout_off(network):
            for seen, inputs in enumerate(batches):
                for layer in layers:
                    layer.momentum = seen / (seen + 1)
                network(inputs, training=True)
    finally:
        for layer, momentum in zip(layers, momenta, strict=True):
            layer.momentum = momentum


def probabilities_by_batch_statistics(network: keras.Model, batches: Iterable[NDArray[Any]]) -> NDArray[np.float32]:
    """The output of the network when BatchNorm uses the statistics of each batch, as in training, without dropout.

    The network stays as it was.

    Args:
        network: Any network.
        batches: Images or profiles, as the network reads them.

    Returns:
        float32 (inputs, classes).
    """
    layers = batchnorm_layers(network)
    moving = [layer.get_weights() for layer in layers]
    try:
        with _dropout_off(network):
            outputs = [keras.ops.convert_to_numpy(network(inputs, training=True)) for inputs in batches]
    finally:
        for layer, weights in zip(layers, moving, strict=True):
            layer.set_weights(weights)
    return np.concatenate(outputs)


def training_accuracies(network: keras.Model, inputs: LabelledInputs, batch_size: int, seed: int) -> dict[str, float]:
    """The accuracy on a sample of the training part with BatchNorm by the batch and by its moving statistics.

    Args:
        network: Trained.
        inputs: The training part, of which at most `SAMPLE` are used, in batches as in training.
        batch_size: Inputs a batch.
        seed: Of the sample.

    Returns:
        `training_mode` and `inference_mode`, shares of right predictions.
    """
    positions = np.random.default_rng(seed).permutation(len(inputs))[:SAMPLE]
    # a smaller last batch would have statistics of its own
    positions = positions[: max(len(positions) // batch_size, 1) * batch_size]
    labels = inputs.labels[positions]
    by_batch = probabilities_by_batch_statistics(network, inputs.batches(positions, batch_size))
    by_moving = predict(network, inputs, positions)
    return {
        "training_mode": float((by_batch.argmax(axis=1) == labels).mean()),
        "inference_mode": float((by_moving.argmax(axis=1) == labels).mean()),
    }


@contextmanager
def _dropout_off(network: keras.Model) -> Iterator[None]:
    layers = _layers(network, keras.layers.Dropout)
    rates = [layer.rate for layer in layers]
    for layer in layers:
        layer.rate = 0
    try:
        yield
    finally:
        for layer, rate in zip(layers, rates, strict=True):
            layer.rate = rate
