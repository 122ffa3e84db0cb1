"""Classical baselines: what any network here is held against."""

from xrdsym.models.baselines.fitting import fit
from xrdsym.models.baselines.search_match import Examples, PatternGrid, SearchMatch, search_match
from xrdsym.models.baselines.simple import Majority, NearestNeighbour
from xrdsym.models.baselines.storage import load, save
from xrdsym.models.baselines.trees import Trees

Classifier = Majority | NearestNeighbour | Trees | SearchMatch
"""Each has `name`, `classes` and `probabilities(inputs)`, float32 (n, classes)."""

__all__ = [
    "Classifier",
    "Examples",
    "Majority",
    "NearestNeighbour",
    "PatternGrid",
    "SearchMatch",
    "Trees",
    "fit",
    "load",
    "save",
    "search_match",
]
