"""The AFLOW prototypes in pymatgen, with their symmetry as spglib finds it.

M. J. Mehl et al., The AFLOW Library of Crystallographic Prototypes: Part 1, Comput. Mater. Sci. 136, S1 (2017).
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xrdsym.crystal.structure_table import CrystalStructure, from_pymatgen
from xrdsym.crystal.symmetry import CrystalSystem
from xrdsym.sources.contacts import nearest_neighbours
from xrdsym.sources.decoration import covalent_radii
from xrdsym.sources.distortion import Operations, find_operations, find_subgroups, stable_system

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pymatgen.core import Composition

CLOSEST_CONTACT = 0.65
"""Shortest distance, in sums of covalent radii, in a usable prototype (α-uranium has 0.70, β-uranium 0.66)."""


@dataclass(frozen=True, eq=False)
class Prototype:
    """One structure of the library with its contacts and symmetry.

    Attributes:
        structure: The structure; its id is the `parent` of its variants.
        neighbours: Nearest neighbour of each site, intp (n,).
        neighbour_ratios: Distance to that neighbour over the sum of the covalent radii, float64 (n,).
        operations: Symmetry operations.
        system: Crystal system at the strict tolerance.
        subgroups: Rotations of subgroups by crystal system, as `find_subgroups` returns them.
        flaw: Why the structure itself is left out, or None. Its variants can be free of the flaw.
    """

    structure: CrystalStructure
    neighbours: NDArray[np.intp]
    neighbour_ratios: NDArray[np.float64]
    operations: Operations
    system: CrystalSystem
    subgroups: dict[CrystalSystem, list[frozenset[bytes]]]
    flaw: str | None


@cache
def load_prototypes() -> tuple[Prototype, ...]:
    """Load the prototypes in the order of the library."""
    return tuple(_analysed(structure, index) for index, structure in enumerate(library_structures()))


def library_structures() -> Iterator[CrystalStructure]:
    """The structures of the library in its order, without the analysis of their symmetry."""
    with warnings.catch_warnings():
        # the parser of the library's literature references warns about its own grammar
        warnings.simplefilter("ignore")
        from pymatgen.analysis.prototypes import AFLOW_PROTOTYPE_LIBRARY

    for entry in AFLOW_PROTOTYPE_LIBRARY:
        structure = entry["snl"].structure
        name = f"aflow-{entry['tags']['aflow']}-{plain_formula(structure.composition)}"
        yield from_pymatgen(structure, name, parent=name)


def plain_formula(composition: Composition) -> str:
    """The reduced formula without brackets, for use in file names: CrFe12Ni3, not Cr(Fe4Ni)3."""
    return re.sub(r"(?<=[A-Za-z])1(?= |$)| ", "", composition.reduced_composition.formula)


def _analysed(structure: CrystalStructure, seed: int) -> Prototype:
    cell = (structure.lattice, structure.frac_coords, structure.numbers)
    neighbours, ratios = nearest_neighbours(structure.lattice, structure.frac_coords, covalent_radii(structure.numbers))
    operations, system = find_operations(*cell)
    flaw = None
    if stable_system(*cell) is None:
        flaw = "its crystal system depends on the tolerance"
    elif ratios.min() < CLOSEST_CONTACT:
        flaw = f"two of its atoms are only {ratios.min():.2f} of the sum of their covalent radii apart"
    return Prototype(
        structure=structure,
        neighbours=neighbours,
        neighbour_ratios=ratios,
        operations=operations,
        system=system,
        subgroups=find_subgroups(operations, np.random.default_rng(seed)),
        flaw=flaw,
    )
