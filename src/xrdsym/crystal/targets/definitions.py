"""The targets: their classes, and the class of each space group."""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from xrdsym.common.errors import UsageError
from xrdsym.crystal.symmetry import CRYSTAL_SYSTEMS, CrystalSystem, crystal_system

if TYPE_CHECKING:
    from collections.abc import Mapping

DIMENSIONALITY = "dimensionality"
"""The only target that does not follow from the space group; see `xrdsym.crystal.targets.dimensionality`."""

LATTICE_SYSTEMS = ("cubic", "hexagonal", "monoclinic", "orthorhombic", "rhombohedral", "tetragonal", "triclinic")

LAST_OF_POINT_GROUP = {
    "1": 1,
    "-1": 2,
    "2": 5,
    "m": 9,
    "2/m": 15,
    "222": 24,
    "mm2": 46,
    "mmm": 74,
    "4": 80,
    "-4": 82,
    "4/m": 88,
    "422": 98,
    "4mm": 110,
    "-42m": 122,
    "4/mmm": 142,
    "3": 146,
    "-3": 148,
    "32": 155,
    "3m": 161,
    "-3m": 167,
    "6": 173,
    "-6": 174,
    "6/m": 176,
    "622": 182,
    "6mm": 186,
    "-6m2": 190,
    "6/mmm": 194,
    "23": 199,
    "m-3": 206,
    "432": 214,
    "-43m": 220,
    "m-3m": 230,
}
"""The highest space group number of each point group (International Tables A), ascending."""

LAUE_CLASSES = ("-1", "2/m", "mmm", "4/m", "4/mmm", "-3", "-3m", "6/m", "6/mmm", "m-3", "m-3m")
"""The point groups with an inversion centre, each the last one of its Laue class."""

BRAVAIS_LATTICES = ("aP", "mP", "mS", "oP", "oS", "oF", "oI", "tP", "tI", "hR", "hP", "cP", "cF", "cI")
"""The Pearson symbols; S stands for A, B and C (de Wolff et al., Acta Cryst. A41, 278 (1985))."""

FAMILY_LETTERS = {
    CrystalSystem.TRICLINIC: "a",
    CrystalSystem.MONOCLINIC: "m",
    CrystalSystem.ORTHORHOMBIC: "o",
    CrystalSystem.TETRAGONAL: "t",
    CrystalSystem.TRIGONAL: "h",
    CrystalSystem.HEXAGONAL: "h",
    CrystalSystem.CUBIC: "c",
}


