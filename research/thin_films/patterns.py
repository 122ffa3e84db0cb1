"""What is learnt from: simulated and measured patterns, each changed at random as Oviedo et al. 2019 change them.

Peaks are scaled by random factors and eliminated in random blocks of the range, and the pattern is shifted. For
simulated patterns that is done to whole peaks before they are drawn, for measured ones to the points of the profile.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from research.thin_films.measured import CLASSES, GRID, RADIATION
from xrdsym.augmentation.compose import apply
from xrdsym.augmentation.parameters import EffectsParams
from xrdsym.augmentation.peak_changes import ELIMINATED_BLOCKS, in_blocks
from xrdsym.augmentation.setting import Setting
from xrdsym.common.progress import progress_bar
from xrdsym.encoding.profile import normalised

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xrdsym.crystal.structure_table import CrystalStructure

SETTING = Setting(RADIATION, GRID.two_theta_max, GRID, 1.0)
"""The instrument's peaks are 0.118° wide at half of their height."""
LARGEST_SHIFT = 20
"""Points, 1° as published."""
ELIMINATED = 1 / 3
"""Of the blocks."""
FILM_SCALED_BLOCKS = 200
"""Blocks of a measured pattern with one random factor each; simulated ones have half as many."""
SHIFT = LARGEST_SHIFT * GRID.step
EFFECTS = EffectsParams(
    peak_scaling=(0.0, 1.0), peak_elimination=ELIMINATED, zero_shift=(-SHIFT, SHIFT), crystallite_size=(20.0, 100.0)
)
"""The published three, and crystallites of 20 to 100 nm, which give simulated peaks the widths of measured ones."""


@dataclass(frozen=True, eq=False)
class Patterns:
    """Patterns with their classes.

    Attributes:
        profiles: float32 (n, points), 0 to 1.
        labels: Positions in `CLASSES`, int64 (n,).
    """

    profiles: NDArray[np.float32]
    labels: NDArray[np.int64]

    def first(self, count: int) -> Patterns:
        """The first so many of them."""
        return Patterns(self.profiles[:count], self.labels[:count])


def together(first: Patterns, second: Patterns) -> Patterns:
    """All patterns of both."""
    return Patterns(np.concatenate([first.profiles, second.profiles]), np.concatenate([first.labels, second.labels]))


def plain_patterns(structures: Mapping[str, Sequence[CrystalStructure]]) -> Patterns:
    """One pattern of each structure without any effect.

    Args:
        structures: Class to structures.

    Raises:
        SimulationError: A structure has no peaks.
    """
    pairs = [(one, CLASSES.index(name)) for name, members in structures.items() for one in members]
    # without an effect nothing is drawn
    rng = np.random.default_rng(0)
    profiles = [_profile(one, EffectsParams(), rng) for one, _ in pairs]
    return Patterns(np.stack(profiles), np.array([label for _, label in pairs], dtype=np.int64))


def simulated_patterns(
    structures: Mapping[str, Sequence[CrystalStructure]], count: int, rng: np.random.Generator
) -> Patterns:
    """Patterns drawn with effects, of each class equally many on average and of the structures in it, too.

    Args:
        structures: Class to structures, one or more each.
        count: Number of patterns.
        rng: Source of all draws.

    Raises:
        SimulationError: A structure has no peaks.
    """
    labels = rng.integers(0, len(CLASSES), count)
    profiles = []
    for position in progress_bar(labels.tolist(), description="simulated patterns", unit="pattern"):
        members = structures[CLASSES[position]]
        profiles.append(_profile(members[int(rng.integers(len(members)))], EFFECTS, rng))
    return Patterns(np.stack(profiles), labels.astype(np.int64))


def film_patterns(films: Patterns, count: int, rng: np.random.Generator) -> Patterns:
    """Films changed at random, each of them equally often on average.

    Args:
        films: The films that may be learnt from.
        count: Number of patterns.
        rng: Source of all draws.
    """
    rows = rng.integers(0, len(films.labels), count)
    profiles = np.stack([changed(films.profiles[row], rng) for row in rows])
    return Patterns(profiles, films.labels[rows])


def changed(profile: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """A film with its peaks scaled, some eliminated, and all shifted; what is shifted in from outside is zero.

    Args:
        profile: float32 (points,).
        rng: Source of all draws.

    Returns:
        float32 (points,), 0 to 1.
    """
    positions, span = GRID.positions, (GRID.two_theta_min, GRID.two_theta_max)
    scaled = in_blocks(positions, profile.astype(np.float64), rng.random(FILM_SCALED_BLOCKS), span)
    kept = rng.random(ELIMINATED_BLOCKS) >= ELIMINATED
    left = in_blocks(positions, scaled, kept.astype(np.float64), span)
    shift = int(rng.integers(-LARGEST_SHIFT, LARGEST_SHIFT + 1))
    moved = np.interp(np.arange(len(left)) - shift, np.arange(len(left)), left, left=0.0, right=0.0)
    return normalised(moved, "linear").astype(np.float32)


def _profile(structure: CrystalStructure, effects: EffectsParams, rng: np.random.Generator) -> NDArray[np.float32]:
    return normalised(apply(structure, None, effects, SETTING, rng), "linear").astype(np.float32)
