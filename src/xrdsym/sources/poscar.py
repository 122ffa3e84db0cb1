"""The structure of a POSCAR or CONTCAR of VASP 4 to 6."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from xrdsym.common.errors import MaterialError
from xrdsym.crystal.formula import formulas
from xrdsym.crystal.structure_table import CrystalStructure, check_structure
from xrdsym.sources.checks import MAX_ATOMS, checked, shortened, too_many
from xrdsym.sources.elements import atomic_number, is_element

if TYPE_CHECKING:
    from numpy.typing import NDArray

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eEdD][+-]?\d+)?")
_COUNT = re.compile(r"\d{1,15}")
_COMMENT = re.compile(r"[!#].*")
_GLUED = re.compile(r"(?<=[\d.])-(?=[\d.])")
"""Where a negative number follows another without a blank, as full columns are written."""

LONGEST_LINE = 50_000
"""Characters of a line that are read; the names of thousands of elements fit."""

_SCALE, _LATTICE, _NAMES = 1, range(2, 5), 5
"""Lines, counted from 0."""


@dataclass(frozen=True)
class _Group:
    """Lines 6 and 7: numbers of atoms, their elements (none in VASP 4), and the line after them, counted from 0."""

    counts: list[int]
    names: list[str]
    end: int


def structure_from_poscar(text: str, name: str) -> CrystalStructure:
    """Parse a VASP POSCAR or CONTCAR.

    The elements are those of the sixth line, else those at the ends of the coordinates' lines, else the comment's.
    There is one scale factor, a negative one (the volume), or three.

    Args:
        text: The file; what follows the coordinates, such as velocities, is ignored.
        name: Id of the material, also named in errors.

    Raises:
        MaterialError: `empty`, `unreadable` (the message names the line), `too_large`, or as for `checked`.
    """
    if not text.strip():
        msg = f"{name}: the POSCAR is empty; fetch it again or remove it"
        raise MaterialError("empty", msg)
    lines = text.splitlines()
    scales = _numbers(lines, _SCALE)
    if len(scales) not in {1, 3} or (len(scales) == 3 and min(scales) <= 0) or 0 in scales:
        raise _wrong(name, lines, _SCALE, "one scale factor, or three above 0")
    lattice = np.array([_vector(name, lines, index) for index in _LATTICE], dtype=np.float64)
    group = _group(name, lines)
    total = sum(group.counts)
    if total == 0:
        msg = f"{name}: the POSCAR has no atoms; correct it or remove it"
        raise MaterialError("empty", msg)
    start, cartesian = _start(name, lines, group.end)
    if len(lines) < start + total:
        msg = (
            f"{name}: the POSCAR announces {total} atoms, but only {max(0, len(lines) - start)} lines follow; "
            "correct the numbers of atoms or add the coordinates"
        )
        raise MaterialError("unreadable", msg)
    if total > MAX_ATOMS:
        raise too_many(name, total)
    places = np.array([_vector(name, lines, index) for index in range(start, start + total)], dtype=np.float64)
    warnings: list[str] = []
    numbers = _elements(name, lines, group, start, warnings)
    structure = CrystalStructure(name, formulas(numbers)[0], lattice, numbers, places, warnings=tuple(warnings))
    check_structure(structure)
    # VASP scales vectors and Cartesian positions alike, so that the fractions are those before
    fractions = places @ np.linalg.inv(lattice) if cartesian else places
    with np.errstate(all="ignore"):
        scaled = lattice * (abs(scales[0] / np.linalg.det(lattice)) ** (1 / 3) if scales[0] < 0 else np.array(scales))
    return checked(replace(structure, lattice=scaled, frac_coords=fractions))


def _group(name: str, lines: list[str]) -> _Group:
    """The numbers of atoms and the elements; VASP continues many of them on the following lines."""
    names: list[str] = []
    index = _NAMES
    while index < len(lines) and (words := _words(lines, index)) and not words[0][0].isdecimal():
        # VASP 6 adds the POTCAR and its hash: Ca_sv/0123abc
        names += [word.split("/")[0].split("_")[0] for word in words]
        if len(names) > MAX_ATOMS:
            raise _wrong(name, lines, index, f"at most {MAX_ATOMS} names of elements")
        index += 1
    counts: list[int] = []
    expected = "the number of atoms of each element, whole numbers"
    for line in range(index, index + max(1, index - _NAMES)):
        words = _words(lines, line)
        if not words or not all(_COUNT.fullmatch(word) for word in words):
            raise _wrong(name, lines, line, expected)
        counts += [int(word) for word in words]
    if names and len(names) != len(counts):
        raise _wrong(name, lines, index, f"{expected}, one for each of the {len(names)} names on the line before")
    return _Group(counts, names, index + max(1, index - _NAMES))


def _start(name: str, lines: list[str], index: int) -> tuple[int, bool]:
    """The first line of coordinates, and whether they are Cartesian."""
    words = _words(lines, index)
    if words and words[0][0] in "sS":
        index += 1
        words = _words(lines, index)
    if not words or not words[0][0].isalpha():
        raise _wrong(name, lines, index, "'Direct' or 'Cartesian'")
    return index + 1, words[0][0] in "cCkK"


def _elements(name: str, lines: list[str], group: _Group, start: int, warnings: list[str]) -> NDArray[np.int16]:
    """The atomic number of each atom."""
    total = sum(group.counts)
    names = group.names
    if not names:
        ends = [lines[index].split()[-1] for index in range(start, start + total)]
        # T and F are flags of selective dynamics
        if all(is_element(word) for word in ends) and not set(ends) <= {"T", "F"}:
            return np.array([atomic_number(word, name) for word in ends], dtype=np.int16)
        names = lines[0].split()
        if len(names) != len(group.counts) or not all(is_element(word) for word in names):
            msg = f"{name}: the POSCAR names no elements; write them on the line before the numbers of atoms"
            raise MaterialError("unreadable", msg)
        warnings.append(f"the POSCAR names its elements only in its comment: {' '.join(names)}")
    known = [atomic_number(word, f"{name}: line {_NAMES + 1}") for word in names]
    return np.repeat(np.array(known, dtype=np.int16), group.counts)


def _vector(name: str, lines: list[str], index: int) -> list[float]:
    numbers = _numbers(lines, index)[:3]
    if len(numbers) != 3:
        raise _wrong(name, lines, index, "three numbers")
    return numbers


def _numbers(lines: list[str], index: int) -> list[float]:
    """The numbers that a line begins with; empty if there is no such line."""
    numbers = []
    for word in _GLUED.sub(" -", " ".join(_words(lines, index))).split():
        if not _NUMBER.fullmatch(word):
            break
        # Fortran writes double precision as 1.0D+00
        numbers.append(float(word.lower().replace("d", "e")))
    return numbers


def _words(lines: list[str], index: int) -> list[str]:
    return _COMMENT.sub("", lines[index][:LONGEST_LINE]).split() if index < len(lines) else []


def _wrong(name: str, lines: list[str], index: int, expected: str) -> MaterialError:
    received = repr(shortened(lines[index])) if index < len(lines) else "the end of the file"
    msg = f"{name}: line {index + 1} of the POSCAR is {received}, expected {expected}; correct it or remove it"
    return MaterialError("unreadable", msg)
