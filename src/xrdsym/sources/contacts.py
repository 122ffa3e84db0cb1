"""Distances between the atoms of a crystal, and a relaxation that moves atoms apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

RELIEF_STEPS = 60
"""Most steps of the relaxation; a step can create new contacts, which a few more steps remove."""

SELF_DISTANCE = 1e-6
"""Å; below this distance two images are the same atom."""


def _images(lattice: NDArray[np.float64], reach: float) -> NDArray[np.float64]:
    """Lattice translations, float64 (k, 3), that can bring two points of the cell within `reach` Å of each other."""
    heights = 1 / np.linalg.norm(np.linalg.inv(lattice), axis=0)
    counts = np.ceil(reach / heights).astype(int)
    axes = [np.arange(-count, count + 1) for count in counts]
    return np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3).astype(np.float64)


def _separations(
    lattice: NDArray[np.float64], frac_coords: NDArray[np.float64], reach: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Vectors (k, n, n, 3) from site i to the images of site j, and their lengths (k, n, n), Å."""
    between = frac_coords[None, :] - frac_coords[:, None]
    between -= np.round(between)
    vectors = (_images(lattice, reach)[:, None, None] + between[None]) @ lattice
    lengths = np.sqrt(np.einsum("kijx,kijx->kij", vectors, vectors))
    lengths[lengths < SELF_DISTANCE] = np.inf
    return vectors, lengths


def nearest_neighbours(
    lattice: NDArray[np.float64], frac_coords: NDArray[np.float64], radii: NDArray[np.float64]
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """The nearest neighbour of each site, with distances in units of the sum of the two radii.

    Args:
        lattice: Lattice vectors as rows, float64 (3, 3), Å.
        frac_coords: Fractional coordinates, float64 (n, 3).
        radii: Radius of each site, float64 (n,), Å.

    Returns:
        neighbours: Index of the neighbour, intp (n,).
        ratios: Its distance over the sum of the radii, float64 (n,).
    """
    # an image of the site itself is always one shortest lattice vector away
    reach = float(np.linalg.norm(lattice, axis=1).min()) * 1.01
    _, lengths = _separations(lattice, frac_coords, reach)
    ratios = (lengths / (radii[:, None] + radii[None, :])).min(axis=0)
    neighbours = ratios.argmin(axis=1)
    return neighbours, ratios[np.arange(len(radii)), neighbours]


def relieve_contacts(
    lattice: NDArray[np.float64],
    frac_coords: NDArray[np.float64],
    radii: NDArray[np.float64],
    ratio: float,
) -> NDArray[np.float64]:
    """Move atoms apart that are closer than `ratio` times the sum of their radii.

    Each step moves both atoms of a contact along the line between them, so the symmetry of the structure is kept.

    Args:
        lattice: Lattice vectors as rows, float64 (3, 3), Å.
        frac_coords: Fractional coordinates, float64 (n, 3).
        radii: Radius of each site, float64 (n,), Å.
        ratio: Smallest distance over the sum of the radii.

    Returns:
        Fractional coordinates, float64 (n, 3). Contacts between atoms that symmetry fixes remain.
    """
    wanted = ratio * (radii[:, None] + radii[None, :])
    reach = float(wanted.max())
    inverse = np.linalg.inv(lattice)
    moved = frac_coords.copy()
    for _ in range(RELIEF_STEPS):
        vectors, lengths = _separations(lattice, moved, reach)
        overlap = np.clip(wanted[None] - lengths, 0, None)
        if not overlap.any():
            break
        push = -(vectors * (overlap / lengths)[..., None]).sum(axis=(0, 2)) / 2
        moved = moved + push @ inverse
    return moved
