"""Films and structures made up for tests: a few peaks of each class on the grid, and a cell of each class."""

from __future__ import annotations

import numpy as np

from research.thin_films.measured import CLASSES, GRID, Films
from xrdsym.crystal.structure_table import CrystalStructure


def made_films(count: int, seed: int, *, telling: bool) -> Films:
    """Films whose peaks tell the class, or, where `telling` is false, films of their own with a class at random."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % len(CLASSES)
    if not telling:
        labels = rng.permutation(labels)
    profiles = np.zeros((count, GRID.points), dtype=np.float32)
    for row, label in enumerate(labels):
        source = np.random.default_rng(label) if telling else rng
        for centre in source.integers(30, GRID.points - 30, 8):
            profiles[row, centre - 4 : centre + 5] += 1 + 0.2 * rng.random(9).astype(np.float32)
    profiles /= profiles.max(axis=1, keepdims=True)
    series = np.array([f"series {row // 3}" for row in range(count)])
    return Films(tuple(f"film {row}" for row in range(count)), labels.astype(np.int64), series, profiles)


def made_structures() -> dict[str, list[CrystalStructure]]:
    """One cubic cell a class, each of another size."""
    return {
        name: [
            CrystalStructure(
                material_id=name,
                formula="CsPbBr3",
                lattice=np.eye(3) * (5.0 + 0.4 * number),
                numbers=np.array([55, 82, 35, 35, 35], dtype=np.int16),
                frac_coords=np.array([[0, 0, 0], [0.5] * 3, [0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]]),
            )
        ]
        for number, name in enumerate(CLASSES)
    }
