"""Classical baselines: what any network here is held against."""

from xrdsym.classical.fitting import fit
from xrdsym.classical.search_match import Examples, PatternGrid, SearchMatch, search_match
from xrdsym.classical.simple import Majority, NearestNeighbour
from xrdsym.classical.storage import load, save
from xrdsym.classical.trees import Trees

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
