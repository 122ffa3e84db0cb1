"""Selection of the simulated structures: halides similar to those of the films."""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from research.thin_films.measured import CLASSES, SPACE_GROUPS
from xrdsym.common.errors import MaterialError, XrdsymError
from xrdsym.common.progress import progress_bar
from xrdsym.crystal.labels import label
from xrdsym.crystal.structure_table import read_structures

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from xrdsym.crystal.structure_table import CrystalStructure

ALKALI = frozenset(("K", "Rb", "Cs"))
HEAVY_HALOGENS = frozenset(("Cl", "Br", "I"))
ORGANIC = frozenset(("H", "C", "N"))
"""Elements of organic cations, for which database entries often lack hydrogen or order."""
SYMPREC, ANGLE_TOLERANCE = 0.01, 5.0
"""Å and degrees: pymatgen's defaults."""
FEWEST = 4
"""Smallest number of structures of a space group; below it, structures with other metals are included."""


@dataclass(frozen=True)
class Family:
    """The formulas of one kind of halide.

    Attributes:
        amounts: Amounts of the elements in the reduced formula, ascending; the last one is the halogen's.
        alkali: Amount of the alkali metal.
        metals: The other metals.
    """

    amounts: tuple[int, ...]
    alkali: int
    metals: frozenset[str]


PEROVSKITES = Family((1, 1, 3), 1, frozenset(("Sn", "Pb")))
LAYERED = Family((2, 3, 9), 3, frozenset(("Sb", "Bi")))
DOUBLE = Family((1, 1, 2, 6), 2, frozenset(("Ag", "Sb", "Bi")))
FAMILIES = MappingProxyType(
    {
        "Fm-3m": DOUBLE,
        "I4/mcm": PEROVSKITES,
        "P2_1/a": LAYERED,
        "P-3m1": LAYERED,
        "P6_3/mmc": LAYERED,
        "Pc": LAYERED,
        "Pm-3m": PEROVSKITES,
    }
)
"""The kind of halide of the films in each class: A₂AgBX₆, ABX₃ or A₃B₂X₉."""


def has_formula(formula: str, family: Family) -> bool:
    """Whether a halide has the amounts of a family, with any metals; organic halides are excluded.

    Args:
        formula: A reduced formula such as `Cs3Bi2Br9`.
        family: The family.
    """
    amounts = _amounts(formula)
    halogen = max(amounts, key=lambda element: amounts[element])
    return (
        tuple(sorted(amounts.values())) == family.amounts
        and halogen in HEAVY_HALOGENS
        and not (amounts.keys() - {halogen}) & (ORGANIC | HEAVY_HALOGENS)
    )


def has_metals(formula: str, family: Family) -> bool:
    """Whether a halide with the amounts of a family also has the metals of the films."""
    amounts = _amounts(formula)
    metals = amounts.keys() - HEAVY_HALOGENS
    return (
        metals - ALKALI <= family.metals
        and [amounts[element] for element in metals & ALKALI] == [family.alkali]
        and ("Ag" in metals) == ("Ag" in family.metals)
    )


def chosen_structures(structures: Iterable[CrystalStructure]) -> dict[str, list[CrystalStructure]]:
    """Select the structures of each class: those of its family and space group with the metals of the films.

    If there are fewer than `FEWEST`, all halides with the same amounts and space group are selected.

    Args:
        structures: The structures to select from.

    Returns:
        Class to structures, in the given order.

    Raises:
        XrdsymError: A class has no structure.
    """
    near: dict[str, list[CrystalStructure]] = {name: [] for name in CLASSES}
    wide: dict[str, list[CrystalStructure]] = {name: [] for name in CLASSES}
    candidates = [
        one for one in structures if any(has_formula(one.formula, family) for family in set(FAMILIES.values()))
    ]
    for structure in progress_bar(candidates, description="structures", unit="structure"):
        name = _class_of(structure)
        if name is not None:
            wide[name].append(structure)
            if has_metals(structure.formula, FAMILIES[name]):
                near[name].append(structure)
    chosen = {name: near[name] if len(near[name]) >= FEWEST else wide[name] for name in CLASSES}
    missing = [name for name in CLASSES if not chosen[name]]
    if missing:
        msg = f"the structures contain no halide of the space groups {', '.join(missing)}; give larger --structures"
        raise XrdsymError(msg)
    return chosen


def read_chosen(tables: Sequence[Path]) -> dict[str, list[CrystalStructure]]:
    """`chosen_structures` of structure tables.

    Raises:
        XrdsymError: A table is missing or broken, or a class has no structure.
    """
    return chosen_structures(structure for table in tables for structure in read_structures(table))


def _amounts(formula: str) -> dict[str, int]:
    parts = re.findall(r"([A-Z][a-z]?)(\d*)", formula)
    return {element: int(amount or 1) for element, amount in parts}


def _class_of(structure: CrystalStructure) -> str | None:
    try:
        number = label(structure, SYMPREC, ANGLE_TOLERANCE).space_group
    except MaterialError:
        return None
    for name, expected in SPACE_GROUPS.items():
        if number == expected and has_formula(structure.formula, FAMILIES[name]):
            return name
    return None
