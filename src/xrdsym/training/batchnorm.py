"""Batch normalisation: its statistics are what most often parts training from inference.

Few steps leave the moving averages behind the weights, and a network that fits its training images then guesses on
all others. Statistics made anew from training images, without any change of a weight, tell that apart from
overfitting ("Rethinking 'Batch' in BatchNorm", Wu and Johnson 2021, arXiv:2105.07576, section 3.2).
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray


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
    """Make the statistics of all BatchNorm layers anew: the plain average over the batches.

    No weight changes, nor what a later training step does.

    Args:
        network: A network whose BatchNorm layers are in use, not frozen.
        batches: Training images or profiles, as the network takes them.
    """
    layers = batchnorm_layers(network)
    momenta = [layer.momentum for layer in layers]
    try:
        with _dropout_off(network):
            for seen, images in enumerate(batches):
                for layer in layers:
                    layer.momentum = seen / (seen + 1)
                network(images, training=True)
    finally:
        for layer, momentum in zip(layers, momenta, strict=True):
            layer.momentum = momentum


def probabilities_by_batch_statistics(network: keras.Model, batches: Iterable[NDArray[Any]]) -> NDArray[np.float32]:
    """What the network answers when BatchNorm uses the statistics of each batch, as in training, without dropout.

    The network stays as it was.

    Args:
        network: Any network.
        batches: Images or profiles, as the network takes them.

    Returns:
        float32 (images, classes).
    """
    layers = batchnorm_layers(network)
    moving = [layer.get_weights() for layer in layers]
    try:
        with _dropout_off(network):
            answers = [keras.ops.convert_to_numpy(network(images, training=True)) for images in batches]
    finally:
        for layer, weights in zip(layers, moving, strict=True):
            layer.set_weights(weights)
    return np.concatenate(answers)


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
