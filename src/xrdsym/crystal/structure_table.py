"""The structure table: one row a material, read and written in batches so that memory stays bounded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from xrdsym.common.errors import MaterialError, XrdsymError
from xrdsym.common.files import atomic_path
from xrdsym.common.parquet import SCHEMA_VERSION, VERSION_KEY, check_schema, reading_parquet
from xrdsym.crystal.formula import formulas

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from pymatgen.core import Structure

BATCH_ROWS = 1000

SCHEMA = pa.schema(
    [
        ("material_id", pa.string()),
        ("formula", pa.string()),
        ("lattice", pa.list_(pa.float64())),
        ("numbers", pa.list_(pa.int16())),
        ("frac_coords", pa.list_(pa.float32())),
        ("occupancies", pa.list_(pa.float32())),
        ("parent", pa.string()),
    ],
    metadata={VERSION_KEY: str(SCHEMA_VERSION)},
)
REQUIRED_COLUMNS = ("material_id", "formula", "lattice", "numbers", "frac_coords")


@dataclass(frozen=True, eq=False)
class CrystalStructure:
    """One structure, as a row of the table.

    Attributes:
        material_id: Unique name of the material; also the name of its image file.
        formula: Reduced formula.
        lattice: Lattice vectors a, b, c as rows, float64 (3, 3), Å.
        numbers: Atomic number of each entry, int16 (n,).
        frac_coords: Fractional coordinates, float64 (n, 3).
        occupancies: Occupancy of each entry, float64 (n,), or None if all are 1. Entries at one position form
            one site.
        parent: The prototype that the structure was derived from, or None.
        warnings: What the reader of its file supposed; not stored in the table.
    """

    material_id: str
    formula: str
    lattice: NDArray[np.float64]
    numbers: NDArray[np.int16]
    frac_coords: NDArray[np.float64]
    occupancies: NDArray[np.float64] | None = None
    parent: str | None = None
    warnings: tuple[str, ...] = ()


def from_pymatgen(structure: Structure, material_id: str, parent: str | None = None) -> CrystalStructure:
    """Convert a pymatgen structure; a shared site becomes one entry for each of its species.

    Raises:
        MaterialError: A species is no element but a placeholder, such as pymatgen's `DummySpecies`
            (`unknown_element`).
    """
    from pymatgen.core import DummySpecies

    numbers, positions, shares = [], [], []
    for index, site in enumerate(structure, start=1):
        for species, share in site.species.items():
            if isinstance(species, DummySpecies):
                place = ", ".join(f"{value:.5g}" for value in site.frac_coords)
                msg = (
                    f"{material_id}: site {index} ({species} at {place}) is a placeholder, not an element; remove the "
                    "site or give its element"
                )
                raise MaterialError("unknown_element", msg)
            numbers.append(species.Z)
            positions.append(site.frac_coords)
            shares.append(share)
    atoms = np.array(numbers, dtype=np.int16)
    occupancies = None if structure.is_ordered else np.array(shares, dtype=np.float64)
    return CrystalStructure(
        material_id=material_id,
        formula=formulas(atoms, occupancies)[0],
        lattice=np.array(structure.lattice.matrix, dtype=np.float64),
        numbers=atoms,
        frac_coords=np.array(positions, dtype=np.float64).reshape(-1, 3),
        occupancies=occupancies,
        parent=parent,
    )


def to_pymatgen(structure: CrystalStructure) -> Structure:
    """Convert to a pymatgen structure; entries at one position become one shared site."""
    from pymatgen.core import Element, Structure

    if structure.occupancies is None:
        return Structure(structure.lattice, [int(z) for z in structure.numbers], structure.frac_coords)
    sites: dict[tuple[float, ...], dict[Element, float]] = {}
    entries = zip(structure.numbers, structure.frac_coords, structure.occupancies, strict=True)
    for number, position, share in entries:
        species = sites.setdefault(tuple(position), {})
        element = Element.from_Z(int(number))
        species[element] = species.get(element, 0.0) + float(share)
    return Structure(structure.lattice, list(sites.values()), list(sites))


def check_structure(structure: CrystalStructure) -> None:
    """Check that a structure is a crystal, so that spglib and pymatgen do not crash on it.

    Raises:
        MaterialError: There are no atoms (`empty`), numbers are NaN or infinite (`not_finite`), or the volume of the
            cell is zero (`zero_volume`) or overflows (`too_large`).
    """
    name = structure.material_id
    if len(structure.numbers) == 0:
        msg = f"{name}: no atoms; remove it from the source or correct its file"
        raise MaterialError("empty", msg)
    occupancies = structure.occupancies
    if not (
        np.isfinite(structure.lattice).all()
        and np.isfinite(structure.frac_coords).all()
        and (occupancies is None or np.isfinite(occupancies).all())
    ):
        msg = f"{name}: the lattice, a coordinate or an occupancy is not a finite number; correct its file"
        raise MaterialError("not_finite", msg)
    with np.errstate(over="ignore", invalid="ignore"):
        volume = abs(np.linalg.det(structure.lattice))
        box = np.linalg.norm(structure.lattice, axis=1).prod()
    if not (np.isfinite(volume) and np.isfinite(box)):
        msg = f"{name}: the cell is too large in any unit of length; correct its file"
        raise MaterialError("too_large", msg)
    # a cell with less than a millionth of the volume of a box with the same edges is a plane or a line
    if volume <= 1e-6 * box:
        msg = f"{name}: the lattice vectors span no volume; correct its file"
        raise MaterialError("zero_volume", msg)


def write_structures(path: Path, structures: Iterable[CrystalStructure]) -> int:
    """Write structures as a Parquet table, atomically and in batches of `BATCH_ROWS`.

    Returns:
        The number of rows written.
    """
    count = 0
    with atomic_path(path) as temporary, pq.ParquetWriter(temporary, SCHEMA, compression="zstd") as writer:
        batch: list[dict[str, Any]] = []
        for structure in structures:
            batch.append(_row(structure))
            count += 1
            if len(batch) == BATCH_ROWS:
                writer.write_batch(pa.RecordBatch.from_pylist(batch, schema=SCHEMA))
                batch.clear()
        if batch:
            writer.write_batch(pa.RecordBatch.from_pylist(batch, schema=SCHEMA))
    return count


def count_structures(path: Path) -> int:
    """The number of rows of a structure table.

    Raises:
        XrdsymError: As for `read_batches`.
    """
    return int(_open_table(path).metadata.num_rows)


def read_batches(path: Path, rows: int = BATCH_ROWS) -> Iterator[list[CrystalStructure]]:
    """Read the structures of a table, at most `rows` at a time.

    Raises:
        XrdsymError: The file is missing or broken, is not a Parquet file, lacks a column, has another schema version,
            or has a row without a valid structure.
    """
    with _open_table(path) as table, reading_parquet(path):
        columns = [name for name in SCHEMA.names if name in table.schema_arrow.names]
        expected = pa.schema([SCHEMA.field(name) for name in columns])
        for batch in table.iter_batches(batch_size=rows, columns=columns):
            yield [_stored(path, row) for row in pa.Table.from_batches([batch]).cast(expected).to_pylist()]


def read_structures(path: Path) -> Iterator[CrystalStructure]:
    """Read the structures of a table one after the other; errors as for `read_batches`."""
    for batch in read_batches(path):
        yield from batch


def _open_table(path: Path) -> pq.ParquetFile:
    if not path.is_file():
        msg = f"no structure table at {path}. Run `dvc repro structures` to make it or `dvc pull` to fetch it."
        raise XrdsymError(msg)
    with reading_parquet(path):
        table = pq.ParquetFile(path)
    check_schema(path, table.schema_arrow, REQUIRED_COLUMNS)
    return table


def _stored(path: Path, row: dict[str, Any]) -> CrystalStructure:
    """The structure of a row that this project wrote."""
    try:
        structure = structure_from_row(row)
    except (TypeError, ValueError) as error:
        msg = (
            f"{path}: the row of {row['material_id'] or row['formula']} is not a structure ({error}). "
            "Make the table again with `dvc repro structures`."
        )
        raise XrdsymError(msg) from error
    if not structure.material_id:
        msg = f"{path}: a row of {row['formula']} has no material_id. Make the table again with `dvc repro structures`."
        raise XrdsymError(msg)
    return structure


def _row(structure: CrystalStructure) -> dict[str, Any]:
    return {
        "material_id": structure.material_id,
        "formula": structure.formula,
        "lattice": structure.lattice.ravel(),
        "numbers": structure.numbers,
        "frac_coords": structure.frac_coords.ravel().astype(np.float32),
        "occupancies": None if structure.occupancies is None else structure.occupancies.astype(np.float32),
        "parent": structure.parent,
    }


def structure_from_row(row: dict[str, Any]) -> CrystalStructure:
    """Convert a row of the table; `occupancies` and `parent` may be missing.

    Args:
        row: Values by column name.

    Raises:
        TypeError: A list is missing or contains something other than numbers.
        ValueError: The lengths of the lists do not match.
    """
    occupancies = row.get("occupancies")
    structure = CrystalStructure(
        material_id=row["material_id"],
        formula=row["formula"],
        lattice=np.array(row["lattice"], dtype=np.float64).reshape(3, 3),
        numbers=np.array(row["numbers"], dtype=np.int16),
        frac_coords=np.array(row["frac_coords"], dtype=np.float64).reshape(-1, 3),
        occupancies=None if occupancies is None else np.array(occupancies, dtype=np.float64),
        parent=row.get("parent"),
    )
    atoms = len(structure.numbers)
    shares = atoms if structure.occupancies is None else len(structure.occupancies)
    if len(structure.frac_coords) != atoms or shares != atoms:
        msg = f"{atoms} numbers, {len(structure.frac_coords)} positions and {shares} occupancies"
        raise ValueError(msg)
    return structure
