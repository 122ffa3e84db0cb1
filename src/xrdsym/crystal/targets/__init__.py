"""Targets: the classifications that a model can learn, and the class of a structure in each."""
