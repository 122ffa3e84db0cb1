"""Labelled inputs of models: images from the folder, or images, profiles or features encoded from peaks on the fly.

Images encoded from peaks have the very pixels of those in the folder. As many inputs as fit a budget stay in memory;
background threads read or encode the others each time they are needed, so that memory stays bounded however many
structures there are.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from xrdsym.common.errors import MaterialError, XrdsymError
from xrdsym.common.parallel import core_count
from xrdsym.common.progress import progress_bar
from xrdsym.common.skips import Skipped
from xrdsym.diffraction.peaks_table import load_peaks, read_skipped
from xrdsym.encoding.rendering.png import read_png

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tqdm import tqdm

    from xrdsym.diffraction.peaks_table import PeakArrays
    from xrdsym.encoding.encoder import InputEncoder

BUDGET = 5 * 2**29
"""Bytes of inputs kept in memory, all parts together: 2.5 GiB, or 97,000 images of 96 pixels a side."""
CHUNK = 256
"""Inputs read or encoded at a time before they are stored."""
WORKERS = min(8, core_count())


class InputSource(Protocol):
    """Makes the input of one material, uint8 (side, side, 3) or float32 (numbers,); called from several threads."""

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of every input."""

    @property
    def dtype(self) -> np.dtype[Any]:
        """Its type."""

    def read(self, material_id: str) -> NDArray[Any]:
        """The input of a material.

        Raises:
            MaterialError: It has none.
        """


@dataclass(frozen=True)
class FolderImages:
    """The images of `data/images`, one folder a crystal system.

    Attributes:
        folder: `data/images`.
        systems: Material to its crystal system.
        side: Pixels along one side.
    """

    folder: Path
    systems: Mapping[str, str]
    side: int
    dtype = np.dtype(np.uint8)

    @property
    def shape(self) -> tuple[int, ...]:
        """See `InputSource`."""
        return (self.side, self.side, 3)

    def read(self, material_id: str) -> NDArray[np.uint8]:
        """See `InputSource`."""
        path = self.folder / self.systems[material_id] / f"{material_id}.png"
        try:
            pixels = read_png(path)
        except XrdsymError as error:
            raise MaterialError("image_unreadable" if path.exists() else "image_missing", str(error)) from error
        if pixels.shape != (self.side, self.side, 3):
            msg = (
                f"{path} has {pixels.shape[1]} x {pixels.shape[0]} pixels, expected {self.side} x {self.side} "
                "as in images.side. Run `dvc repro images` to render it again."
            )
            raise MaterialError("image_size", msg)
        return pixels


class EncodedPeaks:
    """Images, profiles or features, made of the peaks table.

    Args:
        table: `data/peaks.parquet`.
        material_ids: The materials that will be read; some may be without peaks.
        encoder: From peaks to inputs.
        cache: Inputs by material, which is read and extended; None keeps none.

    Attributes:
        shape: See `InputSource`.
        dtype: See `InputSource`.

    Raises:
        XrdsymError: The table is missing or broken, or a material is not in it.
    """

    def __init__(
        self,
        table: Path,
        material_ids: Sequence[str],
        encoder: InputEncoder,
        cache: MutableMapping[str, NDArray[Any]] | None = None,
    ) -> None:
        self._skipped = read_skipped(table)
        self._peaks: PeakArrays = load_peaks(table, [name for name in material_ids if name not in self._skipped])
        self._rows = {name: row for row, name in enumerate(self._peaks.material_ids)}
        self._encoder = encoder
        self._cache = cache
        self.shape, self.dtype = encoder.shape, encoder.dtype

    def read(self, material_id: str) -> NDArray[Any]:
        """See `InputSource`."""
        if self._cache is not None and material_id in self._cache:
            return self._cache[material_id]
        row = self._rows.get(material_id)
        if row is None:
            reason, detail = self._skipped[material_id]
            raise MaterialError(reason, detail)
        peaks, ends = self._peaks, self._peaks.offsets[row : row + 2]
        own = slice(ends[0], ends[1])
        vector = self._encoder.from_peaks(ends - ends[0], peaks.two_theta[own], peaks.intensity[own])
        if not vector.any():
            msg = f"{material_id}: no peak between the angles of `profile`; widen them or leave the structure out"
            raise MaterialError("no_reflection_in_range", msg)
        encoded: NDArray[Any] = self._encoder.inputs(vector)[0]
        if self._cache is not None:
            self._cache[material_id] = encoded
        return encoded


