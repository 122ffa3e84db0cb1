"""The networks, one module an architecture or a family of them.

Each module offers `build(size, classes, params) -> keras.Model`, whose output are the probabilities of the classes,
float32 (batch, classes). `ARCHITECTURES` says what each one takes: images, uint8 (batch, size, size, 3), their scaling
inside the network; or profiles, float32 (batch, size) in [0, 1]. What comes before the new top is one layer called
`BACKBONE`, so that training can hold it fixed.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from xrdsym.errors import UsageError

if TYPE_CHECKING:
    import keras

    from xrdsym.params import TrainParams

BACKBONE = "backbone"


@dataclass(frozen=True)
class Architecture:
    """Where a network is built, and what it takes.

    Attributes:
        module: The module in this package that builds it.
        input: What it takes.
        size: The published size of the input: the side of an image in pixels, or the points of a profile.
    """

    module: str
    input: Literal["images", "profile"]
    size: int


ARCHITECTURES = MappingProxyType(
    {
        "mobilenetv2": Architecture("mobilenetv2", "images", 224),
        "park_crystal_system": Architecture("park", "profile", 10_001),
        "park_extinction_group": Architecture("park", "profile", 10_001),
        "park_space_group": Architecture("park", "profile", 10_001),
        "oviedo": Architecture("oviedo", "profile", 1200),
        "salgado": Architecture("salgado", "profile", 8500),
        "schopmans": Architecture("schopmans", "profile", 8501),
        "resnet1d": Architecture("resnet1d", "profile", 8192),
        "lee_fcn": Architecture("lee_fcn", "profile", 8192),
    }
)


def architecture(name: str) -> Architecture:
    """What is known of an architecture before it is built.

    Raises:
        UsageError: There is none of this name.
    """
    if name not in ARCHITECTURES:
        msg = f"train.model: {name}: expected one of {', '.join(ARCHITECTURES)}"
        raise UsageError(msg)
    return ARCHITECTURES[name]


def build(size: int, classes: int, params: TrainParams) -> keras.Model:
    """A new network of the architecture `params.model`, not compiled.

    Args:
        size: Height and width of the images in pixels, or the number of points of the profiles.
        classes: Number of classes.
        params: The architecture and what decides its shape and first weights.

    Raises:
        UsageError: There is no such architecture, or it cannot take such a size, width or weights.
        XrdsymError: The weights cannot be fetched or read.
    """
    chosen = architecture(params.model)
    if chosen.input == "profile" and params.weights != "none":
        msg = f"train.weights: {params.weights}: {params.model} starts from none. Set train.weights=none."
        raise UsageError(msg)
    network: keras.Model = import_module(f"{__name__}.{chosen.module}").build(size, classes, params)
    return network
