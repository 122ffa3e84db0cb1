"""The sites of a CIF as rows, and the atoms that the operations of a space group make of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xrdsym.common.errors import MaterialError
from xrdsym.sources.checks import MAX_ATOMS, OCCUPANCY_TOLERANCE, shortened, too_many
from xrdsym.sources.elements import element_of_label, element_of_type
from xrdsym.sources.operations import FARTHEST, Setting

if TYPE_CHECKING:
    from collections.abc import Collection

    from xrdsym.sources.cif_block import CifBlock, CifNumber

COORDINATES = ("x", "y", "z")

CLOSEST_COPIES, FARTHEST_COPIES = 0.02, 0.3
"""Å: nearer copies of a site are always one, farther ones never, whatever the number of digits."""

_EQUAL = 1e-4
"""Å: copies of a position that was put onto its special position."""


@dataclass(frozen=True)
class Sites:
    """The rows of a CIF's list of atoms.

    Attributes:
        names: What messages call each site.
        numbers: Atomic numbers, int16 (n,).
        positions: Fractional coordinates, float64 (n, 3).
        digits: Decimals of the most precise coordinate of each site, int (n,).
        occupancies: float64 (n,).
        multiplicities: Copies in the cell as the file states them, int (n,); 0 where it does not.
    """

    names: list[str]
    numbers: NDArray[np.int16]
    positions: NDArray[np.float64]
    digits: NDArray[np.int64]
    occupancies: NDArray[np.float64]
    multiplicities: NDArray[np.int64]


@dataclass(frozen=True)
class Atoms:
    """The atoms of a cell.

    Attributes:
        rows: The site of each atom, int (m,).
        positions: Fractional coordinates from 0 to 1, float64 (m, 3).
        copies: Number of atoms of each site, int (n,).
    """

    rows: NDArray[np.int64]
    positions: NDArray[np.float64]
    copies: NDArray[np.int64]


def read_sites(block: CifBlock, formula: Collection[str], warnings: list[str]) -> Sites:
    """Read the list of atoms of a block.

    Args:
        block: The block.
        formula: Elements of the file's formula; empty if it has none.
        warnings: Takes what was supposed where the file says nothing.

    Raises:
        MaterialError: A site has no element, no coordinates, or no occupancy above 0; the message names it.
    """
    columns = [block.column(f"_atom_site_fract_{axis}") for axis in COORDINATES]
    count = len(columns[0])
    labels = block.column("_atom_site_label") or [""] * count
    types = block.column("_atom_site_type_symbol") or ["."] * count
    flags = block.column("_atom_site_calc_flag") or ["d"] * count
    shares = block.column("_atom_site_occupancy") or ["."] * count
    stated = block.column(
        "_atom_site_symmetry_multiplicity", "_atom_site_site_symmetry_multiplicity", "_atom_site_wyckoff_multiplicity"
    )
    stated = stated or ["."] * count
    if any(len(column) != count for column in (*columns, labels, types, flags, shares, stated)):
        msg = f"{block.name}: the columns of the atoms have different lengths; correct the CIF"
        raise MaterialError("unreadable", msg)
    # dummy sites have no atom and no meaningful coordinates
    rows = [row for row in range(count) if flags[row].lower() != "dum"]
    if len(rows) > MAX_ATOMS:
        raise too_many(block.name, len(rows))
    if not rows:
        msg = f"{block.name}: the CIF has no atoms; correct it or remove it"
        raise MaterialError("empty", msg)
    names = [f"site {row + 1} ({shortened(labels[row] or types[row], 20)})" for row in rows]
    numbers, positions, digits, occupancies = [], [], [], []
    for row, name in zip(rows, names, strict=True):
        place = f"{block.name}: {name}"
        numbers.append(_element(types[row], labels[row], formula, place))
        parsed = _coordinates(block, [column[row] for column in columns], name, warnings)
        positions.append([number.value for number in parsed])
        digits.append(max(number.digits for number in parsed))
        occupancies.append(_occupancy(block, shares[row], name, warnings))
    return Sites(
        names=names,
        numbers=np.array(numbers, dtype=np.int16),
        positions=np.array(positions, dtype=np.float64),
        digits=np.array(digits, dtype=np.int64),
        occupancies=np.array(occupancies, dtype=np.float64),
        multiplicities=np.array([int(stated[row]) if stated[row].isdecimal() else 0 for row in rows], dtype=np.int64),
    )


def _element(symbol: str, label: str, formula: Collection[str], place: str) -> int:
    if symbol in {"", "."}:
        return element_of_label(label, formula, place)
    return element_of_type(symbol, place)


def _coordinates(block: CifBlock, texts: list[str], name: str, warnings: list[str]) -> list[CifNumber]:
    if all(text in {"?", "."} for text in texts):
        msg = f"{block.name}: {name} has no coordinates; give them, or mark it as a dummy (_atom_site_calc_flag dum)"
        raise MaterialError("unreadable", msg)
    if "." in texts:
        warnings.append(f"{name} has a coordinate '.': read as 0, the dictionary's default")
    numbers = []
    for axis, text in zip(COORDINATES, texts, strict=True):
        what = f"{axis} of {name}"
        number = block.number("0" if text == "." else text, what)
        if abs(number.value) > FARTHEST:
            msg = f"{block.name}: {what} is {shortened(text)}, expected a fraction of the cell; correct the CIF"
            raise MaterialError("not_finite", msg)
        numbers.append(number)
    return numbers


def _occupancy(block: CifBlock, text: str, name: str, warnings: list[str]) -> float:
    if text == "?":
        warnings.append(f"{name} has an unknown occupancy: read as 1")
    # 1 is the dictionary's default
    share = 1.0 if text in {"", "?", "."} else block.number(text, f"the occupancy of {name}").value
    if not 0 < share <= OCCUPANCY_TOLERANCE:
        msg = (
            f"{block.name}: the occupancy of {name} is {shortened(text)}, expected above 0 and at most 1; correct or "
            "remove the site"
        )
        raise MaterialError("occupancy", msg)
    return share


def tolerances(sites: Sites, lattice: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Distances up to which copies of a site are one, Å (n,): by the digits of the file, then by those of each site.

    An operation adds up at most three coordinates, each rounded by half a unit of its last digit.
    """
    edge = float(np.linalg.norm(lattice, axis=1).max())
    digits = np.full(len(sites.digits), sites.digits.max())
    options = [np.clip(2.0 * edge * 10.0**-kind, CLOSEST_COPIES, FARTHEST_COPIES) for kind in (digits, sites.digits)]
    return options[:1] if np.array_equal(options[0], options[1]) else options


