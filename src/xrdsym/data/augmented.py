"""Training patterns with other augmentation effects in each epoch, simulated and encoded on the fly."""

from __future__ import annotations

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
from xrdsym.encoding.encoder import InputEncoder, encoder_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from xrdsym.config.schema import LabelsParams, Params
    from xrdsym.encoding.recipe import Recipe

EVALUATION_EPOCH = 2**31
"""Stands for the number of the epoch in evaluation; no training gets so far."""
ROWS = 250
"""Structures that a process analyses at a time."""


def evaluated_with_augmentation(params: Params | Recipe) -> bool:
    """Whether a model is evaluated on augmented patterns."""
    return params.effects.in_evaluation and bool(params.effects.on)


@dataclass(frozen=True, eq=False)
class AugmentedDataset:
    """The patterns of structures with what an instrument and a sample add.

    Attributes:
        plain: The same inputs without effects, in the same order.
        structures: The structure of each.
        rotations: The rotations of each one's space group in fractional coordinates, int8 (m, 3, 3); None where no
            effect needs them.
        encoder: From patterns to inputs.
        setting: What the patterns are simulated with.
        effects: The effects, and the ranges of their random values.
        as_scan: Whether the background is removed as from a scan.
        seed: Of all random values, together with the epoch and the position.
    """

    plain: LabelledInputs
    structures: tuple[CrystalStructure, ...]
    rotations: tuple[NDArray[np.int8] | None, ...]
    encoder: InputEncoder
    setting: Setting
    effects: EffectsParams
    as_scan: bool
    seed: int

    def in_epoch(self, epoch: int) -> AugmentedEpoch:
        """The inputs of one epoch, counted from 0."""
        return AugmentedEpoch(self, epoch)

    def profile(self, position: int, epoch: int) -> NDArray[np.float32] | None:
        """One profile, float32 (points,), in [0, 1]; None where no peak is left in range."""
        # in evaluation the effects of a material do not depend on which others are evaluated
        place = crc32(self.plain.material_ids[position].encode()) if epoch == EVALUATION_EPOCH else position
        rng = np.random.default_rng([self.seed, epoch, place])
        structure, rotations = self.structures[position], self.rotations[position]
        try:
            values = apply(structure, rotations, self.effects, self.setting, rng)
        except SimulationError:
            return None
        vector = self.encoder.from_intensities(values, as_scan=self.as_scan)
        return vector if vector.any() else None

    def input(self, position: int, epoch: int) -> NDArray[Any]:
        """One input; the plain one where no peak is left in range."""
        vector = self.profile(position, epoch)
        inputs = self.plain.read(np.array([position])) if vector is None else self.encoder.inputs(vector[None])
        first: NDArray[Any] = inputs[0]
        return first


@dataclass(frozen=True, eq=False)
class AugmentedEpoch:
    """The inputs of one epoch.

    Attributes:
        dataset: Makes them.
        epoch: From 0.
    """

    dataset: AugmentedDataset
    epoch: int
    threads = WORKERS

    @property
    def labels(self) -> NDArray[np.int64]:
        """int64 (n,), the class of each."""
        return self.dataset.plain.labels

    def read(self, positions: NDArray[np.int64]) -> NDArray[Any]:
        """The inputs at these positions, (len(positions), *shape)."""
        return np.stack([self.dataset.input(int(position), self.epoch) for position in positions])


def evaluation_profiles(dataset: AugmentedDataset) -> NDArray[np.float32]:
    """The profiles on which a model is evaluated.

    Returns:
        float32 (n, points); a row of zeros where no peak is left in range.
    """
    count = len(dataset.plain)
    profiles = np.zeros((count, dataset.encoder.grid.points), dtype=np.float32)

    def fill(first: int) -> int:
        rows = range(first, min(first + ROWS, count))
        for row in rows:
            vector = dataset.profile(row, EVALUATION_EPOCH)
            if vector is not None:
                profiles[row] = vector
        return len(rows)

    with ThreadPoolExecutor(WORKERS) as pool, progress_bar(total=count, description="effects", unit="pattern") as bar:
        for done in pool.map(fill, range(0, count, ROWS)):
            bar.update(done)
    return profiles


