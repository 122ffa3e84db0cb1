"""Atoms that are nearer to each other than atoms can be: shared sites, and mistakes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xrdsym.common.errors import MaterialError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pairs = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]
    """Two atoms and their distance, Å, for each pair."""

REACH = 1.0
"""Å: no full atoms, and no planes of a lattice, are nearer than this, but for hydrogen."""

MOST_PAIRS = 1_000_000
"""Pairs within `REACH`; thousands of atoms in one place would fill the memory."""


def near_pairs(lattice: NDArray[np.float64], positions: NDArray[np.float64], name: str) -> Pairs:
    """All pairs of atoms within `REACH` of each other, each twice; those with an image of an atom itself included.

    Args:
        lattice: Lattice vectors as rows, float64 (3, 3), Å.
        positions: Fractional coordinates from 0 to 1, float64 (n, 3).
        name: Id of the material, for errors.

    Raises:
        MaterialError: The cell is thinner than `REACH` (`zero_volume`), or there are more than `MOST_PAIRS` pairs
            (`overlap`).
    """
    from scipy.spatial import cKDTree

    heights = 1 / np.linalg.norm(np.linalg.inv(lattice), axis=0)
    if heights.min() < REACH:
        msg = f"{name}: the cell is {heights.min():.2g} Å thin, less than an atom; correct its file"
        raise MaterialError("zero_volume", msg)
    atoms = np.arange(len(positions))
    images, owners = positions, atoms
    for axis in range(3):
        margin = REACH / heights[axis]
        step = np.eye(3)[axis]
        low, high = images[:, axis] <= margin, images[:, axis] >= 1 - margin
        images = np.concatenate([images, images[low] + step, images[high] - step])
        owners = np.concatenate([owners, owners[low], owners[high]])
    home, around = cKDTree(positions @ lattice), cKDTree(images @ lattice)
    if home.count_neighbors(around, REACH) > MOST_PAIRS:
        msg = f"{name}: too many of the {len(positions)} atoms lie in each other; correct its file"
        raise MaterialError("overlap", msg)
    found = home.sparse_distance_matrix(around, REACH, output_type="coo_matrix")
    other = found.row != found.col
    return found.row[other].astype(np.int64), owners[found.col[other]], found.data[other]


def merged(
    positions: NDArray[np.float64],
    pairs: Pairs,
    rows: NDArray[np.int64],
    copies: NDArray[np.int64],
    tolerance: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The positions with those of different sites that are one shared site made equal.

    Args:
        positions: As for `near_pairs`.
        pairs: What `near_pairs` returns.
        rows: The site of each atom, int (n,).
        copies: Number of atoms of each site; sites of different numbers are not one.
        tolerance: Distance up to which positions of each site are equal, Å.
    """
    first, second, distances = pairs
    joined = (
        (rows[first] < rows[second])
        & (copies[rows[first]] == copies[rows[second]])
        & (distances <= np.minimum(tolerance[rows[first]], tolerance[rows[second]]))
    )
    result = positions.copy()
    # from the last site to the first, so that each atom ends at the first site that it shares
    order = np.lexsort((-distances[joined], -rows[first[joined]]))
    result[second[joined][order]] = positions[first[joined][order]]
    return result


def shortest(
    positions: NDArray[np.float64], pairs: Pairs, occupancies: NDArray[np.float64], chosen: NDArray[np.bool_]
) -> float:
    """The smallest distance, Å, of two chosen atoms that cannot take turns; `REACH` if none is smaller.

    Args:
        positions: Fractional coordinates, equal ones are one shared site, float64 (n, 3).
        pairs: What `near_pairs` returns.
        occupancies: float64 (n,); atoms whose sum is not above 1 are alternatives.
        chosen: Which atoms count, bool (n,).
    """
    first, second, distances = pairs
    counted = (
        chosen[first]
        & chosen[second]
        & (occupancies[first] + occupancies[second] > 1.05)
        & ~((positions[first] == positions[second]).all(axis=1) & (first != second))
    )
    return float(distances[counted].min(initial=REACH))
