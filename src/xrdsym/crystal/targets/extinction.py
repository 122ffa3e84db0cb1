"""Systematic absences of the space groups; `python -m xrdsym.crystal.targets.extinction` writes the table.

The table, `space_groups.json`, is stored beside the code, so training needs no spglib. A test derives it again.
"""

from __future__ import annotations

import json
import re
from functools import cache
from itertools import permutations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from xrdsym.common.files import atomic_path
from xrdsym.crystal.symmetry import CrystalSystem, crystal_system, import_spglib

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

TABLE_PATH = Path(__file__).with_name("space_groups.json")
REACH = 6
"""Indices from -6 to 6: the condition of a 6_1 axis, 00l with l = 6n, has the longest period."""
TRANSLATION_UNIT = 24
"""Every translation in a reference setting is a whole number of 24ths."""
LAST_HALL_NUMBER = 530

Direction = tuple[tuple[int, int, int], tuple[tuple[int, int, int], tuple[int, int, int]]]
H, K, L, HH = (1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 0)
_THREE_DIRECTIONS: tuple[Direction, ...] = ((L, (H, K)), (H, (K, L)), (HH, (HH, L)))
DIRECTIONS: dict[CrystalSystem, tuple[Direction, ...]] = {
    CrystalSystem.TRICLINIC: (),
    CrystalSystem.MONOCLINIC: ((K, (H, L)),),
    CrystalSystem.ORTHORHOMBIC: ((H, (K, L)), (K, (H, L)), (L, (H, K))),
    CrystalSystem.TETRAGONAL: _THREE_DIRECTIONS,
    CrystalSystem.TRIGONAL: _THREE_DIRECTIONS,
    CrystalSystem.HEXAGONAL: _THREE_DIRECTIONS,
    CrystalSystem.CUBIC: ((L, (H, K)), ((1, 1, 1), ((1, -1, 0), (0, 1, -1))), (HH, (HH, L))),
}
"""For each position in the Hermann-Mauguin symbol: the direction of its axis, and two vectors that span the zone of its
plane."""


def crystal_family(space_group: int) -> str:
    """The crystal family of a space group: its crystal system, with trigonal and hexagonal as one.

    Raises:
        XrdsymError: The number is not a space group.
    """
    system = crystal_system(space_group)
    return CrystalSystem.HEXAGONAL.value if system is CrystalSystem.TRIGONAL else system.value


