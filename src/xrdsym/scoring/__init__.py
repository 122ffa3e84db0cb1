"""Scores of models on labelled structures and labelled measured patterns."""
