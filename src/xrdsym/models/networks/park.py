"""The three CNNs of Park et al., IUCrJ 4, 486 (2017): crystal system, extinction group, space group.

Published input: 10,001 points, 10 to 110° 2θ, intensities linear in [0, 1] (`profile.scale=linear`). Three times a
convolution (80 filters; widths 100, 50, 25; strides 5, 5, 2), dropout of 0.3 and an average over 3 points (strides 2,
3, 3), then two dense layers, whose widths are all that tells the three networks apart.
Published training: Adam at a constant 0.001, batches of 1,000, 5,000 epochs, dropout of 0.5 after each dense layer
(`train.dropout=0.5`), crossentropy.
Layers as in the re-implementation of Schopmans et al. (github.com/aimat-lab/ML4pXRDs, training/models.py), whose
pooling Salgado et al.'s standard CNN shares; XRDBench's has strides 2, 1, 1 there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import keras

from xrdsym.models.networks.blocks import backbone_of, network_of, probabilities, require_points

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xrdsym.config.schema import TrainParams

DENSE = {
    "park_crystal_system": (700, 70),
    "park_extinction_group": (4040, 202),
    "park_space_group": (2300, 1150),
}
"""Widths of the dense layers before the last of each of the three."""
FILTERS = 80
CONVOLUTION_DROPOUT = 0.3
FEWEST_POINTS = 711
"""With fewer, nothing is left for the last average."""


def build(points: int, classes: int, params: TrainParams) -> keras.Model:
    """One of Park's networks, not compiled.

    Args:
        points: Number of points of the profiles, `FEWEST_POINTS` or more.
        classes: Number of classes; 7, 101 and 230 in the publication.
        params: `model` says which one; `dropout` is that of the dense layers.

    Returns:
        Input float32 (batch, points), output float32 (batch, classes).

    Raises:
        UsageError: There are too few points.
    """
    require_points(params.model, points, FEWEST_POINTS)
    return network_of(
        params.model,
        points,
        backbone_of(points, [*_convolutions(), keras.layers.Flatten()]),
        [*_dense(params), probabilities(classes)],
    )


def _convolutions() -> Iterator[keras.layers.Layer]:
    for width, stride, pooling_stride in ((100, 5, 2), (50, 5, 3), (25, 2, 3)):
        yield keras.layers.Conv1D(FILTERS, width, stride, padding="same", activation="relu")
        yield keras.layers.Dropout(CONVOLUTION_DROPOUT)
        yield keras.layers.AveragePooling1D(3, pooling_stride)


def _dense(params: TrainParams) -> Iterator[keras.layers.Layer]:
    for width in DENSE[params.model]:
        yield keras.layers.Dense(width, activation="relu")
        yield keras.layers.Dropout(params.dropout)
