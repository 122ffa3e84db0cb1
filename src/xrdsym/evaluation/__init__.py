"""Scores as pure numbers: metrics, confusion matrices, intervals."""
