"""Labelled structures and labelled measured patterns, and what a model's answers for them are worth."""
