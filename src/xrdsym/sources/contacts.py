"""Distances between the atoms of a crystal, and how atoms that came too close are moved apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

RELIEF_STEPS = 60
"""Steps of moving apart; contacts that a step makes anew are gone after a few more."""

SELF_DISTANCE = 1e-6
"""Å; what is closer than this is an atom and itself."""


def _images(lattice: NDArray[np.float64], reach: float) -> NDArray[np.float64]:
    """Lattice translations, float64 (k, 3), that can bring a point of the cell within `reach` Å of another."""
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
    """The nearest neighbour of each site, distances measured in sums of the two radii.

    Args:
        lattice: Lattice vectors as rows, float64 (3, 3), Å.
        frac_coords: Fractional coordinates, float64 (n, 3).
        radii: Radius of each site, float64 (n,), Å.

    Returns:
        Index of the neighbour, intp (n,), and the distance over the sum of the radii, float64 (n,).
    """
    # every site has itself as a neighbour one shortest lattice vector away
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
    """Move atoms that are closer than `ratio` times the sum of their radii apart.

    Every step moves both atoms of a contact along the line between them, so that what the structure had of
    symmetry it keeps.

    Args:
        lattice: Lattice vectors as rows, float64 (3, 3), Å.
        frac_coords: Fractional coordinates, float64 (n, 3).
        radii: Radius of each site, float64 (n,), Å.
        ratio: Wanted distance over the sum of the radii.

    Returns:
        Fractional coordinates, float64 (n, 3). Contacts that symmetry holds in place remain.
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
