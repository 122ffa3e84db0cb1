"""Crystal systems in the order of the paper's table, the space groups of each, and symmetry analysis by spglib."""

from __future__ import annotations

import os
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from xrdsym.common.errors import XrdsymError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


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
        XrdsymError: The number is not a space group.
    """
    for system, last in LAST_SPACE_GROUP.items():
        if 1 <= space_group <= last:
            return system
    msg = f"space group {space_group}: expected a number from 1 to 230"
    raise XrdsymError(msg)


def import_spglib() -> Any:  # noqa: ANN401 - spglib is not typed
    """Import spglib, quiet and raising its errors."""
    # spglib reports its retries on standard error; the result says whether one succeeded
    os.environ.setdefault("SPGLIB_WARNING", "OFF")
    import spglib
    from spglib import error

    # spglib 2 warns on every call unless its errors are raised, as they will be in spglib 3
    error.OLD_ERROR_HANDLING = False
    return spglib


def symmetry_dataset(
    lattice: NDArray[np.float64],
    positions: NDArray[np.float64],
    kinds: NDArray[np.integer],
    symprec: float,
    angle_tolerance: float,
) -> Any | None:  # noqa: ANN401 - spglib's dataset
    """The symmetry of a cell as spglib finds it; pymatgen's `SpacegroupAnalyzer` makes the same call.

    Args:
        lattice: Lattice vectors as rows, float64 (3, 3), Å; finite, with a volume.
        positions: Fractional coordinates of the sites, float64 (n, 3).
        kinds: A number for the content of each site, int (n,).
        symprec: Largest distance between positions that count as equal, Å.
        angle_tolerance: Largest difference between angles that count as equal, degrees; if negative, spglib chooses.

    Returns:
        spglib's dataset, or None if spglib finds no symmetry.
    """
    spglib = import_spglib()
    try:
        return spglib.get_symmetry_dataset((lattice, positions, kinds), symprec, angle_tolerance)
    except spglib.error.SpglibError:
        return None
