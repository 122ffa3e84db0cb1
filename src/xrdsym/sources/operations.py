"""The operations of a space group in one setting, and how files list them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LARGEST_GROUP = 1536
"""Operations in one cell: 192 of a cubic group, in the eightfold cell of a magnetic one."""

FARTHEST = 100
"""Cells that a translation of an operation may cross; a larger number is a mistake."""

_TERM = re.compile(r"[+-]?(?:[xyz]|\d+(?:\.\d*)?(?:/\d+)?|\.\d+)")


@dataclass(frozen=True)
class Setting:
    """The operations of a space group in one setting.

    Attributes:
        name: How it is called in messages.
        number: International Tables number; None where only the operations are known.
        extension: `1` or `2` (origin choice), `H` or `R` (axes), or empty.
        rotations: int (m, 3, 3), acting on columns of fractional coordinates.
        translations: float64 (m, 3).
    """

    name: str
    number: int | None
    extension: str
    rotations: NDArray[np.int64]
    translations: NDArray[np.float64]

    def same_operations(self, other: Setting) -> bool:
        """Whether another setting has the same operations."""
        own, others = (np.sort(_codes(one.rotations, one.translations)) for one in (self, other))
        return np.array_equal(own, others)

    def mismatch(self, lattice: NDArray[np.float64]) -> float:
        """How much the operations change lengths and angles of a cell, relatively: 0 where they are its symmetry.

        Args:
            lattice: Lattice vectors as rows, float64 (3, 3).
        """
        metric = lattice @ lattice.T
        edges = np.sqrt(np.diag(metric))
        turned = np.einsum("nji,jk,nkl->nil", self.rotations, metric, self.rotations)
        return float(np.abs((turned - metric) / np.outer(edges, edges)).max())


def setting_by_triplets(triplets: Sequence[str], name: str, *, closed: bool = True) -> Setting:
    """The setting of listed operations such as `-x, y+1/2, -z`; a time reversal (`x,y,z,-1`) is left out.

    Args:
        triplets: The operations; the identity is added where it is not among them.
        name: How messages call them.
        closed: Whether they are all operations of a group; those of a magnetic CIF are completed by its centerings.

    Raises:
        ValueError: One cannot be read, there are too many, or they are not a group; the text says which.
    """
    _check_number(len(triplets))
    setting = _distinct([(np.eye(3, dtype=np.int64), np.zeros(3)), *map(_parsed, triplets)], name)
    if closed:
        _check_group(setting)
    return setting


def combined(setting: Setting, centering: Setting) -> Setting:
    """The operations of a group together with its centering translations, as magnetic CIFs list them apart.

    Raises:
        ValueError: Together they are not a group.
    """
    whole = _distinct(
        (
            (rotation, translation + shift)
            for shift in centering.translations
            for rotation, translation in zip(setting.rotations, setting.translations, strict=True)
        ),
        setting.name,
    )
    _check_group(whole)
    return whole


def _check_number(count: int) -> None:
    if count > LARGEST_GROUP:
        msg = f"{count} operations, more than any space group has"
        raise ValueError(msg)


def _check_group(setting: Setting) -> None:
    count = len(setting.rotations)
    _check_number(count)
    known = _codes(setting.rotations, setting.translations)
    for rotation, translation in zip(setting.rotations, setting.translations, strict=True):
        products = _codes(rotation @ setting.rotations, setting.translations @ rotation.T + translation)
        if not np.isin(products, known).all():
            msg = f"the {count} operations are not a group: some are missing, or one is wrong"
            raise ValueError(msg)


def _codes(rotations: NDArray[np.int64], translations: NDArray[np.float64]) -> NDArray[np.int64]:
    """One whole number for each operation; translations in steps of 1/840, elements of a rotation up to 4."""
    steps = np.rint(np.mod(translations, 1) * 840).astype(np.int64) % 840
    turns = np.clip(rotations.reshape(len(rotations), 9), -4, 4) + 4
    code = np.zeros(len(rotations), dtype=np.int64)
    for digit in turns.T:
        code = code * 9 + digit
    for digit in steps.T:
        code = code * 840 + digit
    return code


def _distinct(pairs: Iterable[tuple[NDArray[np.int64], NDArray[np.float64]]], name: str) -> Setting:
    """The setting of operations of which some may be equal."""
    listed = list(pairs)
    rotations = np.array([rotation for rotation, _ in listed])
    translations = np.array([translation for _, translation in listed])
    _, first = np.unique(_codes(rotations, translations), return_index=True)
    kept = np.sort(first)
    return Setting(name, 1 if len(kept) == 1 else None, "", rotations[kept], translations[kept])


def _parsed(triplet: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    parts = "".join(triplet.lower().split()).split(",")
    if len(parts) == 4 and parts[3] in {"+1", "-1", "1"}:
        parts = parts[:3]
    rotation, translation = np.zeros((3, 3), dtype=np.int64), np.zeros(3)
    for row, part in enumerate(parts[:3]):
        terms = _TERM.findall(part)
        if not part or "".join(terms) != part or not all(term.startswith(("+", "-")) for term in terms[1:]):
            parts = []
            break
        for term in terms:
            sign = -1 if term.startswith("-") else 1
            bare = term.lstrip("+-")
            if bare in "xyz":
                rotation[row, "xyz".index(bare)] += sign
            else:
                translation[row] += sign * _fraction(bare)
    if len(parts) != 3 or np.abs(translation).max() > FARTHEST or abs(round(np.linalg.det(rotation))) != 1:
        msg = f"the operation {' '.join(triplet.split())[:60]!r} cannot be read; expected one like 'x, y, z'"
        raise ValueError(msg)
    return rotation, np.mod(translation, 1)


def _fraction(text: str) -> float:
    """A translation; a decimal one, such as 0.3333, is the fraction that it stands for."""
    over, _, under = text.partition("/")
    value = float(over) / (float(under or 1) or 1)
    if value > FARTHEST:
        return value
    near = round(value * 24) / 24
    return near if abs(value - near) < 0.002 else value
