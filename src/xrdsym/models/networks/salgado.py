"""The CNN without pooling ("NPCNN") of Salgado et al., npj Comput. Mater. 9, 214 (2023).

Published input: 8,500 points, 5 to 90° 2θ by 0.01°, intensities linear, divided by their possible maximum.
Three convolutions (80 filters; widths 100, 50, 25; strides 5, 5, 2), each followed by dropout of 0.3, then dense layers
of 2,300 and 1,150, the same for 7 crystal systems and 230 space groups.
Published training: 500,000 steps on 1.2 million patterns, dropout of 0.5 after each dense layer (`train.dropout=0.5`),
crossentropy; optimizer and rate are the defaults of the framework it was trained with, which its sources do not name.
Layers as in the authors' code (github.com/AGI-init/XRDs, XRD.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import keras

from xrdsym.models.networks.blocks import backbone_of, network_of, probabilities, require_points

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xrdsym.config.schema import TrainParams

FILTERS = 80
DENSE = (2300, 1150)
CONVOLUTION_DROPOUT = 0.3
FEWEST_POINTS = 945
"""With fewer, the last convolution is wider than what is left; none of them pads."""


def build(points: int, classes: int, params: TrainParams) -> keras.Model:
    """The CNN without pooling, not compiled.

    Args:
        points: Number of points of the profiles, `FEWEST_POINTS` or more.
        classes: Number of classes.
        params: `dropout` is that of the dense layers.

    Returns:
        Input float32 (batch, points), output float32 (batch, classes).

    Raises:
        UsageError: There are too few points.
    """
    require_points("salgado", points, FEWEST_POINTS)
    return network_of(
        "salgado",
        points,
        backbone_of(points, [*_convolutions(), keras.layers.Flatten()]),
        [*_dense(params.dropout), probabilities(classes)],
    )


def _convolutions() -> Iterator[keras.layers.Layer]:
    for width, stride in ((100, 5), (50, 5), (25, 2)):
        yield keras.layers.Conv1D(FILTERS, width, stride, activation="relu")
        yield keras.layers.Dropout(CONVOLUTION_DROPOUT)


def _dense(dropout: float) -> Iterator[keras.layers.Layer]:
    for width in DENSE:
        yield keras.layers.Dense(width, activation="relu")
        yield keras.layers.Dropout(dropout)