def evaluation_inputs(dataset: AugmentedDataset) -> LabelledInputs:
    """The inputs of `evaluation_profiles`, in memory; the plain ones where no peak is left in range."""
    profiles = evaluation_profiles(dataset)
    kept = np.empty((len(profiles), *dataset.encoder.shape), dtype=dataset.encoder.dtype)
    for first in range(0, len(profiles), ROWS):
        kept[first : first + ROWS] = dataset.encoder.inputs(profiles[first : first + ROWS])
    blank = np.flatnonzero(~profiles.any(axis=1))
    kept[blank] = dataset.plain.read(blank)
    return LabelledInputs(dataset.plain.material_ids, dataset.plain.labels, kept, None)


def load_augmented(structures: Path, plain: LabelledInputs, params: Params | Recipe) -> AugmentedDataset:
    """Read the structures of inputs, and for strain find the symmetry of each.

    Args:
        structures: `data/structures.parquet`.
        plain: The inputs without effects.
        params: Tolerances of the labels, radiation, encoder, effects, seed.

    Raises:
        XrdsymError: The table is missing or broken, or a material is not in it.
    """
    wanted = frozenset(plain.material_ids)
    rows = dict(
        _analysed(structures, wanted, params.labels) if params.effects.need_symmetry else _read(structures, wanted)
    )
    missing = [name for name in plain.material_ids if name not in rows]
    if missing:
        msg = (
            f"{structures} lacks {len(missing)} of the materials wanted, {missing[0]} among them, and the effects "
            f"({', '.join(params.effects.on)}) simulate them again. Run `dvc repro split`, or turn all effects off."
        )
        raise XrdsymError(msg)
    return _augmented_dataset(plain, [rows[name] for name in plain.material_ids], params)


def structure_profiles(structures: Sequence[CrystalStructure], recipe: Recipe) -> list[NDArray[np.float32] | None]:
    """The augmented profiles on which a model is evaluated, of structures that are in no table.

    Args:
        structures: Structures that have labels.
        recipe: The model's.

    Returns:
        As `evaluation_profiles`, None where no peak is left in range.
    """
    names = tuple(one.material_id for one in structures)
    plain = LabelledInputs(names, np.zeros(len(names), dtype=np.int64), np.zeros((0, 1)), None)
    tolerances = recipe.labels
    rows: Sequence[tuple[CrystalStructure, NDArray[np.int8] | None]] = (
        with_rotations(list(structures), tolerances.symprec, tolerances.angle_tolerance)
        if recipe.effects.need_symmetry
        else [(one, None) for one in structures]
    )
    dataset = _augmented_dataset(plain, rows, recipe)
    return [dataset.profile(position, EVALUATION_EPOCH) for position in range(len(names))]


def _augmented_dataset(
    plain: LabelledInputs,
    rows: Sequence[tuple[CrystalStructure, NDArray[np.int8] | None]],
    params: Params | Recipe,
) -> AugmentedDataset:
    encoder = encoder_of(params)
    # effects below the peaks are removed as the background of a scan is, where scans are read at all
    as_scan = params.effects.below_peaks and encoder.refusal("measured") is None
    return AugmentedDataset(
        plain=plain,
        structures=tuple(structure for structure, _ in rows),
        rotations=tuple(rotations for _, rotations in rows),
        encoder=encoder,
        setting=Setting(
            params.peaks.radiation, params.peaks.two_theta_max, encoder.simulation_grid(as_scan=as_scan), encoder.sigma
        ),
        effects=params.effects,
        as_scan=as_scan,
        seed=params.train.seed,
    )


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
