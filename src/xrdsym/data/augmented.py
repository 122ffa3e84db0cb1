"""Patterns of the training structures with all effects drawn anew in each epoch, simulated and rendered on the fly."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from xrdsym.augmentation.compose import apply
from xrdsym.augmentation.parameters import EffectsParams
from xrdsym.augmentation.setting import Setting
from xrdsym.common.errors import XrdsymError
from xrdsym.common.parallel import map_batches
from xrdsym.common.progress import progress_bar
from xrdsym.crystal.labels import with_rotations
from xrdsym.crystal.structure_table import CrystalStructure, read_batches
from xrdsym.data.datasets import WORKERS, LabelledInputs
from xrdsym.diffraction.peaks import SimulationError
from xrdsym.diffraction.profile_grid import ProfileGrid
from xrdsym.encoding.encoder import InputEncoder, encoder_of
from xrdsym.measured.preprocessing import without_background

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from xrdsym.config.schema import LabelsParams, Params
    from xrdsym.encoding.recipe import Recipe

EVALUATION_EPOCH = 2**31
"""Stands for the number of the epoch in what a model is judged by, which no epoch of training shows."""
ROWS = 250
"""Structures that a process analyses at a time."""


@dataclass(frozen=True, eq=False)
class AugmentedDataset:
    """Draws the patterns of structures with what an instrument and a sample add.

    Attributes:
        plain: The training images as they are; their order is the order here.
        structures: The structure of each.
        rotations: The rotations of each one's space group in fractional coordinates, int8 (m, 3, 3); None where no
            effect needs them.
        encoder: From profiles to what the network takes.
        setting: Radiation and points: even angles where the pattern goes the way of a measured one.
        effects: What is drawn.
        seed: Of all draws, together with the epoch and the position.
    """

    plain: LabelledInputs
    structures: tuple[CrystalStructure, ...]
    rotations: tuple[NDArray[np.int8] | None, ...]
    encoder: InputEncoder
    setting: Setting
    effects: EffectsParams
    seed: int

    def in_epoch(self, epoch: int) -> AugmentedEpoch:
        """The images as an epoch, counted from 0, shows them."""
        return AugmentedEpoch(self, epoch)

    def profile(self, position: int, epoch: int) -> NDArray[np.float32] | None:
        """One profile, float32 (points,), in [0, 1]; None where no peak is left in range."""
        # one draw for each material that is judged, whatever is judged beside it
        place = crc32(self.plain.material_ids[position].encode()) if epoch == EVALUATION_EPOCH else position
        rng = np.random.default_rng([self.seed, epoch, place])
        structure, rotations = self.structures[position], self.rotations[position]
        try:
            values = apply(structure, rotations, self.effects, self.setting, rng)
        except SimulationError:
            return None
        grid = self.encoder.grid
        if _as_scan(self.effects, grid):
            values = without_background(self.setting.grid.positions, values, grid)
        return self.encoder.scaled(values) if values.any() else None

    def image(self, position: int, epoch: int) -> NDArray[Any]:
        """One image or profile; the plain one where no peak is left in range."""
        vector = self.profile(position, epoch)
        found = self.plain.read(np.array([position])) if vector is None else self.encoder.inputs(vector[None])
        drawn: NDArray[Any] = found[0]
        return drawn


@dataclass(frozen=True, eq=False)
class AugmentedEpoch:
    """The images of one epoch, for `Batches`.

    Attributes:
        drawn: Makes them.
        epoch: From 0.
    """

    drawn: AugmentedDataset
    epoch: int
    threads = WORKERS

    @property
    def labels(self) -> NDArray[np.int64]:
        """int64 (n,), the class of each."""
        return self.drawn.plain.labels

    def read(self, positions: NDArray[np.int64]) -> NDArray[Any]:
        """The images at these positions, (len(positions), *shape)."""
        return np.stack([self.drawn.image(int(position), self.epoch) for position in positions])


def augmented_profiles_once(drawn: AugmentedDataset) -> NDArray[np.float32]:
    """The profiles drawn with the effects one time, which a model is judged by.

    Returns:
        float32 (n, points); a row of zeros where no peak is left in range.
    """
    count = len(drawn.plain)
    profiles = np.zeros((count, drawn.encoder.grid.points), dtype=np.float32)

    def fill(first: int) -> int:
        rows = range(first, min(first + ROWS, count))
        for row in rows:
            found = drawn.profile(row, EVALUATION_EPOCH)
            if found is not None:
                profiles[row] = found
        return len(rows)

    with ThreadPoolExecutor(WORKERS) as pool, progress_bar(total=count, description="effects", unit="pattern") as bar:
        for done in pool.map(fill, range(0, count, ROWS)):
            bar.update(done)
    return profiles


def augmented_once(drawn: AugmentedDataset) -> LabelledInputs:
    """The images of `augmented_profiles_once`, in memory; the plain ones where no peak is left in range."""
    profiles = augmented_profiles_once(drawn)
    kept = np.empty((len(profiles), *drawn.encoder.shape), dtype=drawn.encoder.dtype)
    for first in range(0, len(profiles), ROWS):
        kept[first : first + ROWS] = drawn.encoder.inputs(profiles[first : first + ROWS])
    blank = np.flatnonzero(~profiles.any(axis=1))
    kept[blank] = drawn.plain.read(blank)
    return LabelledInputs(drawn.plain.material_ids, drawn.plain.labels, kept, None)


def load_augmented(structures: Path, plain: LabelledInputs, params: Params | Recipe) -> AugmentedDataset:
    """Read the structures of images, and for strain find the symmetry of each.

    Args:
        structures: `data/structures.parquet`.
        plain: The images as they are.
        params: Tolerances of the labels, radiation, encoder, effects, seed.

    Raises:
        XrdsymError: The table is missing or broken, or a material is not in it.
    """
    wanted = frozenset(plain.material_ids)
    found = dict(
        _analysed(structures, wanted, params.labels) if params.effects.need_symmetry else _read(structures, wanted)
    )
    missing = [name for name in plain.material_ids if name not in found]
    if missing:
        msg = (
            f"{structures} lacks {len(missing)} of the materials wanted, {missing[0]} among them, and the effects "
            f"({', '.join(params.effects.on)}) simulate them again. Run `dvc repro split`, or turn all effects off."
        )
        raise XrdsymError(msg)
    return _augmented_dataset(plain, [found[name] for name in plain.material_ids], params)


def augmented_profiles(structures: Sequence[CrystalStructure], recipe: Recipe) -> list[NDArray[np.float32] | None]:
    """The profiles of structures as a model is judged by them where its recipe draws the effects for that, too.

    Args:
        structures: Structures that have labels.
        recipe: The model's.

    Returns:
        What `augmented_profiles_once` makes of each, None where no peak is left in range.
    """
    names = tuple(one.material_id for one in structures)
    plain = LabelledInputs(names, np.zeros(len(names), dtype=np.int64), np.zeros((0, 1)), None)
    tolerances = recipe.labels
    own: Sequence[tuple[CrystalStructure, NDArray[np.int8] | None]] = (
        with_rotations(list(structures), tolerances.symprec, tolerances.angle_tolerance)
        if recipe.effects.need_symmetry
        else [(one, None) for one in structures]
    )
    drawn = _augmented_dataset(plain, own, recipe)
    return [drawn.profile(position, EVALUATION_EPOCH) for position in range(len(names))]


def _augmented_dataset(
    plain: LabelledInputs,
    own: Sequence[tuple[CrystalStructure, NDArray[np.int8] | None]],
    params: Params | Recipe,
) -> AugmentedDataset:
    setting = _setting_of(params)
    if _as_scan(params.effects, setting.grid):
        setting = dataclasses.replace(setting, grid=dataclasses.replace(setting.grid, axis="two_theta"))
    return AugmentedDataset(
        plain=plain,
        structures=tuple(structure for structure, _ in own),
        rotations=tuple(rotations for _, rotations in own),
        encoder=encoder_of(params),
        setting=setting,
        effects=params.effects,
        seed=params.train.seed,
    )


def _setting_of(params: Params | Recipe) -> Setting:
    """The setting that `params.yaml`, or a model's recipe, describes."""
    return Setting(params.peaks.radiation, params.peaks.two_theta_max, params.profile.grid, params.profile.sigma)


def _as_scan(effects: EffectsParams, grid: ProfileGrid) -> bool:
    """Whether a pattern goes the way that prediction takes a measured one.

    No network with a first peak at one place takes a measured pattern.
    """
    return effects.below_peaks and grid.axis != "ln_q_ratio"


def _read(table: Path, wanted: frozenset[str]) -> Iterator[tuple[str, tuple[CrystalStructure, None]]]:
    """Each wanted structure that is in the table."""
    for batch in read_batches(table):
        yield from ((one.material_id, (one, None)) for one in batch if one.material_id in wanted)


def _analysed(
    table: Path, wanted: frozenset[str], labels: LabelsParams
) -> Iterator[tuple[str, tuple[CrystalStructure, NDArray[np.int8]]]]:
    """Each wanted structure that is in the table, with its rotations."""
    analyse = partial(with_rotations, symprec=labels.symprec, angle_tolerance=labels.angle_tolerance)
    batches = ([one for one in batch if one.material_id in wanted] for batch in read_batches(table, ROWS))
    with progress_bar(total=len(wanted), description="symmetry", unit="structure") as bar:
        for batch in map_batches(analyse, batches):
            for structure, rotations in batch:
                yield structure.material_id, (structure, rotations)
            bar.update(len(batch))
