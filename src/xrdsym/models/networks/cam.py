"""Class activation maps: which points of a profile support a class (Zhou et al., CVPR 2016, arXiv:1512.04150).

A network that ends in a global average over its last map f and in a dense layer (weights w, offsets b) scores class c
by b_c plus the mean over the steps s of M_c(s) = Σ_k w_kc f_k(s); M_c is the map. Oviedo et al. 2019 draw its amount.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import keras
import numpy as np

from xrdsym.common.errors import UsageError
from xrdsym.training.optimisation import BACKBONE

if TYPE_CHECKING:
    from numpy.typing import NDArray


def class_activation_map(
    network: keras.Model, profiles: NDArray[np.float32], classes: NDArray[np.int64]
) -> NDArray[np.float32]:
    """The activation map of one class a profile, at every point of the profile's axis.

    Between the centres of what two neighbouring steps see it is interpolated; beyond the outermost it is constant.

    Args:
        network: Ends in a global average over a chain of convolutions, and a dense layer.
        profiles: float32 (profiles, points).
        classes: int64 (profiles,): the index of the class whose map is wanted.

    Returns:
        float32 (profiles, points): positive where the profile supports the class, negative where it contradicts it.

    Raises:
        UsageError: The network does not end that way.
    """
    maps = activation_steps(network, profiles, classes)
    points = profiles.shape[1]
    centres = step_centres(network, points)
    spread = [np.interp(np.arange(points), centres, steps) for steps in maps]
    return np.array(spread, dtype=np.float32).reshape(profiles.shape)


def activation_steps(
    network: keras.Model, profiles: NDArray[np.float32], classes: NDArray[np.int64]
) -> NDArray[np.float32]:
    """M_c(s) itself, one value a step of the last map.

    Args:
        network: As for `class_activation_map`.
        profiles: float32 (profiles, points).
        classes: int64 (profiles,).

    Returns:
        float32 (profiles, steps).

    Raises:
        UsageError: The network does not end in a global average and a dense layer.
    """
    average, dense = network.layers[-2:]
    if not (isinstance(average, keras.layers.GlobalAveragePooling1D) and isinstance(dense, keras.layers.Dense)):
        msg = (
            f"train.model: {network.name} has no class activation map, because it does not end in a global average "
            "and a dense layer. Use oviedo."
        )
        raise UsageError(msg)
    features = keras.ops.convert_to_numpy(network.get_layer(BACKBONE)(profiles, training=False))
    weights = dense.kernel.numpy()
    return np.asarray(np.einsum("psk,kp->ps", features, weights[:, classes]), dtype=np.float32)


def step_centres(network: keras.Model, points: int) -> NDArray[np.float64]:
    """The middle of what each step of the last map sees, padding included.

    Args:
        network: Its backbone is a chain of layers, of which only convolutions change the length.
        points: Number of points of the profiles.

    Returns:
        float64 (steps,), counted in points from the first one.
    """
    first, distance, length = 0.0, 1, points
    for layer in network.get_layer(BACKBONE).layers:
        if isinstance(layer, keras.layers.Conv1D):
            (width,), (stride,) = layer.kernel_size, layer.strides
            steps = -(-length // stride) if layer.padding == "same" else (length - width) // stride + 1
            padding = max((steps - 1) * stride + width - length, 0) // 2 if layer.padding == "same" else 0
            first += distance * ((width - 1) / 2 - padding)
            distance *= stride
            length = steps
    return first + distance * np.arange(length, dtype=np.float64)
