"""In how many directions the bonds of a structure go on without end."""

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
"""How far CrystalNN looks for neighbours at first, Å; where that is too short, up to about the cell's diagonal."""
MOST_NEIGHBOURS = 500_000
"""Sites within that diagonal at most. A cubic cell of 1,000 atoms has 22,000 and a stacking 70 Å long 110,000; beyond
lie cells in the wrong unit of length or drawn out to needles, which take more memory than a computer has."""
CLOSEST = 0.5
"""Two sites this close, Å, are no two atoms; pymatgen's own `Structure.DISTANCE_TOLERANCE`."""


def dimensionality(structure: CrystalStructure) -> int:
    """The dimensionality of a structure's bonded network: 0 molecules, 1 chains, 2 layers, 3 a framework.

    The bonds are those of pymatgen's `CrystalNN` with its defaults, on a shared site those of the species that fills
    more than half of it; the dimension is found by the scheme of Larsen et al., Phys. Rev. Materials 3, 034003
    (2019), and the highest of a structure's parts counts.

    Raises:
        MaterialError: It is no crystal (see `check_structure`), a site has no species that fills more than half of
            it (`disordered`), two atoms lie on one another (`atoms_too_close`), the cell is far too small or too
            drawn out to be one of atoms (`cell_not_of_atoms`), or CrystalNN fails for another reason (`no_bonds`).
    """
    check_structure(structure)
    name = structure.material_id
    crystal = to_pymatgen(structure)
    _check_bonds_can_be_told(crystal, name)
    from pymatgen.analysis.dimensionality import get_dimensionality_larsen
    from pymatgen.analysis.local_env import CrystalNN

    try:
        with warnings.catch_warnings():
            # a table of structures knows no charges, hence no ionic radii: the covalent ones are meant
            warnings.filterwarnings("ignore", "No oxidation states specified on sites")
            warnings.filterwarnings("ignore", "CrystalNN: cannot locate an appropriate radius")
            bonds = CrystalNN(search_cutoff=SEARCH_RADIUS).get_bonded_structure(crystal)
    except (ValueError, RuntimeError) as error:
        msg = f"{name}: CrystalNN cannot tell its bonds ({error}); leave it out"
        raise MaterialError("no_bonds", msg) from error
    return int(get_dimensionality_larsen(bonds))


def _check_bonds_can_be_told(crystal: Structure, name: str) -> None:
    if any(max(site.species.values()) <= 0.5 for site in crystal):
        msg = f"{name}: no species fills more than half of one of its sites, so its bonds are not defined; leave it out"
        raise MaterialError("disordered", msg)
    # a void is no wider than the compact cell, however skew the one given
    corners = np.array(list(product((-1, 1), repeat=3))) @ crystal.lattice.get_lll_reduced_lattice().matrix
    radius = max(SEARCH_RADIUS, float(np.linalg.norm(corners, axis=1).max()))
    neighbours = 4 / 3 * math.pi * radius**3 * len(crystal) / crystal.volume
    if neighbours > MOST_NEIGHBOURS:
        msg = f"{name}: {len(crystal)} atoms in a cell of {crystal.volume:.3g} Å³, {radius:.3g} Å long; mend its file"
        raise MaterialError("cell_not_of_atoms", msg)
    if not crystal.is_valid(tol=CLOSEST):
        msg = f"{name}: two of its atoms are less than {CLOSEST} Å apart; mend its file"
        raise MaterialError("atoms_too_close", msg)
