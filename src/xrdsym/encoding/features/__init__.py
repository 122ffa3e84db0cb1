"""Features of a peak list for classifiers of tables."""

from xrdsym.encoding.features.settings import FeatureSettings
from xrdsym.encoding.features.vector import (
    GROUPS,
    feature_columns,
    feature_matrix,
    feature_names,
    peak_features,
)

__all__ = ["GROUPS", "FeatureSettings", "feature_columns", "feature_matrix", "feature_names", "peak_features"]
