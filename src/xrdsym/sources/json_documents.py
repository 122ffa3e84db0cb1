"""Structures from pymatgen's JSON, and from the documents and tables that contain it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from xrdsym.common.errors import MaterialError
from xrdsym.crystal.formula import formulas
from xrdsym.crystal.structure_table import CrystalStructure
from xrdsym.sources.checks import checked, shortened
from xrdsym.sources.cif import structure_from_cif
from xrdsym.sources.elements import atomic_number

if TYPE_CHECKING:
    from collections.abc import Mapping

STRUCTURE_COLUMNS = ("cif", "structure")
"""Columns of a table, or keys of a document of the Materials Project, that contain a structure."""


def structure_from_json(text: str, name: str) -> CrystalStructure:
    """Parse pymatgen's `Structure.as_dict()` as JSON text, or a document of the Materials Project with a `structure`.

    Raises:
        MaterialError: `empty`, `unreadable`, `several_structures`, or as for `structure_from_dict`.
    """
    if not text.strip():
        msg = f"{name}: the JSON is empty; fetch it again or remove it"
        raise MaterialError("empty", msg)
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        msg = f"{name}: not JSON ({shortened(str(error), 150)}); correct it or fetch it again"
        raise MaterialError("unreadable", msg) from error
    documents = documents_of(content)
    if documents is not None and len(documents) != 1:
        msg = (
            f"{name}: a list of {len(documents)} structures, expected 1; write each to its own file, or give the list "
            "as a table of structures (structures.files.path, xrdsym evaluate)"
        )
        raise MaterialError("several_structures" if documents else "empty", msg)
    return structure_from_value(content if documents is None else documents[0], name)


def documents_of(content: object) -> list[Any] | None:
    """The documents of a JSON list, or of an answer of the Materials Project (`{"data": […]}`); else None."""
    if isinstance(content, dict) and not any(key in content for key in (*STRUCTURE_COLUMNS, "lattice")):
        content = content.get("data")
    return content if isinstance(content, list) else None


def structure_from_value(content: object, name: str) -> CrystalStructure:
    """Convert a document with a `structure` or `cif`, a structure as a mapping, or either as text.

    Args:
        content: The value.
        name: Id of the material, also named in errors.

    Raises:
        MaterialError: `empty` (there is no structure), or as for the format's reader.
    """
    if isinstance(content, dict) and "lattice" not in content:
        inner = next((content[column] for column in STRUCTURE_COLUMNS if content.get(column)), None)
        if inner is None and any(column in content for column in STRUCTURE_COLUMNS):
            msg = f"{name}: no structure; fill its `cif` or `structure`, or remove it"
            raise MaterialError("empty", msg)
        content = content if inner is None else inner
    if not isinstance(content, str):
        return structure_from_dict(content, name)
    start = content.lstrip()[:20]
    if start.startswith(("Full Formula (", "Structure Summary", "{'")):
        msg = (
            f"{name}: a structure as Python prints it ({shortened(start)}…), not in a form that can be read; write "
            "json.dumps(structure.as_dict()) or structure.to(fmt='cif') instead"
        )
        raise MaterialError("unreadable", msg)
    return structure_from_json(content, name) if start.startswith(("{", "[")) else structure_from_cif(content, name)


def structure_from_dict(content: Mapping[str, Any] | object, name: str) -> CrystalStructure:
    """Convert pymatgen's `Structure.as_dict()`.

    This does not use pymatgen's decoder, which imports any module that a file names.

    Args:
        content: The parsed JSON.
        name: Id of the material, also named in errors.

    Raises:
        MaterialError: `unreadable`, or as for `checked`.
    """
    try:
        values: Any = content
        matrix = np.array(values["lattice"]["matrix"], dtype=np.float64).reshape(3, 3)
        entries = [
            (atomic_number(str(species["element"]), f"{name}: site {index}"), site["abc"], float(species["occu"]))
            for index, site in enumerate(values["sites"], start=1)
            for species in site["species"]
        ]
        positions = np.array([abc for _, abc, _ in entries], dtype=np.float64).reshape(len(entries), 3)
        shares = np.array([share for _, _, share in entries], dtype=np.float64)
        numbers = np.array([number for number, _, _ in entries], dtype=np.int16)
    except (KeyError, TypeError, ValueError, IndexError, OverflowError) as error:
        problem = shortened(f"{type(error).__name__}: {error}", 150)
        msg = f"{name}: not a structure in pymatgen's JSON form ({problem}); write it with Structure.as_dict()"
        raise MaterialError("unreadable", msg) from error
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