def absent(space_group: int, hkl: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Which reflections are systematically absent in the reference setting of a space group.

    The setting is that of International Tables A: monoclinic with unique axis b and cell choice 1, rhombohedral on
    hexagonal axes, obverse. The origin does not matter. Atoms on special positions can cause more absences.

    Args:
        space_group: International Tables number, 1 to 230.
        hkl: Miller indices, int (n, 3).

    Returns:
        True if an operation of the group maps hkl to itself and shifts its phase, bool (n,).

    Raises:
        XrdsymError: The number is not a space group.
    """
    crystal_system(space_group)
    rotations, translations = _operations(space_group)
    return _absent(rotations, translations, np.asarray(hkl))


def extinction_classes(group: Callable[[int], str]) -> dict[str, list[int]]:
    """Group the space groups that have equal absences, up to the order of orthorhombic axes, and equal `group`.

    Args:
        group: A property that the space groups of one class share. With `crystal_family` there are 97 classes, with
            `crystal_system` the 101 of Park et al., IUCrJ 4, 486 (2017).

    Returns:
        Name to ascending space group numbers. A name is the group and the extinction symbol of the lowest number, such
        as "cubic F d - -".
    """
    classes: dict[tuple[str, bytes], list[int]] = {}
    for number in range(1, 231):
        classes.setdefault((str(group(number)), _absences_in_any_axes(number)), []).append(number)
    return {f"{shared} {extinction_symbol(numbers[0])}": numbers for (shared, _), numbers in classes.items()}


def extinction_symbol(space_group: int) -> str:
    """The extinction symbol of a space group in its reference setting, as in "P 1 2_1/c 1" or "I 4_1/a - -".

    It is the full Hermann-Mauguin symbol with a dash for symmetry elements without a reflection condition of their
    own: rotation axes, mirror planes, and screw axes whose condition follows from the lattice or a glide plane
    (International Tables A, section 1.6.4). The glide letter is that of the Hermann-Mauguin symbol; 4_1 also stands
    for 4_3.

    Raises:
        XrdsymError: The number is not a space group.
    """
    system = crystal_system(space_group)
    lattice, *places = _reference_settings()[space_group].international_full.split()
    if system is CrystalSystem.TRICLINIC:
        return f"{lattice} -"
    if system is CrystalSystem.MONOCLINIC:
        return f"{lattice} 1 {_place(space_group, places[1], DIRECTIONS[system][0])} 1"
    # groups without symmetry along the last directions leave them out
    directions = DIRECTIONS[system][: 2 if lattice == "R" else 3]
    places += ["1"] * (len(directions) - len(places))
    return " ".join([lattice, *(_place(space_group, *one) for one in zip(places, directions, strict=True))])


def derive_table() -> dict[str, Any]:
    """Derive the content of `space_groups.json` from spglib's database.

    Returns:
        `symbols`: the short Hermann-Mauguin symbols of the 230 space groups in order; `extinction_group` and
        `extinction_group_park`: class to space group numbers of these targets.
    """
    return {
        "symbols": [_reference_settings()[number].international_short for number in range(1, 231)],
        "extinction_group": extinction_classes(crystal_family),
        "extinction_group_park": extinction_classes(crystal_system),
    }


def _place(space_group: int, symbol: str, direction: Direction) -> str:
    """The reflection conditions of one position in the Hermann-Mauguin symbol, such as "4_2/n"; "-" if none."""
    axis, (first, second) = direction
    rotations, translations = _operations(space_group)
    traces = rotations.trace(axis1=1, axis2=2)
    lattice = traces == 3
    planes = lattice | ((traces == 1) & (np.linalg.det(rotations) < 0))

    def more_absent(reflections: NDArray[np.integer], chosen: NDArray[np.bool_], rest: NDArray[np.bool_]) -> bool:
        missing, explained = (_absent(rotations[one], translations[one], reflections) for one in (chosen, rest))
        return bool((missing & ~explained).any())

    along = np.outer(np.arange(1, REACH + 1), axis)
    steps = np.arange(1, REACH + 1)
    # without the lines h = k of the zone, where other planes cause absences
    zone = np.array([i * np.array(first) + j * np.array(second) for i in steps for j in steps if i != j])
    screw, glide = re.search(r"\d_\d", symbol), re.search(r"[abcden]", symbol)
    parts = []
    if screw and more_absent(along, np.ones_like(lattice), planes):
        parts.append(screw[0].replace("4_3", "4_1"))
    if glide and more_absent(zone, planes, lattice):
        parts.append(glide[0])
    return "/".join(parts) or "-"


@cache
def _reference_settings() -> dict[int, Any]:
    """Spglib's entry for each space group in the setting that it lists first, the reference setting."""
    spglib = import_spglib()
    settings: dict[int, Any] = {}
    for hall_number in range(1, LAST_HALL_NUMBER + 1):
        setting = spglib.get_spacegroup_type(hall_number)
        settings.setdefault(setting.number, setting)
    return settings


@cache
def _operations(space_group: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rotations, int (n, 3, 3), and translations in 24ths, int (n, 3), of the reference setting."""
    operations = import_spglib().get_symmetry_from_database(_reference_settings()[space_group].hall_number)
    translations = np.rint(operations["translations"] * TRANSLATION_UNIT).astype(np.int64)
    return operations["rotations"].astype(np.int64), translations


def _absent(
    rotations: NDArray[np.int64], translations: NDArray[np.int64], hkl: NDArray[np.integer]
) -> NDArray[np.bool_]:
    missing = np.zeros(len(hkl), dtype=bool)
    for rotation, translation in zip(rotations, translations, strict=True):
        in_place = (hkl @ rotation == hkl).all(axis=1)
        missing |= in_place & (hkl @ translation % TRANSLATION_UNIT != 0)
    return missing


@cache
def _absences_in_any_axes(space_group: int) -> bytes:
    """The absences up to `REACH` as bytes; equal for orthorhombic groups that differ only in the order of axes."""
    indices = np.arange(-REACH, REACH + 1)
    cube = np.stack(np.meshgrid(indices, indices, indices, indexing="ij"), axis=-1)
    missing = absent(space_group, cube.reshape(-1, 3)).reshape(cube.shape[:3])
    if crystal_system(space_group) is not CrystalSystem.ORTHORHOMBIC:
        return missing.tobytes()
    return min(missing.transpose(axes).tobytes() for axes in permutations(range(3)))


def _write_table() -> None:
    """Write `space_groups.json` with one class a line."""
    table = derive_table()
    blocks = []
    for name, content in table.items():
        if isinstance(content, list):
            blocks.append(f"{json.dumps(name)}: {json.dumps(content)}")
            continue
        rows = ",\n".join(f"    {json.dumps(symbol)}: {json.dumps(numbers)}" for symbol, numbers in content.items())
        blocks.append(f"{json.dumps(name)}: {{\n{rows}\n  }}")
    with atomic_path(TABLE_PATH) as temporary:
        temporary.write_text("{\n  " + ",\n  ".join(blocks) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    _write_table()
