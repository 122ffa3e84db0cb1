"""How peaks are merged before features are computed; part of a model's recipe."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FeatureSettings:
    """How peaks are merged and which of them count. Recipes on disk hold these names.

    Attributes:
        wavelength: Wavelength of the pattern, Å.
        resolution: Width of the bins of 2θ in which peaks are merged, degrees.
        floor: Minimum relative intensity of a peak.
        lattice_floor: Minimum relative intensity of a peak that lattices are searched with.
    """

    wavelength: float = 1.54184
    resolution: float = 0.01
    floor: float = 1e-4
    lattice_floor: float = 3e-4
