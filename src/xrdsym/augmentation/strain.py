"""Lattice strain that the symmetry of a crystal allows: lattice constants change, the space group stays."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from xrdsym.augmentation.setting import Draw
    from xrdsym.crystal.structure_table import CrystalStructure


def with_strain(structure: CrystalStructure, largest: float, draw: Draw) -> CrystalStructure:
    """A structure strained within its symmetry by up to `largest`; as it is where the symmetry is unknown."""
    return structure if draw.rotations is None else strained(structure, draw.rotations, largest, draw.rng)


def symmetrised_strain(
    strain: NDArray[np.float64], lattice: NDArray[np.float64], rotations: NDArray[np.integer]
) -> NDArray[np.float64]:
    """The part of a strain that rotations leave as it is.

    Args:
        strain: Cartesian strain tensor, float64 (3, 3).
        lattice: Lattice vectors as rows, float64 (3, 3), Å.
        rotations: A group of rotations in fractional coordinates, int (m, 3, 3).

    Returns:
        float64 (3, 3).
    """
    cartesian = np.linalg.inv(lattice) @ rotations.transpose(0, 2, 1) @ lattice
    return np.asarray(np.mean(cartesian.transpose(0, 2, 1) @ strain @ cartesian, axis=0))


def strained(
    structure: CrystalStructure, rotations: NDArray[np.integer], largest: float, rng: np.random.Generator
) -> CrystalStructure:
    """A structure with another lattice of the same symmetry, its atoms at the same fractional coordinates.

    The direction of the strain is random among those that the symmetry allows; its size, the largest relative change
    of any length, is drawn evenly from 0 to `largest`. Szymanski et al., Chem. Mater. 33, 4204 (2021) take 0.04.

    Args:
        structure: The structure.
        rotations: The rotations of its space group in fractional coordinates, int (m, 3, 3).
        largest: Largest size of the strain.
        rng: Source of direction and size.
    """
    draw = rng.uniform(-1.0, 1.0, size=(3, 3))
    direction = symmetrised_strain(draw + draw.T, structure.lattice, rotations)
    size = largest * rng.uniform() / np.linalg.norm(direction, 2)
    return replace(structure, lattice=structure.lattice @ (np.eye(3) + size * direction))
