"""How the lines of a pattern are told apart before features are made of them; a model's recipe carries it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FeatureSettings:
    """What the lines of a pattern are taken to be.

    Attributes:
        wavelength: In Å.
        resolution: Width in degrees of 2θ within which peaks are one line, known to half of it.
        floor: Share of the strongest line from which on a line is counted.
        lattice_floor: The same for the lines that lattices are looked for in.
    """

    wavelength: float = 1.54184
    resolution: float = 0.01
    floor: float = 1e-4
    lattice_floor: float = 3e-4
