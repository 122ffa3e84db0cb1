"""The baselines by name: what each is given, and how its file ends. They themselves are in `xrdsym.classical`."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

INPUTS: Mapping[str, Literal["any", "profile", "features"]] = MappingProxyType(
    {
        "majority": "any",
        "nearest_neighbour": "profile",
        "random_forest": "features",
        "boosted_trees": "features",
        "search_match": "profile",
    }
)
"""What each is to be given: profiles (n, points), rows of `features.feature_matrix`, or rows of anything."""
SUFFIXES: Mapping[str, str] = MappingProxyType(
    {
        "majority": ".json",
        "nearest_neighbour": ".npz",
        "random_forest": ".skops",
        "boosted_trees": ".skops",
        "search_match": ".skops",
    }
)
"""What the file of each must end in."""
