"""The models that `train.model` may name.

A new model is one module below `xrdsym.models` and one row here; the names that are allowed, the files and the checks
of parameters follow from the row.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, get_args

from xrdsym.common.errors import UsageError

InputKind = Literal["images", "profile", "features"]
"""What a model reads: images, uint8 (batch, side, side, 3); profiles, float32 (batch, points) in [0, 1]; or features
of the peaks, float32 (batch, features)."""
PatternType = Literal["ideal", "measured"]
"""Ideal patterns are simulated from structures; measured ones come from an instrument, or are augmented to look so."""
PATTERN_TYPES: tuple[PatternType, ...] = get_args(PatternType)
NETWORKS = "networks."
NETWORK_SUFFIX = ".keras"
BASELINE_SUFFIX = ".skops"


@dataclass(frozen=True)
class ModelSpec:
    """What is known of a model before it is built.

    Attributes:
        input: What it reads.
        implementation: Below `xrdsym.models`: of a network the function that builds it, `build(size, classes, params)`;
            of a baseline its class, a `xrdsym.models.baselines.baseline.Baseline`.
        size: The published size of a network's input: the side of an image in pixels, or the points of a profile.
    """

    input: InputKind
    implementation: str
    size: int = 0

    @property
    def network(self) -> bool:
        """Whether it is a network of Keras, trained in epochs; else it is a baseline, fitted once."""
        return self.implementation.startswith(NETWORKS)

    @property
    def suffix(self) -> str:
        """What its file ends in."""
        return NETWORK_SUFFIX if self.network else BASELINE_SUFFIX


MODEL_SPECS = MappingProxyType(
    {
        "mobilenetv2": ModelSpec("images", "networks.mobilenetv2.build", 224),
        "park_crystal_system": ModelSpec("profile", "networks.park.build", 10_001),
        "park_extinction_group": ModelSpec("profile", "networks.park.build", 10_001),
        "park_space_group": ModelSpec("profile", "networks.park.build", 10_001),
        "oviedo": ModelSpec("profile", "networks.oviedo.build", 1200),
        "salgado": ModelSpec("profile", "networks.salgado.build", 8500),
        "schopmans": ModelSpec("profile", "networks.schopmans.build", 8501),
        "resnet1d": ModelSpec("profile", "networks.resnet1d.build", 8192),
        "lee_fcn": ModelSpec("profile", "networks.lee_fcn.build", 8192),
        # the majority looks at nothing; profiles exist of measured patterns, too
        "majority": ModelSpec("profile", "baselines.majority.Majority"),
        "nearest_neighbour": ModelSpec("profile", "baselines.nearest_neighbour.NearestNeighbour"),
        "random_forest": ModelSpec("features", "baselines.trees.RandomForest"),
        "boosted_trees": ModelSpec("features", "baselines.trees.BoostedTrees"),
        "search_match": ModelSpec("profile", "baselines.search_match.SearchMatch"),
    }
)

if TYPE_CHECKING:
    # what a type checker cannot derive from the table
    ModelName = str
else:
    ModelName = Literal[tuple(MODEL_SPECS)]


def model_spec(name: str) -> ModelSpec:
    """What is known of a model before it is built.

    Raises:
        UsageError: There is none of this name.
    """
    if name not in MODEL_SPECS:
        msg = f"train.model: {name}: expected one of {', '.join(MODEL_SPECS)}"
        raise UsageError(msg)
    return MODEL_SPECS[name]
