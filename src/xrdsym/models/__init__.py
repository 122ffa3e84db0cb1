"""What `train.model` may name: the networks, one module an architecture or a family of them, and the baselines.

Each module offers `build(size, classes, params) -> keras.Model`, whose output are the probabilities of the classes,
float32 (batch, classes). `ARCHITECTURES` says what each one takes: images, uint8 (batch, size, size, 3), their scaling
inside the network; profiles, float32 (batch, size) in [0, 1]; or features, float32 (batch, features). What comes before
the new top is one layer called `BACKBONE`, so that training can hold it fixed. The baselines are in `xrdsym.classical`.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from xrdsym.errors import UsageError
from xrdsym.models.baselines import INPUTS, SUFFIXES

if TYPE_CHECKING:
    import keras

    from xrdsym.params import TrainParams

BACKBONE = "backbone"
Input = Literal["images", "profile", "features"]


@dataclass(frozen=True)
class Architecture:
    """How a model is made, and what it takes.

    Attributes:
        input: What it takes.
        module: The module in this package that builds the network; None for a baseline, which is fitted at once.
        size: The published size of a network's input: the side of an image in pixels, or the points of a profile.
        suffix: What its file ends in.
    """

    input: Input
    module: str | None = None
    size: int = 0
    suffix: str = ".keras"


def _baseline(name: str) -> Architecture:
    takes = INPUTS[name]
    # what looks at nothing is given what measured patterns can be turned into, too
    return Architecture("profile" if takes == "any" else takes, suffix=SUFFIXES[name])


ARCHITECTURES = MappingProxyType(
    {
        "mobilenetv2": Architecture("images", "mobilenetv2", 224),
        "park_crystal_system": Architecture("profile", "park", 10_001),
        "park_extinction_group": Architecture("profile", "park", 10_001),
        "park_space_group": Architecture("profile", "park", 10_001),
        "oviedo": Architecture("profile", "oviedo", 1200),
        "salgado": Architecture("profile", "salgado", 8500),
        "schopmans": Architecture("profile", "schopmans", 8501),
        "resnet1d": Architecture("profile", "resnet1d", 8192),
        "lee_fcn": Architecture("profile", "lee_fcn", 8192),
        **{name: _baseline(name) for name in INPUTS},
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
    if chosen.module is None:
        msg = f"train.model: {params.model} is no network: it is fitted, not built"
        raise UsageError(msg)
    if chosen.input == "profile" and params.weights != "none":
        msg = f"train.weights: {params.weights}: {params.model} starts from none. Set train.weights=none."
        raise UsageError(msg)
    network: keras.Model = import_module(f"{__name__}.{chosen.module}").build(size, classes, params)
    return network