def expand(
    sites: Sites, setting: Setting, lattice: NDArray[np.float64], tolerance: NDArray[np.float64], name: str
) -> Atoms:
    """Apply the operations of a space group; a site near a special position is put onto it.

    Args:
        sites: The sites.
        setting: The operations.
        lattice: Lattice vectors as rows, float64 (3, 3), Å.
        tolerance: Distance up to which copies of a site are one, Å, float64 (n,).
        name: Id of the material, for errors.

    Raises:
        MaterialError: There are more than `MAX_ATOMS` atoms (`too_large`), or copies of a site are neither distinct
            nor one (`overlap`).
    """
    positions = sites.positions
    order = len(setting.rotations)
    if len(positions) * order > MAX_ATOMS * 192:
        raise too_many(name, len(positions) * order)
    for _ in range(3):
        images = np.einsum("mij,nj->nmi", setting.rotations, positions) + setting.translations
        away = images - positions[:, None]
        shifts = np.rint(away)
        near = np.linalg.norm((away - shifts) @ lattice, axis=-1) <= tolerance[:, None]
        weights = near / near.sum(axis=1, keepdims=True)
        positions = np.einsum("nm,nmi->ni", weights, images - shifts)
    fixed = near.sum(axis=1)
    if (order % fixed).any():
        which = sites.names[int(np.argmax(order % fixed > 0))]
        msg = f"{name}: copies of {which} are too near to be distinct atoms and too far to be one; give more digits"
        raise MaterialError("overlap", msg)
    copies = order // fixed
    if copies.sum() > MAX_ATOMS:
        raise too_many(name, int(copies.sum()))
    images = np.einsum("mij,nj->nmi", setting.rotations, positions) + setting.translations
    inside = np.mod(images, 1.0)
    # the remainder of a tiny negative number is 1
    inside[inside == 1] = 0
    cells = [_distinct(row, int(count), lattice) for row, count in zip(inside, copies, strict=True)]
    copies = np.array([len(cell) for cell in cells], dtype=np.int64)
    return Atoms(np.repeat(np.arange(len(cells)), copies), np.concatenate(cells), copies)


def _distinct(images: NDArray[np.float64], count: int, lattice: NDArray[np.float64]) -> NDArray[np.float64]:
    """The distinct ones of the images of one site (m, 3), in their order."""
    if count == len(images):
        return images
    kept = np.zeros((0, 3))
    remaining = images
    while len(remaining):
        first = remaining[:1]
        away = remaining - first
        far = np.linalg.norm((away - np.rint(away)) @ lattice, axis=1) > _EQUAL
        kept, remaining = np.concatenate([kept, first]), remaining[far]
    return kept
