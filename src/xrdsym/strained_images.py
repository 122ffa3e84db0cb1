"""Images of the training structures, strained anew in each epoch, simulated and rendered on the fly."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from xrdsym.diffraction.peaks import SimulationError, simulate_peaks
from xrdsym.diffraction.scattering import wavelength
from xrdsym.diffraction.strain import strained
from xrdsym.drawing import Drawing, drawing_of
from xrdsym.errors import XrdsymError
from xrdsym.inputs import WORKERS, LabelledImages
from xrdsym.labels import with_rotations
from xrdsym.parallel import map_batches
from xrdsym.progress import progress_bar
from xrdsym.structures import CrystalStructure, read_batches

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from xrdsym.params import LabelsParams, Params

ROWS = 250
"""Structures that a process analyses at a time."""


@dataclass(frozen=True, eq=False)
class Strainer:
    """Strains structures, each within its symmetry, and draws their patterns.

    Attributes:
        plain: The training images as they are; their order is the order here.
        structures: The structure of each.
        rotations: The rotations of each one's space group in fractional coordinates, int8 (m, 3, 3).
        drawing: From peaks to what the network takes.
        wavelength: Å.
        two_theta_max: Last angle that is simulated, degrees.
        largest: The largest strain.
        seed: Of all draws, together with the epoch and the position.
    """

    plain: LabelledImages
    structures: tuple[CrystalStructure, ...]
    rotations: tuple[NDArray[np.int8], ...]
    drawing: Drawing
    wavelength: float
    two_theta_max: float
    largest: float
    seed: int

    def in_epoch(self, epoch: int) -> StrainedImages:
        """The images as an epoch, counted from 0, shows them."""
        return StrainedImages(self, epoch)

    def image(self, position: int, epoch: int) -> NDArray[Any]:
        """One image or profile; the plain one where the strained structure has no peak in range."""
        rng = np.random.default_rng([self.seed, epoch, position])
        structure = strained(self.structures[position], self.rotations[position], self.largest, rng)
        try:
            peaks = simulate_peaks(structure, self.wavelength, (0.0, self.two_theta_max))
        except SimulationError:
            return self._plain(position)
        ends = np.array([0, len(peaks.two_theta)], dtype=np.int64)
        vector = self.drawing.profiles(ends, peaks.two_theta, peaks.intensity.astype(np.float32))
        if not vector.any():
            return self._plain(position)
        drawn: NDArray[Any] = self.drawing.inputs(vector)[0]
        return drawn

    def _plain(self, position: int) -> NDArray[Any]:
        drawn: NDArray[Any] = self.plain.read(np.array([position]))[0]
        return drawn


@dataclass(frozen=True, eq=False)
class StrainedImages:
    """The images of one epoch, for `Batches`.

    Attributes:
        strainer: Makes them.
        epoch: From 0.
    """

    strainer: Strainer
    epoch: int
    threads = WORKERS

    @property
    def labels(self) -> NDArray[np.int64]:
        """int64 (n,), the class of each."""
        return self.strainer.plain.labels

    def read(self, positions: NDArray[np.int64]) -> NDArray[Any]:
        """The images at these positions, (len(positions), *shape)."""
        return np.stack([self.strainer.image(int(position), self.epoch) for position in positions])


def load_strainer(structures: Path, plain: LabelledImages, params: Params) -> Strainer:
    """Read the structures of the training images and find the symmetry of each.

    Args:
        structures: `data/structures.parquet`.
        plain: The training images.
        params: Tolerances of the labels, radiation, drawing, strain, seed.

    Raises:
        XrdsymError: The table is missing or broken, or a material is not in it.
    """
    found = dict(_analysed(structures, frozenset(plain.material_ids), params.labels))
    missing = [name for name in plain.material_ids if name not in found]
    if missing:
        msg = (
            f"{structures} lacks {len(missing)} of the materials to train on, {missing[0]} among them, and "
            "effects.strain simulates them again. Run `dvc repro split`, or set effects.strain: 0."
        )
        raise XrdsymError(msg)
    own = [found[name] for name in plain.material_ids]
    return Strainer(
        plain=plain,
        structures=tuple(structure for structure, _ in own),
        rotations=tuple(rotations for _, rotations in own),
        drawing=drawing_of(params),
        wavelength=wavelength(params.peaks.radiation),
        two_theta_max=params.peaks.two_theta_max,
        largest=params.effects.strain,
        seed=params.train.seed,
    )


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
