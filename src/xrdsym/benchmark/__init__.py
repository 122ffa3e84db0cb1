"""Rates of this project and of the references it stands against, measured in one run."""
