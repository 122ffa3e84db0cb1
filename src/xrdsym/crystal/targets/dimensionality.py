"""The dimensionality of a structure: the number of directions in which its bonded network is periodic."""

from __future__ import annotations

import math
import warnings
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from xrdsym.common.errors import MaterialError
from xrdsym.crystal.structure_table import check_structure, to_pymatgen

if TYPE_CHECKING:
    from pymatgen.core import Structure

    from xrdsym.crystal.structure_table import CrystalStructure

SEARCH_RADIUS = 7.0
"""First search radius of CrystalNN, Å; it grows up to about the cell's diagonal if no neighbour is found."""
MOST_NEIGHBOURS = 500_000
"""Largest number of sites within the cell's diagonal. A cubic cell of 1,000 atoms has 22,000, a stacking 70 Å long
110,000. Cells beyond the limit have a wrong unit of length or the shape of a needle and would exhaust the memory."""
CLOSEST = 0.5
"""Smallest distance between two atoms, Å; pymatgen's `Structure.DISTANCE_TOLERANCE`."""


def dimensionality(structure: CrystalStructure) -> int:
    """The dimensionality of a structure's bonded network: 0 for molecules, 1 chains, 2 layers, 3 a framework.

    The bonds come from pymatgen's `CrystalNN` with its default parameters. A shared site has the bonds of the species
    with more than half of the occupancy. The dimensionality follows Larsen et al., Phys. Rev. Materials 3, 034003
    (2019); if the components of a structure differ, the highest one counts.

    Raises:
        MaterialError: The structure is invalid (see `check_structure`), no species has more than half of the occupancy
            of a site (`disordered`), two atoms overlap (`atoms_too_close`), the cell is far too small or too elongated
            for atoms (`cell_not_of_atoms`), or CrystalNN fails for another reason (`no_bonds`).
    """
    check_structure(structure)
    name = structure.material_id
    crystal = to_pymatgen(structure)
    _check_bonds_are_defined(crystal, name)
    from pymatgen.analysis.dimensionality import get_dimensionality_larsen
    from pymatgen.analysis.local_env import CrystalNN

    try:
        with warnings.catch_warnings():
            # structure tables have no charges, hence no ionic radii; covalent radii are intended
            warnings.filterwarnings("ignore", "No oxidation states specified on sites")
            warnings.filterwarnings("ignore", "CrystalNN: cannot locate an appropriate radius")
            bonds = CrystalNN(search_cutoff=SEARCH_RADIUS).get_bonded_structure(crystal)
    except (ValueError, RuntimeError) as error:
        msg = f"{name}: CrystalNN cannot find its bonds ({error}); leave it out"
        raise MaterialError("no_bonds", msg) from error
    return int(get_dimensionality_larsen(bonds))


def _check_bonds_are_defined(crystal: Structure, name: str) -> None:
    if any(max(site.species.values()) <= 0.5 for site in crystal):
        msg = (
            f"{name}: a site has no species with more than half of its occupancy, so bonds are undefined; leave it out"
        )
        raise MaterialError("disordered", msg)
    # a void is no wider than the reduced cell, however skew the given cell
    corners = np.array(list(product((-1, 1), repeat=3))) @ crystal.lattice.get_lll_reduced_lattice().matrix
    radius = max(SEARCH_RADIUS, float(np.linalg.norm(corners, axis=1).max()))
    neighbours = 4 / 3 * math.pi * radius**3 * len(crystal) / crystal.volume
    if neighbours > MOST_NEIGHBOURS:
        msg = f"{name}: {len(crystal)} atoms in {crystal.volume:.3g} Å³, {radius:.3g} Å long; correct its file"
        raise MaterialError("cell_not_of_atoms", msg)
    if not crystal.is_valid(tol=CLOSEST):
        msg = f"{name}: two atoms are less than {CLOSEST} Å apart; correct its file"
        raise MaterialError("atoms_too_close", msg)
