"""Parse the text of a CIF, a POSCAR or pymatgen's JSON; each error is one line that says what to correct."""

from __future__ import annotations

import json
import re
import warnings
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from xrdsym.common.errors import MaterialError
from xrdsym.crystal.formula import formulas
from xrdsym.crystal.structure_table import CrystalStructure, check_structure, from_pymatgen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pymatgen.core import Structure

OCCUPANCY_TOLERANCE = 1.001
"""Largest sum of occupancies that counts as 1, as files print three digits."""

LAST_ELEMENT = 118

BLOCK_START = re.compile(r"^\s*data_", flags=re.MULTILINE)
TEXT_FIELD = re.compile(r"^;.*?^;", flags=re.MULTILINE | re.DOTALL)
SYMBOL = re.compile(r"[A-Z][a-z]?")


def structure_from_cif(text: str, name: str) -> CrystalStructure:
    """Parse the only structure of a CIF; data blocks without atoms, such as those about a publication, are ignored.

    Args:
        text: The CIF.
        name: Id of the material, also named in errors.

    Raises:
        MaterialError: `empty`, `several_blocks`, `unreadable`, or as for `checked`.
    """
    from pymatgen.io.cif import CifParser

    if not text.strip():
        msg = f"{name}: the CIF is empty; fetch it again or remove it"
        raise MaterialError("empty", msg)
    # a text field that quotes another CIF would count as a data block
    plain = TEXT_FIELD.sub(lambda field: "'text'" if BLOCK_START.search(field[0]) else field[0], text)
    blocks = [f"data_{part}" for part in BLOCK_START.split(plain)[1:] if "_atom_site_" in part]
    if len(blocks) > 1:
        msg = f"{name}: the CIF has {len(blocks)} structures, expected 1; split it into one file for each data_ block"
        raise MaterialError("several_blocks", msg)
    if not blocks:
        msg = f"{name}: the CIF has no atoms; expected a data_ block with a cell and atom sites"
        raise MaterialError("unreadable", msg)
    try:
        with _quiet():
            parser = CifParser.from_str(blocks[0], occupancy_tolerance=OCCUPANCY_TOLERANCE, check_cif=False)
            (structure,) = parser.parse_structures(primitive=False, on_error="raise")
    except _PARSER_ERRORS as error:
        raise _unreadable(name, "CIF", error) from error
    return _from_structure(structure, name)


def structure_from_poscar(text: str, name: str) -> CrystalStructure:
    """Parse a VASP POSCAR or CONTCAR with the elements on its sixth line or after the coordinates.

    Raises:
        MaterialError: `empty`, `unreadable`, or as for `checked`.
    """
    from pymatgen.io.vasp.inputs import Poscar

    if not text.strip():
        msg = f"{name}: the POSCAR is empty; fetch it again or remove it"
        raise MaterialError("empty", msg)
    _check_poscar_counts(text, name)
    try:
        with _quiet():
            # pymatgen invents elements if the file names none, and only warns
            warnings.filterwarnings("error", message=".*Elements in POSCAR cannot be determined.*")
            structure = Poscar.from_str(text, read_velocities=False).structure
    except (*_PARSER_ERRORS, Warning) as error:
        raise _unreadable(name, "POSCAR", error) from error
    return _from_structure(structure, name)


def _check_poscar_counts(text: str, name: str) -> None:
    """Check the number of atoms against the number of lines, because pymatgen allocates lists for that number."""
    lines = text.splitlines()
    # the counts are on the sixth line, or on the seventh if the sixth names elements
    counts = [int(word) for line in lines[5:7] for word in line.split() if word.isdecimal()]
    if sum(counts) > 2 * len(lines):
        msg = f"{name}: the POSCAR announces {sum(counts)} atoms but has {len(lines)} lines; correct it or remove it"
        raise MaterialError("unreadable", msg)


def structure_from_json(text: str, name: str) -> CrystalStructure:
    """Parse pymatgen's `Structure.as_dict()` as JSON text.

    Raises:
        MaterialError: `empty`, `unreadable`, or as for `structure_from_dict`.
    """
    if not text.strip():
        msg = f"{name}: the JSON is empty; fetch it again or remove it"
        raise MaterialError("empty", msg)
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _unreadable(name, "JSON", error) from error
    return structure_from_dict(content, name)


