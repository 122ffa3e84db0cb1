"""A small one-dimensional residual network, this project's own, made to be trained on two cores.

Eight neighbouring points of the profile are the channels of one step, so that no convolution runs over single points;
five residual blocks (Kaiming He et al., CVPR 2016) then halve the steps and widen the channels. The last map is not
averaged but flattened: on `profile.axis=ln_q_ratio`, where the first peak stands at one place, where another one stands
tells the lattice. Its own setting: 8,192 points, `profile.axis=ln_q_ratio`, `profile.scale=log`, `effects.strain=0.06`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import keras

from xrdsym.models import BACKBONE
from xrdsym.models.chain import network_of, probabilities, require_points

if TYPE_CHECKING:
    from xrdsym.params import TrainParams

PATCH = 8
"""Points that become the channels of one step; what is left over at the end is cut off."""
STEM_WIDTH = 5
BLOCKS = ((32, 5, 1), (64, 3, 2), (128, 3, 2), (192, 3, 2), (256, 3, 2))
"""Filters, width and stride of each block."""
SQUEEZED = 64
"""Channels of the map that is flattened."""
DENSE = 256
FEWEST_POINTS = 256
"""What the patches and the strides shrink to two steps."""


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
    steps = points // PATCH
    signal = keras.layers.Reshape((points, 1))(profile)
    signal = keras.layers.Cropping1D((0, points - steps * PATCH))(signal)
    signal = keras.layers.Reshape((steps, PATCH))(signal)
    signal = keras.layers.Activation("relu")(_normalised(signal, BLOCKS[0][0], STEM_WIDTH, 1))
    for filters, width, stride in BLOCKS:
        signal = _block(signal, filters, width, stride)
    signal = keras.layers.Conv1D(SQUEEZED, 1, activation="relu")(signal)
    backbone = keras.Model(profile, keras.layers.Flatten()(signal), name=BACKBONE)
    top = [
        keras.layers.Dropout(params.dropout),
        keras.layers.Dense(DENSE, activation="relu"),
        keras.layers.Dropout(params.dropout),
        probabilities(classes),
    ]
    return network_of("resnet1d", points, backbone, top)


def _block(signal: keras.KerasTensor, filters: int, width: int, stride: int) -> keras.KerasTensor:
    shortcut = signal
    if stride > 1:
        shortcut = keras.layers.AveragePooling1D(stride)(shortcut)
    if shortcut.shape[-1] != filters:
        shortcut = _normalised(shortcut, filters, 1, 1)
    signal = keras.layers.Activation("relu")(_normalised(signal, filters, width, stride))
    signal = _normalised(signal, filters, width, 1)
    return keras.layers.Activation("relu")(keras.layers.Add()([signal, shortcut]))


def _normalised(signal: keras.KerasTensor, filters: int, width: int, stride: int) -> keras.KerasTensor:
    convolution = keras.layers.Conv1D(filters, width, strides=stride, padding="same", use_bias=False)
    return keras.layers.BatchNormalization()(convolution(signal))
