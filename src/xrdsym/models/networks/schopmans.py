"""A one-dimensional ResNet-18 with group normalisation as Schopmans et al. made them, Digital Discovery 2, 1414 (2023).

Published input: 8,501 points, 5 to 90° 2θ by 0.01°, the square root of the intensities (`profile.scale=sqrt`).
The ResNet of TensorFlow's model garden with every square kernel and stride unrolled: 9 points for 3 x 3, a stride of 4
for 2 x 2; the stem keeps 7 points and strides of 2. Group normalisation (32 groups) stands in for batch normalisation,
which made their training unstable. The last map is flattened, then two dense layers, 256 and the classes, with nothing
between them. The publication's sizes are 10, 50 and 101; 18 is the one between that fits a small machine.
Published training: Adam at 0.0001, halved every 500 epochs, of up to 2,000 with 900 batches of 145 patterns each,
simulated during the training; no dropout, crossentropy on 145 space groups.
Layers as in the authors' code (github.com/aimat-lab/ML4pXRDs, training/utils/resnet_keras_1D.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import keras

from xrdsym.models.networks.blocks import network_of, probabilities, require_points
from xrdsym.training.optimisation import BACKBONE

if TYPE_CHECKING:
    from xrdsym.config.schema import TrainParams

BLOCKS = ((64, 1), (64, 1), (128, 4), (128, 1), (256, 4), (256, 1), (512, 4), (512, 1))
"""Filters and stride of each residual block; those that begin a group have a projection for a shortcut."""
DENSE = 256
WIDTH = 9
GROUPS = 32
FEWEST_POINTS = 256
"""What the strides shrink to one step: 2 in the stem, 2 in its pooling, 4 in each of three groups."""


def build(points: int, classes: int, _params: TrainParams) -> keras.Model:
    """The ResNet-18, not compiled.

    Args:
        points: Number of points of the profiles, `FEWEST_POINTS` or more.
        classes: Number of classes.
        _params: Nothing of it decides the shape; there is neither dropout nor batch normalisation.

    Returns:
        Input float32 (batch, points), output float32 (batch, classes).

    Raises:
        UsageError: There are too few points.
    """
    require_points("schopmans", points, FEWEST_POINTS)
    profile = keras.Input((points,))
    signal = keras.layers.Reshape((points, 1))(profile)
    signal = keras.layers.Activation("relu")(_normalised(signal, 64, 7, 2))
    signal = keras.layers.MaxPooling1D(3, 2, padding="same")(signal)
    for place, (filters, stride) in enumerate(BLOCKS):
        signal = _block(signal, filters, stride, projected=place % 2 == 0)
    backbone = keras.Model(profile, keras.layers.Flatten()(signal), name=BACKBONE)
    return network_of("schopmans", points, backbone, [keras.layers.Dense(DENSE), probabilities(classes)])


def _block(signal: keras.KerasTensor, filters: int, stride: int, *, projected: bool) -> keras.KerasTensor:
    shortcut = _normalised(signal, filters, 1, stride) if projected else signal
    signal = keras.layers.Activation("relu")(_normalised(signal, filters, WIDTH, stride))
    signal = _normalised(signal, filters, WIDTH, 1)
    return keras.layers.Activation("relu")(keras.layers.Add()([signal, shortcut]))


def _normalised(signal: keras.KerasTensor, filters: int, width: int, stride: int) -> keras.KerasTensor:
    convolution = keras.layers.Conv1D(
        filters, width, stride, padding="same", use_bias=False, kernel_initializer="variance_scaling"
    )
    return keras.layers.GroupNormalization(GROUPS)(convolution(signal))
