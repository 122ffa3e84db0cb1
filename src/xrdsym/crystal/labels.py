"""Labels: the symmetry of a structure, and the keys that group related materials."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from xrdsym.common.errors import MaterialError, XrdsymError
from xrdsym.common.parquet import SCHEMA_VERSION, VERSION_KEY, check_schema, reading_parquet
from xrdsym.crystal.formula import formulas
from xrdsym.crystal.material_ids import check_ids
from xrdsym.crystal.structure_table import check_structure
from xrdsym.crystal.symmetry import CRYSTAL_SYSTEMS, crystal_system, symmetry_dataset
from xrdsym.crystal.targets.definitions import DIMENSIONALITY
from xrdsym.crystal.targets.dimensionality import dimensionality

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from numpy.typing import NDArray

    from xrdsym.crystal.structure_table import CrystalStructure

MAX_SITES = 5000
"""The time of a symmetry analysis grows with the square of the number of sites: about ten seconds at this limit."""

LABEL_SCHEMA = pa.schema(
    [
        ("material_id", pa.string()),
        ("space_group", pa.int16()),
        ("crystal_system", pa.string()),
        ("composition", pa.string()),
        ("anonymous_formula", pa.string()),
        ("prototype", pa.string()),
        ("skipped", pa.string()),
        ("detail", pa.string()),
    ],
    metadata={VERSION_KEY: str(SCHEMA_VERSION)},
)
DIMENSIONALITY_SCHEMA = LABEL_SCHEMA.append(pa.field(DIMENSIONALITY, pa.string()))
"""`LABEL_SCHEMA` with the dimensionality of the bonded network."""


@dataclass(frozen=True)
class Label:
    """The symmetry of a structure, and the keys that group it with related ones.

    Attributes:
        space_group: International Tables number, 1 to 230.
        crystal_system: One of `CRYSTAL_SYSTEMS`.
        composition: Reduced formula in pymatgen's notation: BaTiO3.
        anonymous_formula: The reduced formula without the elements: ABC3.
        prototype: The structure's parent if it has one, else anonymous formula and space group.
    """

    space_group: int
    crystal_system: str
    composition: str
    anonymous_formula: str
    prototype: str


def label(structure: CrystalStructure, symprec: float, angle_tolerance: float) -> Label:
    """Analyse the symmetry of a structure with spglib, as pymatgen's `SpacegroupAnalyzer` does.

    Args:
        structure: The structure.
        symprec: Largest distance between positions that count as equal, Å.
        angle_tolerance: Largest difference between angles that count as equal, degrees; if negative, spglib chooses.

    Raises:
        MaterialError: The structure is invalid (see `check_structure`), has more than `MAX_SITES` sites
            (`too_large`), or spglib finds no symmetry (`no_symmetry`).
    """
    number = int(_dataset(structure, symprec, angle_tolerance).number)
    composition, anonymous = formulas(structure.numbers, structure.occupancies)
    return Label(
        space_group=number,
        crystal_system=str(crystal_system(number)),
        composition=composition,
        anonymous_formula=anonymous,
        prototype=structure.parent or f"{anonymous} {number}",
    )


def with_rotations(
    structures: list[CrystalStructure], symprec: float, angle_tolerance: float
) -> list[tuple[CrystalStructure, NDArray[np.int8]]]:
    """Pair each structure with the rotations of its space group; a task for `parallel.map_batches`.

    Args:
        structures: Structures that have labels.
        symprec: As for `label`.
        angle_tolerance: As for `label`.

    Returns:
        Structures and their distinct rotations in fractional coordinates, int8 (m, 3, 3).

    Raises:
        MaterialError: As for `label`.
    """
    pairs = []
    for structure in structures:
        rotations = _dataset(structure, symprec, angle_tolerance).rotations
        pairs.append((structure, np.unique(rotations.astype(np.int8), axis=0)))
    return pairs


def _dataset(structure: CrystalStructure, symprec: float, angle_tolerance: float) -> Any:  # noqa: ANN401 - spglib's
    check_structure(structure)
    positions, kinds = _sites(structure)
    if len(kinds) > MAX_SITES:
        msg = (
            f"{structure.material_id}: the symmetry of {len(kinds)} sites takes too long, the limit is {MAX_SITES}; "
            "leave it out"
        )
        raise MaterialError("too_large", msg)
    dataset = symmetry_dataset(structure.lattice, positions, kinds, symprec, angle_tolerance)
    if dataset is None:
        msg = (
            f"{structure.material_id}: spglib finds no symmetry at symprec {symprec}: "
            "check for overlapping atoms, or change labels.symprec"
        )
        raise MaterialError("no_symmetry", msg)
    return dataset


def _sites(structure: CrystalStructure) -> tuple[NDArray[np.float64], NDArray[np.intc]]:
    """Positions (m, 3) of the sites and a number for the content of each (m,); equal contents have equal numbers."""
    if structure.occupancies is None:
        return structure.frac_coords, structure.numbers.astype(np.intc)
    shares: defaultdict[tuple[float, ...], list[tuple[int, float]]] = defaultdict(list)
    entries = zip(structure.frac_coords, structure.numbers, structure.occupancies, strict=True)
    for position, number, occupancy in entries:
        shares[tuple(position)].append((int(number), round(float(occupancy), 6)))
    contents = [tuple(sorted(content)) for content in shares.values()]
    numbering = {content: index for index, content in enumerate(sorted(set(contents)), start=1)}
    return np.array(list(shares)), np.array([numbering[content] for content in contents], dtype=np.intc)


def label_row(
    structure: CrystalStructure, symprec: float, angle_tolerance: float, *, bonds: bool = False
) -> dict[str, Any]:
    """The row of a structure in the label table: its label, or the reason why it has none.

    Args:
        structure: The structure.
        symprec: As for `label`.
        angle_tolerance: As for `label`.
        bonds: Also compute the dimensionality (`0D` to `3D`); a structure without one gets no label.

    Returns:
        Values by the column names of `LABEL_SCHEMA`, or of `DIMENSIONALITY_SCHEMA` with `bonds`.
    """
    row: dict[str, Any] = dict.fromkeys((DIMENSIONALITY_SCHEMA if bonds else LABEL_SCHEMA).names)
    row["material_id"] = structure.material_id
    try:
        values = vars(label(structure, symprec, angle_tolerance))
        if bonds:
            values = values | {DIMENSIONALITY: f"{dimensionality(structure)}D"}
    except MaterialError as error:
        row["skipped"], row["detail"] = error.reason, str(error)
    else:
        row |= values
    return row


def label_rows(
    structures: list[CrystalStructure], symprec: float, angle_tolerance: float, *, bonds: bool = False
) -> list[dict[str, Any]]:
    """`label_row` of each structure; a task for `parallel.map_batches`."""
    return [label_row(structure, symprec, angle_tolerance, bonds=bonds) for structure in structures]


def read_labels(path: Path) -> pd.DataFrame:
    """Read the label table without the materials that were skipped.

    Returns:
        One row a material with the columns of `LABEL_SCHEMA`, or of `DIMENSIONALITY_SCHEMA` if the table has them.

    Raises:
        XrdsymError: The table is missing, broken or empty, or has another schema version.
    """
    if not path.is_file():
        msg = f"no labels at {path}. Run `dvc repro labels` to make them or `dvc pull` to fetch them."
        raise XrdsymError(msg)
    with reading_parquet(path):
        table = pq.ParquetFile(path).read()
    check_schema(path, table.schema, LABEL_SCHEMA.names)
    check_ids(path, table["material_id"])
    with reading_parquet(path):
        schema = DIMENSIONALITY_SCHEMA if DIMENSIONALITY in table.column_names else LABEL_SCHEMA
        frame: pd.DataFrame = table.select(schema.names).cast(schema).to_pandas()
    frame = frame[frame["skipped"].isna()].reset_index(drop=True)
    if frame.empty or not frame["crystal_system"].isin(CRYSTAL_SYSTEMS).all():
        msg = f"{path} is empty, or has rows without a crystal system. Run `dvc repro labels`."
        raise XrdsymError(msg)
    return frame
