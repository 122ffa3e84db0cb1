"""A small one-dimensional residual network, this project's own, made to be trained on two cores.

Neighbouring points of the profile are the channels of one step, so that no convolution runs over single points; four
residual blocks (Kaiming He et al., CVPR 2016) then halve the steps and widen the channels. The last map is not averaged
but flattened: where a peak stands tells the lattice. Its settings are the presets `resnet1d`, for patterns as they are
calculated, and `measured`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import keras

from xrdsym.models.networks.blocks import network_of, probabilities, require_points
from xrdsym.training.optimisation import BACKBONE

if TYPE_CHECKING:
    from xrdsym.config.schema import TrainParams

STEPS = 512
"""Profiles become as many steps at least; a whole number of points is a step, and what is left over is cut off."""
STEM = (48, 5)
"""Filters and width of the first convolution."""
BLOCKS = (64, 96, 128, 192)
"""Filters of each block."""
WIDTH = 3
SQUEEZED = 64
"""Channels of the map that is flattened."""
DENSE = 256
FEWEST_POINTS = STEPS


def build(points: int, classes: int, params: TrainParams) -> keras.Model:
    """The network, not compiled.

    Args:
        points: Number of points of the profiles, `FEWEST_POINTS` or more.
        classes: Number of classes.
        params: `dropout` is that before the last two layers.

    Returns:
        Input float32 (batch, points), output float32 (batch, classes).

    Raises:
        UsageError: There are too few points.
    """
    require_points("resnet1d", points, FEWEST_POINTS)
    profile = keras.Input((points,))
    patch = points // STEPS
    steps = points // patch
    signal = keras.layers.Reshape((points, 1))(profile)
    signal = keras.layers.Cropping1D((0, points - steps * patch))(signal)
    signal = keras.layers.Reshape((steps, patch))(signal)
    signal = keras.layers.Activation("relu")(_normalised(signal, *STEM, 1))
    for filters in BLOCKS:
        signal = _block(signal, filters)
    signal = keras.layers.Conv1D(SQUEEZED, 1, activation="relu")(signal)
    backbone = keras.Model(profile, keras.layers.Flatten()(signal), name=BACKBONE)
    top = [
        keras.layers.Dropout(params.dropout),
        keras.layers.Dense(DENSE, activation="relu"),
        keras.layers.Dropout(params.dropout),
        probabilities(classes),
    ]
    return network_of("resnet1d", points, backbone, top)


def _block(signal: keras.KerasTensor, filters: int) -> keras.KerasTensor:
    shortcut = keras.layers.AveragePooling1D(2, padding="same")(signal)
    shortcut = _normalised(shortcut, filters, 1, 1)
    signal = keras.layers.Activation("relu")(_normalised(signal, filters, WIDTH, 2))
    signal = _normalised(signal, filters, WIDTH, 1)
    return keras.layers.Activation("relu")(keras.layers.Add()([signal, shortcut]))


def _normalised(signal: keras.KerasTensor, filters: int, width: int, stride: int) -> keras.KerasTensor:
    convolution = keras.layers.Conv1D(filters, width, strides=stride, padding="same", use_bias=False)
    return keras.layers.BatchNormalization()(convolution(signal))
