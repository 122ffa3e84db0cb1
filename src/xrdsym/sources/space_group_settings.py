"""Space groups in their settings, by Hermann-Mauguin symbol, Hall symbol or number."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from xrdsym.crystal.symmetry import import_spglib
from xrdsym.sources.operations import Setting

if TYPE_CHECKING:
    from collections.abc import Sequence

    import gemmi

LONGEST_SYMBOL = 100
"""Characters; Hall symbols with a change of basis are the longest."""

_ORIGINS = {"s": "1", "z": "2", "o1": "1", "o2": "2"}
"""Spellings of the origin choices in the ICSD and in older files."""

_ATTACHED = {"s", "z", "h", "r"}

_SUFFIX = re.compile(
    r"\s*:\s*(?P<colon>[a-z0-9-]+)$|\s+(?P<blank>[szhr]|o[12])$"
    r"|[\s,;:(]*\borigin(?:\s+choice)?\s*(?P<origin>[12])\s*\)?$|\s+\((?P<number>[12])\)$"
)
_SCREW = re.compile(r"\(([1-5])\)")


def settings_by_symbol(symbol: str, code: str | None = None) -> list[Setting]:
    """The settings that a Hermann-Mauguin symbol may mean, standard ones first.

    Args:
        symbol: Short or full, with or without blanks, `_` and the spelling of an origin or of axes: `:2`, `Z`, `:R`.
        code: The file's code of the setting, such as `2` or `b1`.

    Returns:
        All settings of that name; several where the name leaves the origin or the axes open. Empty if it is unknown.
    """
    if len(symbol) > LONGEST_SYMBOL:
        return []
    plain = " ".join(symbol.lower().split())
    match = _SUFFIX.search(plain)
    stated = next((group for group in match.groups() if group), None) if match else None
    plain = plain[: match.start()] if match else plain
    key = _key(plain)
    indices = _indices().get(key)
    if indices is None and stated is None and key[-1:] in _ATTACHED:
        # P42/nmcZ, without a blank
        key, stated = key[:-1], key[-1]
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

    if len(symbol) > LONGEST_SYMBOL:
        return None
    try:
        # some files write a semicolon between the parts
        group = gemmi.symops_from_hall(symbol.replace(";", " ").strip())
    except (RuntimeError, ValueError):
        return None
    named = gemmi.find_spacegroup_by_ops(group)
    return _from_operations(symbol, list(group), None if named is None else named.number)


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
