"""The peaks table: one row a material, written and read in batches to bound memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from xrdsym.common.errors import XrdsymError
from xrdsym.common.files import atomic_path
from xrdsym.common.parquet import SCHEMA_VERSION, VERSION_KEY, check_schema, reading_parquet
from xrdsym.crystal.material_ids import check_ids
from xrdsym.diffraction.peaks import Peaks, SimulationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

GROUP_ROWS = 1000

SCHEMA = pa.schema(
    [
        ("material_id", pa.string()),
        ("two_theta", pa.list_(pa.float64())),
        ("intensity", pa.list_(pa.float32())),
        ("skipped", pa.string()),
        ("detail", pa.string()),
    ],
    metadata={VERSION_KEY: str(SCHEMA_VERSION)},
)
NUMBER_COLUMNS = ["two_theta.list.element", "intensity.list.element"]


@dataclass(frozen=True, eq=False)
class PeakArrays:
    """The peaks of many materials in concatenated arrays.

    Attributes:
        material_ids: Ids of the n materials.
        offsets: int64 (n + 1,): the peaks of material i are `offsets[i]` to `offsets[i + 1]`.
        two_theta: float64 (peaks,), degrees, ascending within a material.
        intensity: float32 (peaks,), relative to the strongest peak of the material.
    """

    material_ids: list[str]
    offsets: NDArray[np.int64]
    two_theta: NDArray[np.float64]
    intensity: NDArray[np.float32]

    def take(self, rows: NDArray[np.int64]) -> PeakArrays:
        """Select materials by position, int64 (m,), in the given order; a position may occur more than once."""
        if np.array_equal(rows, np.arange(len(self.material_ids))):
            return self
        counts = np.diff(self.offsets)[rows]
        offsets = np.append(0, np.cumsum(counts)).astype(np.int64)
        source = np.arange(offsets[-1]) + np.repeat(self.offsets[rows] - offsets[:-1], counts)
        ids = [self.material_ids[row] for row in rows]
        return PeakArrays(ids, offsets, self.two_theta[source], self.intensity[source])


def write_peaks(path: Path, rows: Iterable[tuple[str, Peaks | SimulationError]]) -> None:
    """Write the peaks table, atomically and in groups of `GROUP_ROWS` rows.

    Args:
        path: The Parquet file.
        rows: The id of each material with its peaks, or with the error that says why it has none.
    """
    group: list[tuple[str, Peaks | SimulationError]] = []
    with (
        atomic_path(path) as temporary,
        pq.ParquetWriter(
            temporary,
            SCHEMA,
            compression="zstd",
            use_dictionary=["skipped"],
            # bytes of equal significance side by side compress better
            use_byte_stream_split=NUMBER_COLUMNS,
        ) as writer,
    ):
        for row in rows:
            group.append(row)
            if len(group) == GROUP_ROWS:
                writer.write_batch(_record_batch(group))
                group.clear()
        if group:
            writer.write_batch(_record_batch(group))


def read_peak_batches(path: Path) -> Iterator[PeakArrays]:
    """Read the materials that have peaks, at most `GROUP_ROWS` at a time, in the order of the table.

    Raises:
        XrdsymError: The file is missing, is not a Parquet file, lacks a column, or has another schema version.
    """
    with _open_table(path) as table, reading_parquet(path):
        for batch in table.iter_batches(GROUP_ROWS, columns=SCHEMA.names[:4]):
            check_ids(path, batch.column("material_id"))
            kept = batch.filter(batch.column("skipped").is_null())
            angles, heights = (pc.list_value_length(kept.column(name)) for name in ("two_theta", "intensity"))
            if angles.null_count or not angles.equals(heights):
                msg = f"{path} has a material without an intensity for each 2θ. Make it again with `dvc repro peaks`."
                raise XrdsymError(msg)
            if kept.num_rows:
                yield _peak_arrays(kept)


def read_skipped(path: Path) -> dict[str, tuple[str, str]]:
    """Read the materials that have no peaks: id → reason and message; errors as for `read_peak_batches`."""
    skipped: dict[str, tuple[str, str]] = {}
    with _open_table(path) as table, reading_parquet(path):
        for batch in table.iter_batches(GROUP_ROWS, columns=["material_id", "skipped", "detail"]):
            kept = batch.filter(batch.column("skipped").is_valid())
            skipped |= {row["material_id"]: (row["skipped"], row["detail"]) for row in kept.to_pylist()}
    return skipped


def load_peaks(path: Path, material_ids: Sequence[str]) -> PeakArrays:
    """Read the peaks of the given materials in the given order.

    Args:
        path: The peaks table; it is read once, a group at a time.
        material_ids: Ids of materials that have peaks; an id may occur more than once.

    Raises:
        XrdsymError: A material is not in the table or was skipped; or as for `read_peak_batches`.
    """
    wanted = set(material_ids)
    rows: dict[str, int] = {}
    lengths: list[NDArray[np.int64]] = []
    two_theta: list[NDArray[np.float64]] = []
    intensity: list[NDArray[np.float32]] = []
    for batch in read_peak_batches(path):
        mask = np.array([name in wanted for name in batch.material_ids])
        for name, keep in zip(batch.material_ids, mask, strict=True):
            if keep:
                rows[name] = len(rows)
        counts = np.diff(batch.offsets)
        every_peak = np.repeat(mask, counts)
        lengths.append(counts[mask])
        two_theta.append(batch.two_theta[every_peak])
        intensity.append(batch.intensity[every_peak])
    missing = [name for name in material_ids if name not in rows]
    if missing:
        msg = (
            f"{path} has no peaks for {len(missing)} of {len(material_ids)} materials, the first is {missing[0]}. "
            "Run `dvc repro peaks` to simulate them; the column `skipped` of the table says why a material has none."
        )
        raise XrdsymError(msg)
    if not rows:
        return PeakArrays([], np.zeros(1, np.int64), np.empty(0), np.empty(0, np.float32))
    stored = PeakArrays(
        list(rows),
        np.append(0, np.cumsum(np.concatenate(lengths))).astype(np.int64),
        np.concatenate(two_theta),
        np.concatenate(intensity),
    )
    return stored.take(np.array([rows[name] for name in material_ids], dtype=np.int64))


def _open_table(path: Path) -> pq.ParquetFile:
    if not path.is_file():
        msg = f"no peaks table at {path}. Run `dvc repro peaks` to make it or `dvc pull` to fetch it."
        raise XrdsymError(msg)
    with reading_parquet(path):
        table = pq.ParquetFile(path)
    check_schema(path, table.schema_arrow, SCHEMA.names)
    wrong = [field.name for field in SCHEMA if table.schema_arrow.field(field.name).type != field.type]
    if wrong:
        msg = f"{path} is not a peaks table: {', '.join(wrong)} has another type. Make it again with `dvc repro peaks`."
        raise XrdsymError(msg)
    return table


def _record_batch(group: Sequence[tuple[str, Peaks | SimulationError]]) -> pa.RecordBatch:
    nothing = np.empty(0)
    peaks = [one if isinstance(one, Peaks) else None for _, one in group]
    errors = [one if isinstance(one, SimulationError) else None for _, one in group]
    offsets = np.append(0, np.cumsum([0 if one is None else len(one.two_theta) for one in peaks])).astype(np.int32)
    two_theta = np.concatenate([nothing if one is None else one.two_theta for one in peaks])
    intensity = np.concatenate([nothing if one is None else one.intensity for one in peaks])
    columns = [
        pa.array([material_id for material_id, _ in group], pa.string()),
        pa.ListArray.from_arrays(offsets, two_theta),
        pa.ListArray.from_arrays(offsets, intensity.astype(np.float32)),
        pa.array([None if error is None else error.reason for error in errors], pa.string()),
        pa.array([None if error is None else str(error) for error in errors], pa.string()),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=SCHEMA)


def _peak_arrays(batch: pa.RecordBatch) -> PeakArrays:
    lists = batch.column("two_theta")
    offsets = lists.offsets.to_numpy().astype(np.int64)
    return PeakArrays(
        batch.column("material_id").to_pylist(),
        offsets - offsets[0],
        lists.flatten().to_numpy(),
        batch.column("intensity").flatten().to_numpy(),
    )
