"""Which of the settings that a CIF's words may mean is right: the one that fits its cell, formula and sites."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xrdsym.common.errors import MaterialError
from xrdsym.crystal.formula import formulas
from xrdsym.crystal.structure_table import CrystalStructure, to_pymatgen
from xrdsym.sources.cif_formula import Stated, written
from xrdsym.sources.cif_sites import Sites, expand, tolerances
from xrdsym.sources.elements import symbols
from xrdsym.sources.operations import Setting
from xrdsym.sources.site_distances import merged, near_pairs, shortest

if TYPE_CHECKING:
    from xrdsym.sources.cif_symmetry import Word

WORST_FIT = 0.02
"""Largest relative change of the cell by an operation of its group: 1 % of a length, about 1° of an angle."""

NEAREST_FIT = 1e-3
"""Settings that change the cell by at most this much more than the best one fit it as well."""

OVERLAP, UNLIKELY = 0.5, 1.0
"""Å between full sites: nearer ones are impossible; between heavier atoms than hydrogen the second is unlikely."""

COMPARED_SITES = 200
"""Largest number of atoms for which two origins are compared; pymatgen's matching takes seconds for more."""


@dataclass(frozen=True)
class Given:
    """What a CIF gives beside the words about its symmetry.

    Attributes:
        name: Id of the material.
        sites: The list of atoms.
        lattice: Lattice vectors as rows, float64 (3, 3), Å.
        stated: The formula, or None.
        counts: Whether Z counts; in magnetic CIFs it is often that of the smaller chemical cell.
    """

    name: str
    sites: Sites
    lattice: NDArray[np.float64]
    stated: Stated | None
    counts: bool


@dataclass(frozen=True)
class Cell:
    """The cell that one setting makes.

    Attributes:
        setting: The setting.
        structure: Its atoms.
        held: Atoms of each element.
        copies: Atoms of each site, int (n,).
        nearest: Smallest distance of full sites, Å, of any and of heavier atoms than hydrogen.
    """

    setting: Setting
    structure: CrystalStructure
    held: dict[str, float]
    copies: NDArray[np.int64]
    nearest: tuple[float, float]


def choose(given: Given, words: list[Word], warnings: list[str]) -> Cell:
    """The cell of the most binding statement, or of another one where only that makes the file's formula.

    Args:
        given: The sites, the cell and the formula.
        words: What the file says about its symmetry, the most binding first.
        warnings: Takes what the file contradicts or leaves open.

    Raises:
        MaterialError: `symmetry`, `formula`, `overlap` or `too_large`: no statement makes a possible cell, or one
            leaves open which.
    """
    problem: MaterialError | None = None
    for word in words:
        try:
            cell = _of_word(given, word, warnings)
        except MaterialError as error:
            problem = problem or error
            if given.stated is None:
                break
            continue
        if problem is not None:
            warnings.append(f"{words[0].said} contradicts the formula {given.stated}: {word.said} used, which makes it")
        else:
            _check_agreement(given, words, warnings)
        if len({one.extension for one in word.settings}) > 1 and cell.setting.extension in {"1", "2"}:
            warnings.append(f"{word.said} leaves the origin open: choice {cell.setting.extension} fits the file")
        return cell
    raise problem or MaterialError("symmetry", f"{given.name}: no symmetry")


def _check_agreement(given: Given, words: list[Word], warnings: list[str]) -> None:
    """Check the statements after the first, which is used, against it.

    Raises:
        MaterialError: A symbol and a number name different groups, and no formula decides.
    """
    first = words[0]
    for word in words[1:]:
        if first.bare or not word.by_symbol:
            contradiction = None not in {first.number, word.number} and first.number != word.number
        else:
            contradiction = not any(first.settings[0].same_operations(one) for one in word.settings)
        if contradiction and first.bare and given.stated is None:
            msg = f"{given.name}: {first.said} and {word.said} contradict each other; correct the CIF"
            raise MaterialError("symmetry", msg)
        if contradiction:
            warnings.append(f"{first.said} and {word.said} contradict each other: the first is used")


