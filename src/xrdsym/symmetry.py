"""Crystal systems, in the order of the paper's table, and how space groups fall into them."""

from __future__ import annotations

from enum import StrEnum

from xrdsym.errors import XrdsymError


class CrystalSystem(StrEnum):
    """The seven crystal systems; the order of the members is the order of the classes everywhere."""

    CUBIC = "cubic"
    HEXAGONAL = "hexagonal"
    MONOCLINIC = "monoclinic"
    ORTHORHOMBIC = "orthorhombic"
    TETRAGONAL = "tetragonal"
    TRICLINIC = "triclinic"
    TRIGONAL = "trigonal"


CRYSTAL_SYSTEMS: tuple[str, ...] = tuple(system.value for system in CrystalSystem)
"""The names of the seven systems in the order of the classes."""

LAST_SPACE_GROUP = {
    CrystalSystem.TRICLINIC: 2,
    CrystalSystem.MONOCLINIC: 15,
    CrystalSystem.ORTHORHOMBIC: 74,
    CrystalSystem.TETRAGONAL: 142,
    CrystalSystem.TRIGONAL: 167,
    CrystalSystem.HEXAGONAL: 194,
    CrystalSystem.CUBIC: 230,
}
"""The highest space group number of each system (International Tables A), ascending."""


def crystal_system(space_group: int) -> CrystalSystem:
    """The crystal system of a space group.

    Args:
        space_group: International Tables number, 1 to 230.

    Raises:
        XrdsymError: The number is no space group.
    """
    for system, last in LAST_SPACE_GROUP.items():
        if 1 <= space_group <= last:
            return system
    msg = f"space group {space_group}: expected a number from 1 to 230"
    raise XrdsymError(msg)
