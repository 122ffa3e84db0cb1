"""How far a made-up structure is from its prototype, measured on the two structures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from xrdsym.sources.aflow import library_structures

if TYPE_CHECKING:
    from collections.abc import Iterable

    from xrdsym.crystal.structure_table import CrystalStructure

DECIMALS = 4
"""Of the results; the table has coordinates in single precision."""


@dataclass(frozen=True)
class Origin:
    """From which prototype a structure was made, and how distorted it is.

    Attributes:
        prototype: Id of the prototype.
        formula: Reduced formula of the prototype.
        strain: Largest relative change of a length in the crystal beside the change of all lengths by one factor.
        displacement: Largest displacement of an atom from its place in the strained prototype, Å.
    """

    prototype: str
    formula: str
    strain: float
    displacement: float


def origins(structures: Iterable[CrystalStructure]) -> dict[str, Origin]:
    """The origins of the structures that were made from a prototype of the library, by the id of the structure."""
    made = [structure for structure in structures if structure.parent is not None]
    wanted = {structure.parent for structure in made}
    prototypes = {one.material_id: one for one in library_structures() if one.material_id in wanted} if wanted else {}
    return {
        structure.material_id: origin_of(structure, prototypes[structure.parent])
        for structure in made
        if structure.parent in prototypes and len(structure.numbers) == len(prototypes[structure.parent].numbers)
    }


def origin_of(structure: CrystalStructure, prototype: CrystalStructure) -> Origin:
    """Compare a structure with its prototype, site by site; both have the same sites in the same order."""
    deformation = np.linalg.solve(prototype.lattice, structure.lattice)
    stretches = np.linalg.svd(deformation, compute_uv=False)
    shift = structure.frac_coords - prototype.frac_coords
    shift -= np.round(shift)
    # the origin of the cell is free
    moved = (shift - shift.mean(axis=0)) @ structure.lattice
    return Origin(
        prototype=prototype.material_id,
        formula=prototype.formula,
        strain=round(float(np.abs(stretches / np.exp(np.log(stretches).mean()) - 1).max()), DECIMALS),
        displacement=round(float(np.linalg.norm(moved, axis=1).max()), DECIMALS),
    )
