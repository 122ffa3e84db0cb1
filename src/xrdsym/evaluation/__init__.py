"""Scores of predictions: metrics, confusion matrices, bootstrap intervals."""
