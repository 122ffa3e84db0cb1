"""Features of a peak list that carry the crystal system, for classifiers of tables."""

from xrdsym.feature_settings import FeatureSettings
from xrdsym.features.vector import (
    GROUPS,
    feature_columns,
    feature_matrix,
    feature_names,
    peak_features,
)

__all__ = ["GROUPS", "FeatureSettings", "feature_columns", "feature_matrix", "feature_names", "peak_features"]
