"""The a-CNN for films: built and compiled once in a process, with new weights for each training."""

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
    """Train the network from new weights.

    The optimiser is Adam with a learning rate of 0.001, the loss crossentropy. The weights are those of the last epoch,
    so no epoch is selected.

    Args:
        patterns: The training patterns.
        epochs: Number of epochs.
        seed: Seed of the initial weights and of the order of the patterns.

    Returns:
        The network of this process; the next call trains the same object again.
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
    """The network's probabilities for a small number of profiles, float32 (n, classes)."""
    return np.asarray(keras.ops.convert_to_numpy(network(profiles, training=False)), dtype=np.float32)


@cache
def _compiled(points: int, steps: int) -> tuple[keras.Model, list[NDArray[Any]]]:
    """The compiled network, and the variables of its optimiser before the first step."""
    network = oviedo.network(points, len(CLASSES))
    # a step takes one or two milliseconds, so all steps of an epoch are sent to the backend at once
    network.compile("adam", "sparse_categorical_crossentropy", steps_per_execution=steps)
    network.optimizer.build(network.trainable_variables)
    return network, [variable.numpy() for variable in network.optimizer.variables]
