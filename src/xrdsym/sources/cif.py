"""The structure of a CIF: what its words about the symmetry make of its sites, held against its formula."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from xrdsym.common.errors import MaterialError
from xrdsym.crystal.structure_table import CrystalStructure, check_structure
from xrdsym.sources.checks import checked
from xrdsym.sources.cif_block import read_block
from xrdsym.sources.cif_choice import Given, choose
from xrdsym.sources.cif_formula import stated_formula
from xrdsym.sources.cif_sites import read_sites
from xrdsym.sources.cif_symmetry import MAGNETIC_OPERATIONS, stated_symmetry

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from xrdsym.sources.cif_block import CifBlock

LENGTHS = ("_cell_length_a", "_cell_length_b", "_cell_length_c")
ANGLES = ("_cell_angle_alpha", "_cell_angle_beta", "_cell_angle_gamma")
SHORTEST = 0.1
"""Å; no cell has a shorter edge, and squares of much shorter ones vanish."""


def structure_from_cif(text: str, name: str) -> CrystalStructure:
    """Parse the only structure of a CIF; data blocks without atoms, such as those about a publication, are ignored.

    Args:
        text: The CIF.
        name: Id of the material, also named in errors.

    Returns:
        The structure; its `warnings` say what was supposed where the file says nothing or contradicts itself.

    Raises:
        MaterialError: `empty`, `several_blocks`, `unreadable`; `symmetry` (what the file says about its symmetry
            cannot be used, or leaves it open), `formula` (the cell contradicts the file's formula), `overlap` (atoms
            lie in each other), `too_large`; or as for `checked`.
    """
    block = read_block(text, name)
    warnings: list[str] = []
    stated = stated_formula(block)
    if stated is None and block.word("_chemical_formula_sum"):
        warnings.append("the formula cannot be read: nothing was held against it")
    sites = read_sites(block, frozenset(stated.amounts) if stated else frozenset(), warnings)
    lattice = _lattice(block, warnings)
    # a cell without a volume, before anything is computed with it
    check_structure(CrystalStructure(name, "", lattice, sites.numbers, sites.positions))
    words = stated_symmetry(block, warnings)
    given = Given(name, sites, lattice, stated, counts=MAGNETIC_OPERATIONS not in block)
    cell = choose(given, words, warnings)
    if stated is not None and stated.lacks_hydrogen(cell.held):
        warnings.append(f"the list of atoms has less hydrogen than the formula {stated}")
    return replace(checked(cell.structure), warnings=tuple(dict.fromkeys(warnings)))


def _lattice(block: CifBlock, warnings: list[str]) -> NDArray[np.float64]:
    """The lattice vectors, placed as pymatgen places them: c along z."""
    from pymatgen.core import Lattice

    lengths = [block.word(tag) for tag in LENGTHS]
    if None in lengths:
        msg = f"{block.name}: the cell has no lengths; expected {', '.join(LENGTHS)}"
        raise MaterialError("unreadable", msg)
    angles = [(block.column(tag) or ["."])[0] for tag in ANGLES]
    if "." in angles:
        warnings.append("an angle of the cell is missing: read as 90°, the dictionary's default")
    texts = [*(str(length) for length in lengths), *("90" if angle == "." else angle for angle in angles)]
    values = [block.number(text, tag).value for text, tag in zip(texts, LENGTHS + ANGLES, strict=True)]
    if not (min(values[:3]) >= SHORTEST and min(values[3:]) > 0 and max(values[3:]) < 180):
        msg = (
            f"{block.name}: the cell is {', '.join(texts)}; expected lengths of {SHORTEST} Å and more, and "
            "angles between 0° and 180°"
        )
        raise MaterialError("zero_volume", msg)
    with np.errstate(all="ignore"):
        return np.array(Lattice.from_parameters(*values).matrix, dtype=np.float64)
