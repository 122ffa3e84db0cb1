"""Simulation: the peaks of a structure, and the grid of a profile."""
