"""A few crystals whose symmetry is plain from their cells, and one that no stage can use."""

from __future__ import annotations

import numpy as np

from xrdsym.crystal.structure_table import CrystalStructure

CELLS = {
    "cubic": np.diag([4.0, 4.0, 4.0]),
    "tetragonal": np.diag([4.0, 4.0, 5.5]),
    "orthorhombic": np.diag([4.0, 4.7, 5.5]),
    "monoclinic": np.array([[4.0, 0.0, 0.0], [0.0, 4.7, 0.0], [-1.1, 0.0, 5.5]]),
}
SPACE_GROUPS = {"cubic": 221, "tetragonal": 123, "orthorhombic": 47, "monoclinic": 10}


def crystal(name: str, cell: np.ndarray) -> CrystalStructure:
    """Caesium at the corner of a cell, chlorine in the middle: its symmetry is that of its lattice."""
    return CrystalStructure(name, "CsCl", cell, np.array([55, 17], np.int16), np.array([[0.0] * 3, [0.5] * 3]))


def crystals(of_each: int = 3) -> list[CrystalStructure]:
    """As many crystals of each of the four systems, each of its own size: `cubic-0`, `cubic-1`, …"""
    return [
        crystal(f"{system}-{number}", cell * (1 + 0.03 * number))
        for system, cell in CELLS.items()
        for number in range(of_each)
    ]


def huge() -> CrystalStructure:
    """A crystal with too many reflections to be simulated."""
    return crystal("huge", CELLS["cubic"] * 1e7)