class EpochInputs(Protocol):
    """The inputs of an epoch, which can be read in any order."""

    @property
    def labels(self) -> NDArray[np.int64]:
        """int64 (n,), the class of each input."""

    @property
    def threads(self) -> int:
        """How many threads should read at once."""

    def read(self, positions: NDArray[np.int64]) -> NDArray[Any]:
        """The inputs at these positions, (len(positions), *shape)."""


@dataclass(frozen=True, eq=False)
class LabelledInputs:
    """Inputs with their classes, partly kept in memory; made by `load_inputs`.

    Attributes:
        material_ids: The materials.
        labels: int64 (n,), the class of each.
        kept: uint8 (m, side, side, 3) or float32 (m, numbers): the first m ≤ n inputs.
        source: Makes those that are not kept.
    """

    material_ids: tuple[str, ...]
    labels: NDArray[np.int64]
    kept: NDArray[Any]
    source: InputSource | None

    def __len__(self) -> int:
        """The number of inputs."""
        return len(self.labels)

    @property
    def threads(self) -> int:
        """How many threads should read at once."""
        return 1 if self.source is None else WORKERS

    def read(self, positions: NDArray[np.int64]) -> NDArray[Any]:
        """The inputs at these positions, (len(positions), *shape).

        Raises:
            MaterialError: An image is no longer in the folder.
        """
        if self.source is None:
            return self.kept[positions]
        inputs = np.empty((len(positions), *self.kept.shape[1:]), dtype=self.kept.dtype)
        for place, position in enumerate(positions):
            if position < len(self.kept):
                inputs[place] = self.kept[position]
            else:
                inputs[place] = self.source.read(self.material_ids[position])
        return inputs

    def batches(self, positions: NDArray[np.int64], size: int) -> Iterator[NDArray[Any]]:
        """The inputs at these positions, at most `size` at a time."""
        for start in range(0, len(positions), size):
            yield self.read(positions[start : start + size])


def load_inputs(
    source: InputSource,
    material_ids: Sequence[str],
    labels: NDArray[np.int64],
    budget: int,
) -> tuple[LabelledInputs, list[Skipped]]:
    """Read every input once and keep those that fit into memory.

    Args:
        source: Where the inputs come from.
        material_ids: The materials.
        labels: int64 (n,), the class of each.
        budget: Bytes to keep at most.

    Returns:
        The inputs, and the materials that have none, with the reason.
    """
    fitting = budget // (math.prod(source.shape) * source.dtype.itemsize)
    kept = np.empty((min(len(labels), fitting), *source.shape), dtype=source.dtype)
    usable: list[int] = []
    skipped: list[Skipped] = []

    def read(position: int) -> NDArray[Any] | MaterialError:
        try:
            return source.read(material_ids[position])
        except MaterialError as error:
            return error

    bar: tqdm[None] = progress_bar(total=len(labels), description="inputs")
    with ThreadPoolExecutor(WORKERS) as pool, bar:
        for start in range(0, len(labels), CHUNK):
            chunk = range(start, min(start + CHUNK, len(labels)))
            for position, outcome in zip(chunk, pool.map(read, chunk), strict=True):
                if isinstance(outcome, MaterialError):
                    skipped.append(Skipped(material_ids[position], outcome.reason, str(outcome)))
                    continue
                if len(usable) < len(kept):
                    kept[len(usable)] = outcome
                usable.append(position)
            bar.update(len(chunk))
    kept = kept[: len(usable)]
    inputs = LabelledInputs(
        material_ids=tuple(material_ids[position] for position in usable),
        labels=labels[usable],
        kept=kept,
        source=source if len(kept) < len(usable) else None,
    )
    return inputs, skipped
