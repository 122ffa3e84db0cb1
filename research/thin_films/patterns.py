"""Training patterns: simulated and measured ones, augmented as in Oviedo et al. 2019.

Peaks are scaled by random factors, eliminated in random blocks of the range, and shifted. For simulated patterns this
changes peaks before the profile is computed, for measured ones the points of the profile.
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
"""The instrument's peaks have a full width at half maximum of 0.118°."""
LARGEST_SHIFT = 20
"""Points: 1°, as published."""
ELIMINATED = 1 / 3
"""Share of eliminated blocks."""
FILM_SCALED_BLOCKS = 200
"""Blocks of a measured pattern with one random factor each; simulated patterns have half as many."""
SHIFT = LARGEST_SHIFT * GRID.step
EFFECTS = EffectsParams(
    peak_scaling=(0.0, 1.0), peak_elimination=ELIMINATED, zero_shift=(-SHIFT, SHIFT), crystallite_size=(20.0, 100.0)
)
"""The three published effects, and crystallite sizes of 20 to 100 nm, which give peaks the measured widths."""


@dataclass(frozen=True, eq=False)
class Patterns:
    """Patterns with their classes.

    Attributes:
        profiles: float32 (n, points), 0 to 1.
        labels: Indices in `CLASSES`, int64 (n,).
    """

    profiles: NDArray[np.float32]
    labels: NDArray[np.int64]

    def first(self, count: int) -> Patterns:
        """The first `count` patterns."""
        return Patterns(self.profiles[:count], self.labels[:count])


def together(first: Patterns, second: Patterns) -> Patterns:
    """Concatenate two sets of patterns."""
    return Patterns(np.concatenate([first.profiles, second.profiles]), np.concatenate([first.labels, second.labels]))


def plain_patterns(structures: Mapping[str, Sequence[CrystalStructure]]) -> Patterns:
    """Simulate one pattern of each structure without augmentation.

    Args:
        structures: Class to structures.

    Raises:
        SimulationError: A structure has no peaks.
    """
    pairs = [(one, CLASSES.index(name)) for name, members in structures.items() for one in members]
    # without effects nothing is random
    rng = np.random.default_rng(0)
    profiles = [_profile(one, EffectsParams(), rng) for one, _ in pairs]
    return Patterns(np.stack(profiles), np.array([label for _, label in pairs], dtype=np.int64))


def simulated_patterns(
    structures: Mapping[str, Sequence[CrystalStructure]], count: int, rng: np.random.Generator
) -> Patterns:
    """Simulate augmented patterns, on average equally many of each class and of each structure within it.

    Args:
        structures: Class to structures, one or more each.
        count: Number of patterns.
        rng: Random generator.

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
    """Augment films, each of them equally often on average.

    Args:
        films: The films of the training part.
        count: Number of patterns.
        rng: Random generator.
    """
    rows = rng.integers(0, len(films.labels), count)
    profiles = np.stack([augmented(films.profiles[row], rng) for row in rows])
    return Patterns(profiles, films.labels[rows])


def augmented(profile: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Scale the peaks of a film, eliminate some, and shift the film; points from outside the range are zero.

    Args:
        profile: float32 (points,).
        rng: Random generator.

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
