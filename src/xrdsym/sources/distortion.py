"""Strains and displacements that keep a chosen subgroup of a crystal's symmetry and break the rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xrdsym.augmentation.strain import symmetrised_strain
from xrdsym.common.errors import XrdsymError
from xrdsym.crystal.symmetry import CrystalSystem, crystal_system, symmetry_dataset

SYMPREC = 0.01
"""Å; the tolerance of the symmetry analysis."""

LOOSE_SYMPREC = 0.1
"""Å; a structure whose crystal system changes between the two tolerances is left out."""

ANGLE_TOLERANCE = 5.0

KEPT_STRAIN = (0.0, 0.05)
"""Range of the strain that the kept symmetry allows: axial ratios, free angles."""

BREAKING_STRAIN = (0.04, 0.10)
"""Range of the strain that breaks symmetry: it splits peaks by more than their width (2 to 3 %)."""

ISOTROPIC_STRAIN = 0.02

DISPLACEMENT = (0.03, 0.20)
"""Range, in Å, of the largest displacement of an atom."""

NOTHING = 1e-3
"""Strain, or displacement in Å, below which a value is rounding error."""

STRAIN_DRAWS = 5
"""Attempts at a random strain with a visible part that breaks the symmetry."""

SUBGROUP_DRAWS = 80
"""Random choices of generators per point group; m-3m has 98 subgroups in 33 classes."""

POINT_GROUP_SYSTEM: dict[str, CrystalSystem] = {
    **dict.fromkeys(("1", "-1"), CrystalSystem.TRICLINIC),
    **dict.fromkeys(("2", "m", "2/m"), CrystalSystem.MONOCLINIC),
    **dict.fromkeys(("222", "mm2", "mmm"), CrystalSystem.ORTHORHOMBIC),
    **dict.fromkeys(("4", "-4", "4/m", "422", "4mm", "-42m", "4/mmm"), CrystalSystem.TETRAGONAL),
    **dict.fromkeys(("3", "-3", "32", "3m", "-3m"), CrystalSystem.TRIGONAL),
    **dict.fromkeys(("6", "-6", "6/m", "622", "6mm", "-6m2", "6/mmm"), CrystalSystem.HEXAGONAL),
    **dict.fromkeys(("23", "m-3", "432", "-43m", "m-3m"), CrystalSystem.CUBIC),
}


@dataclass(frozen=True, eq=False)
class Operations:
    """The symmetry operations of one cell.

    Attributes:
        rotations: Rotations in fractional coordinates, int64 (m, 3, 3).
        permutations: The site to which each operation maps each site, intp (m, n).
    """

    rotations: NDArray[np.int64]
    permutations: NDArray[np.intp]

    def subgroup(self, rotations: frozenset[bytes]) -> Operations:
        """The operations whose rotation, as bytes, is one of the given ones."""
        kept = [index for index, rotation in enumerate(self.rotations) if rotation.tobytes() in rotations]
        return Operations(self.rotations[kept], self.permutations[kept])


def stable_system(
    lattice: NDArray[np.float64], frac_coords: NDArray[np.float64], numbers: NDArray[np.int16]
) -> CrystalSystem | None:
    """The crystal system of a structure, or None if it differs between the strict and the loose tolerance."""
    systems = []
    for symprec in (SYMPREC, LOOSE_SYMPREC):
        dataset = symmetry_dataset(lattice, frac_coords, numbers, symprec, ANGLE_TOLERANCE)
        if dataset is None:
            return None
        systems.append(crystal_system(dataset.number))
    return systems[0] if systems[0] == systems[1] else None


def find_operations(
    lattice: NDArray[np.float64], frac_coords: NDArray[np.float64], numbers: NDArray[np.int16]
) -> tuple[Operations, CrystalSystem]:
    """The symmetry operations of a structure at the strict tolerance, and their crystal system.

    Raises:
        XrdsymError: spglib finds no symmetry.
    """
    dataset = symmetry_dataset(lattice, frac_coords, numbers, SYMPREC, ANGLE_TOLERANCE)
    if dataset is None:
        msg = f"no symmetry found for the cell {np.round(lattice, 3).tolist()} within {SYMPREC} Å"
        raise XrdsymError(msg)
    permutations = []
    for rotation, translation in zip(dataset.rotations, dataset.translations, strict=True):
        images = frac_coords @ rotation.T + translation
        between = images[:, None] - frac_coords[None, :]
        between -= np.round(between)
        distances = np.linalg.norm(between @ lattice, axis=-1)
        distances[numbers[:, None] != numbers[None, :]] = np.inf
        permutations.append(distances.argmin(axis=1))
    operations = Operations(np.array(dataset.rotations, dtype=np.int64), np.array(permutations))
    return operations, crystal_system(dataset.number)


def find_subgroups(operations: Operations, rng: np.random.Generator) -> dict[CrystalSystem, list[frozenset[bytes]]]:
    """Subgroups of the point group, by crystal system and in the order of their discovery.

    Args:
        operations: The symmetry of the cell.
        rng: Random generator; it chooses one to three operations as generators of each subgroup.

    Returns:
        Each subgroup as the set of its rotations, as bytes.
    """
    import spglib

    rotations, first = np.unique(operations.rotations.reshape(-1, 9), axis=0, return_index=True)
    elements = rotations.reshape(-1, 3, 3)[np.argsort(first)]
    index = {element.tobytes(): number for number, element in enumerate(elements)}
    products = np.array([[index[(a @ b).tobytes()] for b in elements] for a in elements])
    subgroups: dict[CrystalSystem, list[frozenset[bytes]]] = {}
    for _ in range(SUBGROUP_DRAWS):
        members = _closure(products, rng.integers(len(elements), size=int(rng.integers(1, 4))))
        symbol = spglib.get_pointgroup(elements[members])[0].strip()
        subgroup = frozenset(elements[member].tobytes() for member in members)
        known = subgroups.setdefault(POINT_GROUP_SYSTEM[symbol], [])
        if subgroup not in known:
            known.append(subgroup)
    return subgroups


def _closure(products: NDArray[np.intp], generators: NDArray[np.int64]) -> NDArray[np.intp]:
    members = np.unique(generators)
    while True:
        grown = np.unique(np.r_[members, products[np.ix_(members, members)].ravel()])
        if len(grown) == len(members):
            return members
        members = grown


def symmetrised_displacement(displacement: NDArray[np.float64], operations: Operations) -> NDArray[np.float64]:
    """The part of fractional displacements, float64 (n, 3), that is invariant under the operations."""
    total = np.zeros_like(displacement)
    for rotation, permutation in zip(operations.rotations, operations.permutations, strict=True):
        total[permutation] += displacement @ rotation.T
    return total / len(operations.rotations)


def distort(
    lattice: NDArray[np.float64],
    frac_coords: NDArray[np.float64],
    full: Operations,
    kept: Operations,
    rng: np.random.Generator,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Apply a random homogeneous strain and random displacements with exactly the symmetry `kept`.

    Args:
        lattice: Lattice vectors as rows, float64 (3, 3), Å.
        frac_coords: Fractional coordinates, float64 (n, 3).
        full: All operations of the structure.
        kept: Operations of the distorted structure; equal to `full` for a distortion within the symmetry.
        rng: Random generator.

    Returns:
        Lattice vectors, float64 (3, 3), Å, and fractional coordinates, float64 (n, 3), of the distorted structure.
    """
    allowed, breaking = _random_strain(lattice, full, kept, rng)
    for _ in range(STRAIN_DRAWS):
        # a strain that is small by chance would count as rounding error, and no peak would split
        if np.linalg.norm(breaking, 2) > 10 * NOTHING or len(kept.rotations) == len(full.rotations):
            break
        allowed, breaking = _random_strain(lattice, full, kept, rng)
    strain = np.eye(3) * rng.uniform(-ISOTROPIC_STRAIN, ISOTROPIC_STRAIN)
    strain += _scaled(allowed, float(np.linalg.norm(allowed, 2)), rng.uniform(*KEPT_STRAIN))
    strain += _scaled(breaking, float(np.linalg.norm(breaking, 2)), rng.uniform(*BREAKING_STRAIN))
    displacement = symmetrised_displacement(rng.normal(size=frac_coords.shape) @ np.linalg.inv(lattice), kept)
    displacement -= displacement.mean(axis=0)
    largest = float(np.linalg.norm(displacement @ lattice, axis=1).max())
    return lattice @ (np.eye(3) + strain), frac_coords + _scaled(displacement, largest, rng.uniform(*DISPLACEMENT))


def _random_strain(
    lattice: NDArray[np.float64], full: Operations, kept: Operations, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A random traceless strain: the part invariant under all operations, and the part under the kept ones alone."""
    random = rng.normal(size=(3, 3))
    random = (random + random.T) / 2
    random -= np.eye(3) * np.trace(random) / 3
    allowed = symmetrised_strain(random, lattice, full.rotations)
    return allowed, symmetrised_strain(random, lattice, kept.rotations) - allowed


def _scaled(values: NDArray[np.float64], size: float, wanted: float) -> NDArray[np.float64]:
    """Scale values from one size to another; values that are rounding error become 0."""
    return values * (wanted / size) if size > NOTHING else np.zeros_like(values)
