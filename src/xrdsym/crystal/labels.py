"""The symmetry of a structure, and the keys by which materials are grouped."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from xrdsym.common.errors import MaterialError, XrdsymError
from xrdsym.crystal.formula import formulas
from xrdsym.crystal.structure_table import SCHEMA_VERSION, VERSION_KEY, check_schema, check_structure, intact
from xrdsym.crystal.symmetry import CRYSTAL_SYSTEMS, crystal_system, symmetry_dataset
from xrdsym.crystal.targets.definitions import DIMENSIONALITY
from xrdsym.crystal.targets.dimensionality import dimensionality

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from numpy.typing import NDArray

    from xrdsym.crystal.structure_table import CrystalStructure

MAX_SITES = 5000
"""Symmetry analysis takes a time that grows with the square of the sites: about ten seconds for these."""

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
"""The same where the dimensionality is the target."""


@dataclass(frozen=True)
class Label:
    """What symmetry analysis and the formula say of a structure.

    Attributes:
        space_group: International Tables number, 1 to 230.
        crystal_system: One of `CRYSTAL_SYSTEMS`.
        composition: Reduced formula, as pymatgen writes it.
        anonymous_formula: The same without the elements: ABC3.
        prototype: The structure's parent where it was derived from one, else anonymous formula and space group.
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
        symprec: Distance in Å within which positions count as equal.
        angle_tolerance: The same for angles, in degrees; negative leaves it to spglib.

    Raises:
        MaterialError: The structure is faulty (`check_structure`), too large, or has no symmetry that spglib finds.
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
    """Each structure with the rotations of its space group; what a process of `parallel.map_batches` does.

    Args:
        structures: Structures that have labels.
        symprec: As for `label`.
        angle_tolerance: As for `label`.

    Returns:
        Rotations in fractional coordinates, each once, int8 (m, 3, 3).

    Raises:
        MaterialError: As for `label`.
    """
    found = []
    for structure in structures:
        rotations = _dataset(structure, symprec, angle_tolerance).rotations
        found.append((structure, np.unique(rotations.astype(np.int8), axis=0)))
    return found


def _dataset(structure: CrystalStructure, symprec: float, angle_tolerance: float) -> Any:  # noqa: ANN401 - spglib's
    check_structure(structure)
    positions, kinds = _sites(structure)
    if len(kinds) > MAX_SITES:
        msg = (
            f"{structure.material_id}: {len(kinds)} sites are more than the {MAX_SITES} that are analysed; leave it out"
        )
        raise MaterialError("too_large", msg)
    dataset = symmetry_dataset(structure.lattice, positions, kinds, symprec, angle_tolerance)
    if dataset is None:
        msg = (
            f"{structure.material_id}: spglib finds no symmetry at symprec {symprec}: "
            "look for atoms on top of each other, or change labels.symprec"
        )
        raise MaterialError("no_symmetry", msg)
    return dataset


def _sites(structure: CrystalStructure) -> tuple[NDArray[np.float64], NDArray[np.intc]]:
    """Positions (m, 3) and a number for what stands there (m,): shared sites with equal shares are equal."""
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
    """The structure's row of the label table: its label, or why it has none.

    Args:
        structure: The structure.
        symprec: As for `label`.
        angle_tolerance: As for `label`.
        bonds: Work out the dimensionality, too (`0D` to `3D`); a structure without one has no label then.
    """
    row: dict[str, Any] = dict.fromkeys((DIMENSIONALITY_SCHEMA if bonds else LABEL_SCHEMA).names)
    row["material_id"] = structure.material_id
    try:
        found = vars(label(structure, symprec, angle_tolerance))
        if bonds:
            found = found | {DIMENSIONALITY: f"{dimensionality(structure)}D"}
    except MaterialError as error:
        row["skipped"], row["detail"] = error.reason, str(error)
    else:
        row |= found
    return row


def label_rows(
    structures: list[CrystalStructure], symprec: float, angle_tolerance: float, *, bonds: bool = False
) -> list[dict[str, Any]]:
    """`label_row` of each structure; what a process of `parallel.map_batches` does."""
    return [label_row(structure, symprec, angle_tolerance, bonds=bonds) for structure in structures]


def read_labels(path: Path) -> pd.DataFrame:
    """The label table, rows without a label left out.

    Returns:
        One row a material; columns as in `LABEL_SCHEMA`, or as in `DIMENSIONALITY_SCHEMA` where the table has that.

    Raises:
        XrdsymError: The table is missing, broken or of another schema version.
    """
    if not path.is_file():
        msg = f"no labels at {path}. Run `dvc repro labels` to make them or `dvc pull` to fetch them."
        raise XrdsymError(msg)
    with intact(path):
        table = pq.ParquetFile(path).read()
    check_schema(path, table.schema, LABEL_SCHEMA.names)
    with intact(path):
        schema = DIMENSIONALITY_SCHEMA if DIMENSIONALITY in table.column_names else LABEL_SCHEMA
        frame: pd.DataFrame = table.select(schema.names).cast(schema).to_pandas()
    frame = frame[frame["skipped"].isna()].reset_index(drop=True)
    if frame.empty or frame["material_id"].isna().any() or not frame["crystal_system"].isin(CRYSTAL_SYSTEMS).all():
        msg = f"{path} holds no labels, or rows without an id or a crystal system. Run `dvc repro labels`."
        raise XrdsymError(msg)
    return frame
