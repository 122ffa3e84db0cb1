"""The networks, one module an architecture.

Each module offers `build(side, classes, params) -> keras.Model`: input uint8 (batch, side, side, 3), scaling inside
the network, output the probabilities of the classes, float32 (batch, classes). What comes before the new top is one
layer called `BACKBONE`, so that training can hold it fixed.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from xrdsym.errors import UsageError

if TYPE_CHECKING:
    import keras

    from xrdsym.params import TrainParams

BACKBONE = "backbone"
ARCHITECTURES = ("mobilenetv2",)


def build(side: int, classes: int, params: TrainParams) -> keras.Model:
    """A new network of the architecture `params.model`, not compiled.

    Args:
        side: Height and width of the images in pixels.
        classes: Number of classes.
        params: The architecture, its width, first weights, scaling, dropout and BatchNorm.

    Raises:
        UsageError: There is no such architecture, or it has no such width or weights.
        XrdsymError: The weights cannot be fetched or read.
    """
    if params.model not in ARCHITECTURES:
        msg = f"train.model: {params.model}: expected one of {', '.join(ARCHITECTURES)}"
        raise UsageError(msg)
    network: keras.Model = import_module(f"{__name__}.{params.model}").build(side, classes, params)
    return network
