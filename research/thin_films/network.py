"""The a-CNN on films: built and compiled once a process, its weights anew for each training."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from research.thin_films.measured import CLASSES
from xrdsym.models.networks import oviedo

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from research.thin_films.patterns import Patterns

BATCH = 128
"""As published."""


def trained(patterns: Patterns, epochs: int, seed: int) -> keras.Model:
    """The network after so many epochs on these patterns, and nothing that it saw before.

    Adam at 0.001 and crossentropy; the weights of the last epoch are kept, so that nothing is chosen.

    Args:
        patterns: What is learnt from.
        epochs: How often each pattern is shown.
        seed: Of the first weights and of the order.

    Returns:
        The network of this process: the next call trains it anew.
    """
    points = patterns.profiles.shape[1]
    network, optimizer_state = _compiled(points, math.ceil(len(patterns.labels) / BATCH))
    keras.utils.set_random_seed(seed)
    network.set_weights(oviedo.network(points, len(CLASSES)).get_weights())
    for variable, value in zip(network.optimizer.variables, optimizer_state, strict=True):
        variable.assign(value)
    network.fit(patterns.profiles, patterns.labels, batch_size=BATCH, epochs=epochs, verbose=0)
    return network


def probabilities(network: keras.Model, profiles: NDArray[np.float32]) -> NDArray[np.float32]:
    """What the network says of few profiles, float32 (n, classes)."""
    return np.asarray(keras.ops.convert_to_numpy(network(profiles, training=False)), dtype=np.float32)


@cache
def _compiled(points: int, steps: int) -> tuple[keras.Model, list[NDArray[Any]]]:
    """The network and the variables of its optimizer before the first step."""
    network = oviedo.network(points, len(CLASSES))
    # a step takes a millisecond or two: all of an epoch go to the backend at once
    network.compile("adam", "sparse_categorical_crossentropy", steps_per_execution=steps)
    network.optimizer.build(network.trainable_variables)
    return network, [variable.numpy() for variable in network.optimizer.variables]
