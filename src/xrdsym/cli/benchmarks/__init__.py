"""Rates of this project and of its references, measured in one run."""
