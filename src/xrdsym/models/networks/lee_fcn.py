"""A fully convolutional network in the manner of Lee et al., Adv. Intell. Syst. 4, 2200042 (2022).

Published input: 8,192 points, 5 to 86.91° 2θ by 0.01°. Thirteen convolutions, each followed by a maximum over two
points and by dropout, turn 8,192 points into one; a convolution of width 1 makes it the classes, without a dense layer.
The widths are those that the authors printed of the small network of their next work (Adv. Intell. Syst. 5, 2300140,
2023; github.com/socoolblue/Advanced_XRD_Analysis, XRD_analysis.ipynb: 2,786,615 parameters). Leaky rectifiers, none
after the thirteenth, and the rates of dropout are XRDBench's (github.com/compasszzn/XRDBench, model/FCN.py): 0.2 after
the first eleven and 0.4 after the last two for crystal systems (`train.dropout=0.4`); 0.05 throughout, and 256 filters
in the thirteenth, for space groups (`train.dropout=0.05`). Neither tells optimizer, rate or epochs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import keras

from xrdsym.models.networks.blocks import backbone_of, network_of, require_points

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xrdsym.config.schema import TrainParams

FILTERS = (16, 16, 32, 32, 64, 64, 128, 128, 256, 256, 512, 512)
LAST_FILTERS = 64
LAST_FILTERS_OF_MANY = 256
WIDTH = 5
SLOPE = 0.01
DROPOUT = 0.2
DROPOUT_OF_MANY = 0.05
FEWEST_POINTS = 4097
"""With fewer, the last maximum has one point to choose from."""


def build(points: int, classes: int, params: TrainParams) -> keras.Model:
    """The fully convolutional network, not compiled.

    Profiles of more than 8,192 points leave several steps, whose scores are averaged.

    Args:
        points: Number of points of the profiles, `FEWEST_POINTS` or more.
        classes: Number of classes; more than 64 make it the network for space groups.
        params: `dropout` is that after the last two of the thirteen.

    Returns:
        Input float32 (batch, points), output float32 (batch, classes).

    Raises:
        UsageError: There are too few points.
    """
    require_points("lee_fcn", points, FEWEST_POINTS)
    return network_of(
        "lee_fcn",
        points,
        backbone_of(points, _convolutions(params.dropout, many=classes > LAST_FILTERS)),
        [
            keras.layers.Conv1D(classes, 1, name="scores"),
            keras.layers.GlobalAveragePooling1D(),
            keras.layers.Softmax(name="probabilities"),
        ],
    )


def _convolutions(last_dropout: float, *, many: bool) -> Iterator[keras.layers.Layer]:
    dropout = DROPOUT_OF_MANY if many else DROPOUT
    for place, filters in enumerate(FILTERS, start=1):
        yield keras.layers.Conv1D(filters, WIDTH, padding="same")
        yield keras.layers.LeakyReLU(SLOPE)
        yield keras.layers.MaxPooling1D(2, padding="same")
        yield keras.layers.Dropout(dropout if place < len(FILTERS) else last_dropout)
    yield keras.layers.Conv1D(LAST_FILTERS_OF_MANY if many else LAST_FILTERS, WIDTH, padding="same")
    yield keras.layers.MaxPooling1D(2, padding="same")
    yield keras.layers.Dropout(last_dropout)