def structure_from_dict(content: Mapping[str, Any], name: str) -> CrystalStructure:
    """Convert pymatgen's `Structure.as_dict()`.

    This does not use pymatgen's decoder, which imports any module that a file names.

    Args:
        content: The parsed JSON.
        name: Id of the material, also named in errors.

    Raises:
        MaterialError: `unreadable`, or as for `checked`.
    """
    try:
        matrix = np.array(content["lattice"]["matrix"], dtype=np.float64).reshape(3, 3)
        entries = [
            (_atomic_number(str(species["element"]), name), site["abc"], float(species["occu"]))
            for site in content["sites"]
            for species in site["species"]
        ]
        positions = np.array([abc for _, abc, _ in entries], dtype=np.float64).reshape(-1, 3)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        msg = f"{name}: not a structure in pymatgen's JSON form ({_one_line(error)}); write it with Structure.as_dict()"
        raise MaterialError("unreadable", msg) from error
    shares = np.array([share for _, _, share in entries], dtype=np.float64)
    numbers = np.array([number for number, _, _ in entries], dtype=np.int16)
    return checked(
        CrystalStructure(
            material_id=name,
            formula=formulas(numbers, shares)[0],
            lattice=matrix,
            numbers=numbers,
            frac_coords=positions,
            occupancies=None if np.all(shares == 1) else shares,
        )
    )


def checked(structure: CrystalStructure) -> CrystalStructure:
    """Return the structure if its elements and occupancies are valid.

    Raises:
        MaterialError: `unknown_element`, `occupancy` (an occupancy of 0 or below, or a site with a sum above 1), or
            as for `structure_table.check_structure`.
    """
    check_structure(structure)
    name = structure.material_id
    if structure.numbers.min() < 1 or structure.numbers.max() > LAST_ELEMENT:
        wrong = sorted({int(z) for z in structure.numbers if not 1 <= z <= LAST_ELEMENT})
        msg = f"{name}: atomic number {', '.join(map(str, wrong))}; expected 1 to {LAST_ELEMENT}"
        raise MaterialError("unknown_element", msg)
    shares = structure.occupancies
    if shares is not None:
        _, site = np.unique(structure.frac_coords, axis=0, return_inverse=True)
        total = np.bincount(site.ravel(), weights=shares).max()
        if shares.min() <= 0 or total > OCCUPANCY_TOLERANCE:
            msg = f"{name}: occupancies from {shares.min():g} to {total:g} on one site; expected above 0 and at most 1"
            raise MaterialError("occupancy", msg)
    return structure


SIGNS = (
    ("float NaN", "not_finite", "a coordinate is not a number"),
    ("float infinity", "not_finite", "a coordinate is infinite"),
    ("Singular matrix", "zero_volume", "the cell has no volume"),
    ("below threshold", "zero_volume", "the cell has almost no volume"),
    ("Occupancy", "occupancy", "the occupancies of a site exceed 1"),
)
"""Text in an error of pymatgen, the reason it stands for, and its explanation."""

_PARSER_ERRORS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    NotImplementedError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""Errors that pymatgen's parsers raise on invalid text."""


def _from_structure(structure: Structure, name: str) -> CrystalStructure:
    if len(structure) == 0:
        msg = f"{name}: no atoms; remove it from the source or correct its file"
        raise MaterialError("empty", msg)
    for site in structure:
        for species in site.species:
            # pymatgen invents an atomic number for a dummy species
            _atomic_number(species.symbol, name)
    with _quiet():
        return checked(from_pymatgen(structure, name))


def _atomic_number(symbol: str, name: str) -> int:
    """The atomic number of an element, an isotope of hydrogen, or an ion such as Fe3+."""
    element = SYMBOL.match(symbol)
    numbers = _atomic_numbers()
    if element is None or element[0] not in numbers:
        msg = f"{name}: {symbol!r} is not an element; correct its file"
        raise MaterialError("unknown_element", msg)
    return numbers[element[0]]


@cache
def _atomic_numbers() -> dict[str, int]:
    from pymatgen.core import Element

    return {element.value: element.Z for element in Element} | {"D": 1, "T": 1}


@contextmanager
def _quiet() -> Iterator[None]:
    """Suppress pymatgen's warnings about guesses in a file and noble gases without an electronegativity."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


def _unreadable(name: str, kind: str, error: BaseException) -> MaterialError:
    problem = _one_line(error)
    for sign, reason, meaning in SIGNS:
        if sign in problem:
            return MaterialError(reason, f"{name}: {meaning}; correct the {kind} or remove it")
    return MaterialError("unreadable", f"{name}: the {kind} cannot be read ({problem}); correct it or remove it")


def _one_line(error: BaseException) -> str:
    text = str(error).removeprefix("No structure parsed for section 1 in CIF.")
    return " ".join(f"{type(error).__name__}: {text}".split())[:200]
