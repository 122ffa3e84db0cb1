"""Classical baselines: what any network here is held against."""

from xrdsym.classical.fitting import INPUTS, fit
from xrdsym.classical.simple import Majority, NearestNeighbour
from xrdsym.classical.storage import SUFFIXES, load, save
from xrdsym.classical.trees import Trees

Classifier = Majority | NearestNeighbour | Trees
"""Each has `name`, `classes` and `probabilities(inputs)`, float32 (n, classes)."""

__all__ = ["INPUTS", "SUFFIXES", "Classifier", "Majority", "NearestNeighbour", "Trees", "fit", "load", "save"]
