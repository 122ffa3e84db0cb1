"""The models that `train.model` may name: what each reads, where it is built, how its file ends.

This table is all that a new model adds outside its own module.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from xrdsym.common.errors import UsageError

InputKind = Literal["images", "profile", "features"]
"""What a model reads: images, uint8 (batch, side, side, 3); profiles, float32 (batch, points) in [0, 1]; or features
of the peaks, float32 (batch, features)."""


@dataclass(frozen=True)
class ModelSpec:
    """What is known of a model before it is built.

    Attributes:
        input: What it reads.
        module: The module of `xrdsym.models.networks` that builds the network; None for a baseline.
        size: The published size of a network's input: the side of an image in pixels, or the points of a profile.
        suffix: What its file ends in.
    """

    input: InputKind
    module: str | None = None
    size: int = 0
    suffix: str = ".keras"


MODEL_SPECS = MappingProxyType(
    {
        "mobilenetv2": ModelSpec("images", "mobilenetv2", 224),
        "park_crystal_system": ModelSpec("profile", "park", 10_001),
        "park_extinction_group": ModelSpec("profile", "park", 10_001),
        "park_space_group": ModelSpec("profile", "park", 10_001),
        "oviedo": ModelSpec("profile", "oviedo", 1200),
        "salgado": ModelSpec("profile", "salgado", 8500),
        "schopmans": ModelSpec("profile", "schopmans", 8501),
        "resnet1d": ModelSpec("profile", "resnet1d", 8192),
        "lee_fcn": ModelSpec("profile", "lee_fcn", 8192),
        # the majority looks at nothing: profiles can be made of measured patterns, too
        "majority": ModelSpec("profile", suffix=".json"),
        "nearest_neighbour": ModelSpec("profile", suffix=".npz"),
        "random_forest": ModelSpec("features", suffix=".skops"),
        "boosted_trees": ModelSpec("features", suffix=".skops"),
        "search_match": ModelSpec("profile", suffix=".skops"),
    }
)


def model_spec(name: str) -> ModelSpec:
    """What is known of a model before it is built.

    Raises:
        UsageError: There is none of this name.
    """
    if name not in MODEL_SPECS:
        msg = f"train.model: {name}: expected one of {', '.join(MODEL_SPECS)}"
        raise UsageError(msg)
    return MODEL_SPECS[name]