def _of_word(given: Given, word: Word, warnings: list[str]) -> Cell:
    """The cell that one statement makes; warns where several are possible and convention decides."""
    misfits = [setting.mismatch(given.lattice) for setting in word.settings]
    if min(misfits) > WORST_FIT:
        edges = np.linalg.norm(given.lattice, axis=1)
        cosines = (given.lattice @ given.lattice.T / np.outer(edges, edges))[[1, 0, 0], [2, 2, 1]]
        angles = np.degrees(np.arccos(np.clip(cosines, -1, 1)))
        cell = f"{', '.join(f'{edge:.5g}' for edge in edges)} Å, {', '.join(f'{angle:.5g}' for angle in angles)}°"
        msg = f"{given.name}: {word.said} does not fit the cell ({cell}); correct the CIF"
        raise MaterialError("symmetry", msg)
    fitting = [
        setting for setting, misfit in zip(word.settings, misfits, strict=True) if misfit <= min(misfits) + NEAREST_FIT
    ]
    problem: MaterialError | None = None
    for tolerance in tolerances(given.sites, given.lattice):
        cells = []
        for setting in fitting:
            try:
                cells.append(_possible(given, word, setting, tolerance))
            except MaterialError as error:
                problem = problem or error
        if cells:
            return _single(given, word, cells, warnings)
    raise problem or MaterialError("symmetry", f"{given.name}: {word.said} makes no cell")


def _possible(given: Given, word: Word, setting: Setting, tolerance: NDArray[np.float64]) -> Cell:
    """The cell of a setting, if it has the formula and no atoms in each other."""
    cell = _cell(given, setting, tolerance)
    ordered = bool((given.sites.occupancies >= 1).all())
    if given.stated is not None and not given.stated.agrees(cell.held, ordered=ordered, counts=given.counts):
        msg = (
            f"{given.name}: the sites with {word.said} make {written(cell.held)} in the cell, the formula is "
            f"{given.stated}; correct what is wrong of these"
        )
        raise MaterialError("formula", msg)
    if cell.nearest[0] < OVERLAP:
        msg = (
            f"{given.name}: with {word.said} full sites are {cell.nearest[0]:.2g} Å apart; correct the coordinates "
            "or the symmetry"
        )
        raise MaterialError("overlap", msg)
    return cell


def _cell(given: Given, setting: Setting, tolerance: NDArray[np.float64]) -> Cell:
    sites = given.sites
    atoms = expand(sites, setting, given.lattice, tolerance, given.name)
    numbers, shares = sites.numbers[atoms.rows], sites.occupancies[atoms.rows]
    pairs = near_pairs(given.lattice, atoms.positions, given.name)
    positions = merged(atoms.positions, pairs, atoms.rows, atoms.copies, tolerance)
    everything = np.ones(len(numbers), dtype=bool)
    amounts = np.bincount(numbers, weights=shares)
    # atoms at one position are alternatives, whose occupancies are checked
    ordered = bool((shares == 1).all()) and len(np.unique(positions, axis=0)) == len(positions)
    structure = CrystalStructure(
        material_id=given.name,
        formula=formulas(numbers, shares)[0],
        lattice=given.lattice,
        numbers=numbers,
        frac_coords=positions,
        occupancies=None if ordered else shares,
    )
    return Cell(
        setting=setting,
        structure=structure,
        held={symbols()[z]: float(amounts[z]) for z in np.flatnonzero(amounts)},
        copies=atoms.copies,
        nearest=(shortest(positions, pairs, shares, everything), shortest(positions, pairs, shares, numbers > 1)),
    )


def _single(given: Given, word: Word, cells: list[Cell], warnings: list[str]) -> Cell:
    """The one of several possible cells: by the stated multiplicities, by distances, else the standard setting.

    Raises:
        MaterialError: Cells of different origins remain that are different structures.
    """
    stated = given.sites.multiplicities
    known = stated > 0
    counted = [cell for cell in cells if (cell.copies == stated)[known].all()] or cells
    likely = [cell for cell in counted if cell.nearest[1] >= UNLIKELY] or counted
    first = likely[0]
    others = [cell for cell in likely[1:] if cell.setting.extension != first.setting.extension]
    if not all(_same(first.structure, cell.structure) for cell in others):
        names = " or ".join(cell.setting.name for cell in (first, *others))
        msg = (
            f"{given.name}: {word.said} may be {names}, and nothing in the CIF decides; write one of these, or list "
            "the operations (_space_group_symop_operation_xyz)"
        )
        raise MaterialError("symmetry", msg)
    if len(likely) > 1 + len(others):
        names = ", ".join(cell.setting.name for cell in likely)
        warnings.append(f"{word.said} may be {names}: the first is used, as is usual")
    return first


def _same(one: CrystalStructure, other: CrystalStructure) -> bool:
    from pymatgen.analysis.structure_matcher import StructureMatcher

    if len(one.numbers) != len(other.numbers) or len(one.numbers) > COMPARED_SITES:
        return False
    matcher = StructureMatcher(ltol=0.01, stol=0.01, angle_tol=0.1, scale=False)
    return bool(matcher.fit(to_pymatgen(one), to_pymatgen(other)))
