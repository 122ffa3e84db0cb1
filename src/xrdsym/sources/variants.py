"""One variant of a prototype: decorated, scaled, strained or distorted, and checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xrdsym.crystal.formula import formulas
from xrdsym.crystal.structure_table import CrystalStructure
from xrdsym.crystal.symmetry import CRYSTAL_SYSTEMS
from xrdsym.sources.contacts import nearest_neighbours, relieve_contacts
from xrdsym.sources.decoration import covalent_radii, decorate, length_scale
from xrdsym.sources.distortion import distort, stable_system

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from xrdsym.crystal.symmetry import CrystalSystem
    from xrdsym.sources.aflow import Prototype

CLOSEST_CONTACT = 0.75
"""Shortest distance in a variant, in sums of covalent radii; closer atoms are moved apart."""

LARGEST_EXPANSION = 1.2
"""Largest factor by which the cell may grow if atoms cannot be moved far enough apart."""

DRAWS = 8
"""Attempts at one variant."""

FRESH_DRAWS = 4
"""Of these attempts, the first ones that require a new combination of elements for the prototype."""

LATTICE_DECIMALS = 8
COORDINATE_DECIMALS = 7
"""Decimals of the results, rounded so that processors with different last bits make the same structures. A change of
1e-8 Å moves no peak by 1e-6°."""


class VariantMaker:
    """Make variants of prototypes, each with its own random generator.

    Args:
        prototypes: The prototypes.
        seed: Seed of all generators.

    Attributes:
        prototypes: The prototypes.
    """

    def __init__(self, prototypes: tuple[Prototype, ...], seed: int) -> None:
        self.prototypes = prototypes
        self._seed = seed
        self._made = [0] * len(prototypes)
        self._decorations: list[set[bytes]] = [{prototype.structure.numbers.tobytes()} for prototype in prototypes]

    def make(self, index: int, system: CrystalSystem) -> CrystalStructure | None:
        """Make the next variant of a prototype in a crystal system.

        Args:
            index: Index of the prototype.
            system: Crystal system of the variant.

        Returns:
            The variant, or None if all attempts fail.
        """
        prototype = self.prototypes[index]
        number = self._made[index] + 1
        rng = np.random.default_rng([self._seed, index, CRYSTAL_SYSTEMS.index(system), number])
        for draw in range(DRAWS):
            numbers = decorate(prototype.structure.numbers, rng)
            if draw < FRESH_DRAWS and numbers.tobytes() in self._decorations[index]:
                continue
            cell = vary(prototype, system, numbers, rng)
            if cell is not None:
                self._made[index] = number
                self._decorations[index].add(numbers.tobytes())
                return _row(prototype.structure.material_id, number, numbers, *cell)
        return None


def vary(
    prototype: Prototype, system: CrystalSystem, numbers: NDArray[np.int16], rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Make the cell of one variant of a prototype.

    Args:
        prototype: The prototype.
        system: Crystal system of the variant: that of the prototype, or of a subgroup of its symmetry.
        numbers: Atomic numbers of the variant's sites, int16 (n,).
        rng: Random generator of the distortion.

    Returns:
        Lattice vectors, float64 (3, 3), Å, and fractional coordinates, float64 (n, 3). None if the variant has another
        crystal system, or if its cell would have to grow by more than `LARGEST_EXPANSION` to fit its atoms.
    """
    parent = prototype.structure
    kept = prototype.operations
    if system != prototype.system:
        subgroups = prototype.subgroups[system]
        kept = kept.subgroup(subgroups[int(rng.integers(len(subgroups)))])
    scale = length_scale(
        parent.numbers,
        numbers,
        prototype.neighbours,
        prototype.neighbour_ratios,
        abs(float(np.linalg.det(parent.lattice))),
    )
    lattice, frac_coords = distort(parent.lattice * scale, parent.frac_coords, prototype.operations, kept, rng)
    radii = covalent_radii(numbers)
    frac_coords = relieve_contacts(lattice, frac_coords, radii, CLOSEST_CONTACT)
    expansion = max(1.0, CLOSEST_CONTACT / nearest_neighbours(lattice, frac_coords, radii)[1].min())
    if expansion > LARGEST_EXPANSION:
        return None
    lattice = np.round(lattice * expansion, LATTICE_DECIMALS)
    frac_coords = np.round(frac_coords, COORDINATE_DECIMALS) % 1.0
    if stable_system(lattice, frac_coords, numbers) != system:
        return None
    return lattice, frac_coords


def _row(
    parent: str,
    number: int,
    numbers: NDArray[np.int16],
    lattice: NDArray[np.float64],
    frac_coords: NDArray[np.float64],
) -> CrystalStructure:
    return CrystalStructure(
        material_id=f"{parent}-v{number}",
        formula=formulas(numbers)[0],
        lattice=lattice,
        numbers=numbers,
        frac_coords=frac_coords,
        parent=parent,
    )
