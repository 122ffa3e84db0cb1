"""Checks of every structure that is read, whatever its format."""

from __future__ import annotations

import numpy as np

from xrdsym.common.errors import MaterialError
from xrdsym.crystal.structure_table import CrystalStructure, check_structure
from xrdsym.sources.elements import LAST_ELEMENT, symbols

MAX_ATOMS = 5000
"""Atoms of one cell, the limit of the symmetry analysis, too: the time of both grows with the square of the number."""

OCCUPANCY_TOLERANCE = 1.001
"""Largest sum of occupancies that counts as 1, as files print three digits."""


def checked(structure: CrystalStructure) -> CrystalStructure:
    """Return the structure if its elements, occupancies and size are valid.

    Raises:
        MaterialError: `unknown_element`, `occupancy` (an occupancy that is not above 0, or a site with a sum above 1)
            or `too_large`, naming the site where there is one; or as for `structure_table.check_structure`.
    """
    name, shares = structure.material_id, structure.occupancies
    if len(structure.numbers) > MAX_ATOMS:
        raise too_many(name, len(structure.numbers))
    if shares is not None and len(shares) and not (shares > 0).all():
        # a comparison with NaN is false
        entry = int(np.argmin(shares > 0))
        msg = f"{name}: the occupancy of {_site(structure, entry)} is {shares[entry]:g}, expected above 0; correct it"
        raise MaterialError("occupancy", msg)
    check_structure(structure)
    if structure.numbers.min() < 1 or structure.numbers.max() > LAST_ELEMENT:
        entry = int(np.argmax((structure.numbers < 1) | (structure.numbers > LAST_ELEMENT)))
        msg = (
            f"{name}: {_site(structure, entry)} has the atomic number {structure.numbers[entry]}; "
            f"expected 1 to {LAST_ELEMENT}"
        )
        raise MaterialError("unknown_element", msg)
    if shares is not None:
        _, first, site = np.unique(structure.frac_coords, axis=0, return_index=True, return_inverse=True)
        totals = np.bincount(site.ravel(), weights=shares)
        if totals.max() > OCCUPANCY_TOLERANCE:
            where = _site(structure, int(first[np.argmax(totals)]))
            msg = f"{name}: the occupancies at {where} add up to {totals.max():g}, expected at most 1; correct them"
            raise MaterialError("occupancy", msg)
    return structure


def too_many(name: str, count: int) -> MaterialError:
    """The error of a cell with more than `MAX_ATOMS` atoms."""
    msg = (
        f"{name}: {count} atoms in the cell, the limit is {MAX_ATOMS}, as the time grows with their square; use a "
        "smaller cell"
    )
    return MaterialError("too_large", msg)


def shortened(text: str, longest: int = 60) -> str:
    """A value of a file in an error: one line, cut where it is long."""
    line = " ".join(text[: 10 * longest].split())
    return line if len(line) <= longest else f"{line[:longest]}…"


def _site(structure: CrystalStructure, entry: int) -> str:
    """An entry for people: `site 2 (Na at 0, 0.5, 0.5)`."""
    number = int(structure.numbers[entry])
    element = symbols()[number] if 0 < number <= LAST_ELEMENT else "?"
    place = ", ".join(f"{value:.5g}" for value in structure.frac_coords[entry])
    return f"site {entry + 1} ({element} at {place})"