def target_classes(target: str) -> tuple[str, ...]:
    """The names of the classes of a target, in the order of a model's probabilities.

    Args:
        target: One of `TARGETS`.

    Raises:
        UsageError: There is no such target.
    """
    if target not in TARGETS:
        near = difflib.get_close_matches(target, TARGETS, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        msg = f"target {target!r}: expected one of {', '.join(TARGETS)}{hint}"
        raise UsageError(msg)
    return TARGETS[target].classes()


def target_of(target: str, space_group: int) -> str:
    """The class of a space group for a target.

    Args:
        target: One of `TARGETS` other than `dimensionality`.
        space_group: International Tables number, 1 to 230.

    Raises:
        UsageError: There is no such target, or it does not follow from the space group.
        XrdsymError: The number is not a space group.
    """
    target_classes(target)
    classes = _classes_of_groups(target)
    if not classes:
        msg = f"target {target!r} does not follow from the space group; it is computed from the structure's bonds"
        raise UsageError(msg)
    # raises if the number is not a space group
    crystal_system(space_group)
    return classes[space_group - 1]


def space_group_of(symbol: str) -> int:
    """The International Tables number of a class of the target `space_group`, such as "Fd-3m".

    Raises:
        UsageError: The symbol is not one of the 230, which are in their reference settings.
    """
    symbols = target_classes("space_group")
    if symbol not in symbols:
        near = difflib.get_close_matches(symbol, symbols, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        msg = f"space group {symbol!r}: expected a short Hermann-Mauguin symbol such as P2_1/c or Fd-3m{hint}"
        raise UsageError(msg)
    return symbols.index(symbol) + 1


@cache
def _table() -> dict[str, Any]:
    text = resources.files("xrdsym.crystal.targets").joinpath("space_groups.json").read_text(encoding="utf-8")
    table: dict[str, Any] = json.loads(text)
    return table


@cache
def _classes_of_groups(target: str) -> tuple[str, ...]:
    """The class of each of the 230 space groups, in the order of their numbers; empty where none follows."""
    rule = TARGETS[target].of_space_group
    return () if rule is None else tuple(rule(number) for number in range(1, 231))


def _stored(name: str) -> tuple[Callable[[], tuple[str, ...]], Callable[[int], str]]:
    """The classes of a target that `space_groups.json` holds, and the rule that looks a space group up."""

    @cache
    def by_number() -> dict[int, str]:
        return {number: label for label, numbers in _table()[name].items() for number in numbers}

    return lambda: tuple(_table()[name]), lambda number: by_number()[number]


def _symbol(space_group: int) -> str:
    return str(_table()["symbols"][space_group - 1])


def _point_group(space_group: int) -> str:
    return next(name for name, last in LAST_OF_POINT_GROUP.items() if space_group <= last)


def _laue_class(space_group: int) -> str:
    return next(name for name in LAUE_CLASSES if space_group <= LAST_OF_POINT_GROUP[name])


def _bravais_lattice(space_group: int) -> str:
    centring = _symbol(space_group)[0]
    return FAMILY_LETTERS[crystal_system(space_group)] + ("S" if centring in "ABC" else centring)


def _lattice_system(space_group: int) -> str:
    system = crystal_system(space_group)
    if system is CrystalSystem.TRIGONAL:
        return "rhombohedral" if _symbol(space_group).startswith("R") else "hexagonal"
    return system.value


@dataclass(frozen=True)
class Target:
    """What can be predicted.

    Attributes:
        classes: Gives the names of the classes, in the order of a model's probabilities.
        of_space_group: Gives the class of a space group, by its International Tables number; None where the class does
            not follow from the space group.
    """

    classes: Callable[[], tuple[str, ...]]
    of_space_group: Callable[[int], str] | None


TARGETS = MappingProxyType(
    {
        "crystal_system": Target(lambda: CRYSTAL_SYSTEMS, lambda number: crystal_system(number).value),
        "lattice_system": Target(lambda: LATTICE_SYSTEMS, _lattice_system),
        "laue_class": Target(lambda: LAUE_CLASSES, _laue_class),
        "point_group": Target(lambda: tuple(LAST_OF_POINT_GROUP), _point_group),
        "bravais_lattice": Target(lambda: BRAVAIS_LATTICES, _bravais_lattice),
        "space_group": Target(lambda: tuple(_table()["symbols"]), _symbol),
        # a powder shows absent reflections, without the order of orthorhombic axes, and the crystal family
        "extinction_group": Target(*_stored("extinction_group")),
        # the same with the crystal system, as counted by Park et al., IUCrJ 4, 486 (2017)
        "extinction_group_park": Target(*_stored("extinction_group_park")),
        DIMENSIONALITY: Target(lambda: ("0D", "1D", "2D", "3D"), None),
    }
)
"""Every target by its name, as `target.name` in `params.yaml` has it."""


@cache
def systems_of(target: str) -> Mapping[str, str] | None:
    """The crystal system of each class of a target, if it follows from the class.

    It does not follow from a hexagonal lattice, for instance, which trigonal crystals can have as well.

    Returns:
        Class to crystal system; None if a class contains more than one crystal system.

    Raises:
        UsageError: There is no such target.
    """
    names = target_classes(target)
    groups = _classes_of_groups(target)
    if not groups:
        return None
    pairs = {(name, crystal_system(number).value) for number, name in enumerate(groups, start=1)}
    systems = dict(pairs)
    return MappingProxyType({name: systems[name] for name in names}) if len(pairs) == len(names) else None
