"""The all-convolutional network (a-CNN) of Oviedo et al., npj Comput. Mater. 5, 60 (2019).

Published input: 1,200 points, 10 to 69.95° 2θ by 0.05°, intensities linear in [0, 1]. Three convolutions of 32 filters
whose strides are their widths (8, 5, 3), so that each point is read once, then a global average and one dense layer:
`cam.class_activation_map` shows which angles support a class.
Published training: Adam at its default 0.001, batches of 128, 100 epochs, no dropout, binary crossentropy on seven
space groups (categorical here); 2,000 augmented simulated and 5,000 augmented measured patterns a fold.
Layers as in the authors' code (github.com/PV-Lab/autoXRD, space_group_a_CNN.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import keras

from xrdsym.models.networks.blocks import backbone_of, network_of, probabilities, require_points

if TYPE_CHECKING:
    from xrdsym.config.schema import TrainParams

FILTERS = 32
WIDTHS = (8, 5, 3)
FEWEST_POINTS = 120
"""What one step of the last convolution sees."""


def build(points: int, classes: int, _params: TrainParams) -> keras.Model:
    """The all-convolutional network, not compiled.

    Args:
        points: Number of points of the profiles, `FEWEST_POINTS` or more.
        classes: Number of classes.
        _params: Nothing of it decides the shape; there is no dropout.

    Returns:
        Input float32 (batch, points), output float32 (batch, classes).

    Raises:
        UsageError: There are too few points.
    """
    return network(points, classes)


def network(points: int, classes: int) -> keras.Model:
    """The same without parameters, of which it has none; arguments, result and errors as for `build`."""
    require_points("oviedo", points, FEWEST_POINTS)
    convolutions = [keras.layers.Conv1D(FILTERS, width, width, padding="same", activation="relu") for width in WIDTHS]
    return network_of(
        "oviedo",
        points,
        backbone_of(points, convolutions),
        [keras.layers.GlobalAveragePooling1D(), probabilities(classes)],
    )
