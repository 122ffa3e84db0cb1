"""Space groups in their settings: operations by Hermann-Mauguin symbol, Hall symbol, number, or as listed."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xrdsym.crystal.symmetry import import_spglib

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import gemmi

LARGEST_GROUP = 1536
"""Operations in one cell: 192 of a cubic group, in the eightfold cell of a magnetic one."""

_ORIGINS = {"s": "1", "z": "2", "o1": "1", "o2": "2"}
"""Spellings of the origin choices in the ICSD and in older files."""

_SUFFIX = re.compile(
    r"\s*:\s*(?P<colon>[a-z0-9-]+)$|\s+(?P<blank>[szhr]|o[12])$"
    r"|[\s,;:(]*\borigin(?:\s+choice)?\s*(?P<origin>[12])\s*\)?$|\s+\((?P<number>[12])\)$"
)
_SCREW = re.compile(r"\(([1-5])\)")
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

    def mismatch(self, lattice: NDArray[np.float64]) -> float:
        """How much the operations change lengths and angles of a cell, relatively: 0 where they are its symmetry.

        Args:
            lattice: Lattice vectors as rows, float64 (3, 3).
        """
        metric = lattice @ lattice.T
        edges = np.sqrt(np.diag(metric))
        turned = np.einsum("nji,jk,nkl->nil", self.rotations, metric, self.rotations)
        return float(np.abs((turned - metric) / np.outer(edges, edges)).max())


def settings_by_symbol(symbol: str, code: str | None = None) -> list[Setting]:
    """The settings that a Hermann-Mauguin symbol may mean, standard ones first.

    Args:
        symbol: Short or full, with or without blanks, `_` and the spelling of an origin or of axes: `:2`, `Z`, `:R`.
        code: The file's code of the setting, such as `2` or `b1`.

    Returns:
        All settings of that name; several where the name leaves the origin or the axes open. Empty if it is unknown.
    """
    plain = " ".join(symbol.lower().split())
    match = _SUFFIX.search(plain)
    stated = next((group for group in match.groups() if group), None) if match else None
    plain = plain[: match.start()] if match else plain
    key = _key(plain)
    indices = _indices().get(key)
    if indices is None and key.startswith("h"):
        # the Protein Data Bank writes H 3 for R 3 on hexagonal axes
        indices = _indices().get(f"r{key[1:]}")
    return _of_extension([_setting(index) for index in indices or ()], indices or (), stated or code)


def settings_by_number(number: int, code: str | None = None) -> list[Setting]:
    """The standard setting of a space group: with both origins, both kinds of axes, or each unique axis."""
    table = _table()
    entries = [index for index, entry in enumerate(table) if entry.number == number and index < len(_full_names())]
    if not entries:
        return []
    first = table[entries[0]]
    if code is None and first.qualifier[:1] == "b":
        # cell choice 1 of each unique axis
        entries = [index for index in entries if table[index].qualifier in {"b", "c", "a", "b1", "c1", "a1"}]
    elif code is None:
        entries = [index for index in entries if table[index].hm == first.hm and not table[index].qualifier[1:]]
    return _of_extension([_setting(index) for index in entries], entries, code)


def setting_by_hall(symbol: str) -> Setting | None:
    """The setting of any Hall symbol; None if it is not one."""
    import gemmi

    try:
        # some files write a semicolon between the parts
        group = gemmi.symops_from_hall(symbol.replace(";", " ").strip())
    except (RuntimeError, ValueError):
        return None
    named = gemmi.find_spacegroup_by_ops(group)
    return _from_operations(symbol, list(group), None if named is None else named.number)


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
    if len(parts) != 3 or abs(round(np.linalg.det(rotation))) != 1:
        msg = f"the operation {' '.join(triplet.split())[:60]!r} cannot be read; expected one like 'x, y, z'"
        raise ValueError(msg)
    return rotation, np.mod(translation, 1)


def _fraction(text: str) -> float:
    """A translation; a decimal one, such as 0.3333, is the fraction that it stands for."""
    over, _, under = text.partition("/")
    value = float(over) / (float(under or 1) or 1)
    near = round(value * 24) / 24
    return near if abs(value - near) < 0.002 else value


def _from_operations(name: str, operations: Sequence[gemmi.Op], number: int | None, extension: str = "") -> Setting:
    rotations = np.array([one.rot for one in operations], dtype=np.int64) // 24
    translations = np.array([one.tran for one in operations], dtype=np.float64) / 24
    return Setting(name, number, extension, rotations, np.mod(translations, 1))


@cache
def _setting(index: int) -> Setting:
    entry = _table()[index]
    return _from_operations(entry.xhm(), list(entry.operations()), entry.number, entry.ext.strip("\0"))


def _of_extension(settings: list[Setting], indices: Sequence[int], stated: str | None) -> list[Setting]:
    """The settings with a stated origin or code; all if it is none of theirs, and both axes of a rhombohedral group.

    The cell tells the axes better than a word does.
    """
    if stated is None:
        return settings
    wanted = _ORIGINS.get(stated.lower(), stated.lower())
    origin, axes = (wanted[0], wanted[1:]) if wanted[0] in "12" else (wanted, wanted)
    pairs = list(zip(settings, indices, strict=True))
    pairs = [pair for pair in pairs if pair[0].extension.lower() == origin] or pairs
    pairs = [pair for pair in pairs if _table()[pair[1]].qualifier.lower().lstrip("12") == axes] or pairs
    kept = [setting for setting, _ in pairs]
    return settings if any(setting.extension in {"H", "R"} for setting in settings) else kept


@cache
def _table() -> list[gemmi.SpaceGroup]:
    import gemmi

    return list(gemmi.spacegroup_table())


@cache
def _full_names() -> list[str]:
    """The full symbols of the 530 settings of the International Tables; the table of gemmi begins with the same."""
    spglib = import_spglib()
    return [spglib.get_spacegroup_type(number).international_full for number in range(1, 531)]


@cache
def _indices() -> dict[str, tuple[int, ...]]:
    """Rows of the table by each way of writing their symbols, in the table's order."""
    ranked: tuple[defaultdict[str, list[int]], ...] = (defaultdict(list), defaultdict(list))
    for index, entry in enumerate(_table()):
        for names, spelled in zip(ranked, _spellings(entry, index), strict=True):
            for key in {_key(name) for name in spelled}:
                names[key].append(index)
    # a symbol of today wins against the older spelling of another
    return {key: tuple(rows) for key, rows in (ranked[1] | ranked[0]).items()}


def _spellings(entry: gemmi.SpaceGroup, index: int) -> tuple[list[str], list[str]]:
    """The symbols of a setting, and the older and newer spellings of these."""
    parts = entry.hm.split()
    symbols = [entry.hm]
    if index < len(_full_names()):
        symbols.append(_full_names()[index])
    if 3 <= entry.number <= 15:
        symbols.append(" ".join([parts[0], *(part for part in parts[1:] if part != "1")]))
    others = []
    if entry.number >= 195:
        # before 1983 the bar of m -3 and m -3 m was left out
        others.append(entry.hm.replace("-3", "3"))
    if entry.number in {39, 41, 64, 67, 68}:
        # the double glide planes have their own letter since 1992
        others += [
            " ".join([*parts[:place], "e", *parts[place + 1 :]])
            for place in range(1, 4)
            if parts[place] in {"a", "b", "c"}
        ]
    return symbols, others


def _key(symbol: str) -> str:
    return _SCREW.sub(r"\1", "".join(symbol.lower().split())).replace("_", "").replace("sub", "")
