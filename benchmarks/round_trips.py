"""Write real structures in every format that is read, read them back, and compare their powder peaks.

    python benchmarks/round_trips.py ../shared/data --materials 2000

`../shared/data` has `cif/*.cif` and the tables `mp/*.parquet`. Each structure is written as it is, and idealised by
spglib in a random setting of its space group: then also as CIFs that list one site of each orbit and name the setting
by its operations, Hall symbol, Hermann-Mauguin symbol, or number and code. Peaks are equal if 2θ (degrees) and
intensity (of the strongest peak) differ by less than 1e-6.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from gemmi import spacegroup_table
from pymatgen.io.vasp.inputs import Poscar

from xrdsym.common.errors import MaterialError
from xrdsym.common.progress import progress_bar
from xrdsym.crystal.structure_table import CrystalStructure, to_pymatgen, write_structures
from xrdsym.crystal.symmetry import import_spglib
from xrdsym.diffraction.peaks import simulate_peaks
from xrdsym.sources.cif_formula import written
from xrdsym.sources.elements import symbols
from xrdsym.sources.files import read_structure_file
from xrdsym.sources.tables import table_structures

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WAVELENGTH = 1.54184
TOLERANCE = 1e-6
SYMPREC = 0.01
SEED = 0
WORST = 10

Ideal = tuple[CrystalStructure, list[int], int]
"""A structure in a setting of its group, the first atom of each orbit, and the Hall number."""


def structures(folder: Path, materials: int) -> Iterator[CrystalStructure]:
    """All CIFs of a folder, and a random choice of the rows of its tables."""
    for path in sorted((folder / "cif").glob("*.cif")):
        yield read_structure_file(path)
    rows = [row for path in sorted((folder / "mp").glob("*.parquet")) for row in _ids(path)]
    chosen = np.random.default_rng(SEED).choice(len(rows), min(materials, len(rows)), replace=False)
    names = {rows[index] for index in chosen}
    for path in sorted((folder / "mp").glob("*.parquet")):
        for entry in table_structures(path, [name for where, name in names if where == path]):
            if isinstance(entry, CrystalStructure):
                yield entry


def _ids(path: Path) -> list[tuple[Path, str]]:
    import pyarrow.parquet as pq

    return [(path, name) for name in pq.read_table(path, columns=["material_id"])[0].to_pylist()]


def idealised(structure: CrystalStructure, generator: np.random.Generator) -> Ideal | None:
    """The structure with exact symmetry, in a random setting of its space group; None where spglib finds none."""
    spglib = import_spglib()
    cell = (structure.lattice, structure.frac_coords, structure.numbers)
    try:
        found = spglib.get_symmetry_dataset(cell, symprec=SYMPREC)
        number = int(generator.choice(_settings()[found.number]))
        found = spglib.get_symmetry_dataset(cell, symprec=SYMPREC, hall_number=number)
    except spglib.error.SpglibError:
        return None
    ideal = CrystalStructure(
        structure.material_id,
        structure.formula,
        np.array(found.std_lattice),
        np.array(found.std_types, dtype=np.int16),
        np.array(found.std_positions) % 1,
    )
    orbits = _orbits(ideal, number)
    return None if orbits is None else (ideal, orbits, number)


@cache
def _settings() -> dict[int, list[int]]:
    spglib = import_spglib()
    numbers: dict[int, list[int]] = {}
    for hall_number in range(1, 531):
        numbers.setdefault(spglib.get_spacegroup_type(hall_number).number, []).append(hall_number)
    return numbers


def _orbits(ideal: CrystalStructure, hall_number: int) -> list[int] | None:
    """The first atom of each orbit under spglib's operations of the setting; None if these are no symmetry."""
    operations = import_spglib().get_symmetry_from_database(hall_number)
    remaining, first = set(range(len(ideal.numbers))), []
    while remaining:
        start = min(remaining)
        images = operations["rotations"] @ ideal.frac_coords[start] + operations["translations"]
        others = sorted(remaining)
        away = images[:, None] - ideal.frac_coords[others]
        distances = np.linalg.norm((away - np.rint(away)) @ ideal.lattice, axis=2)
        same = ideal.numbers[others] == ideal.numbers[start]
        if (np.where(same, distances, np.inf).min(axis=1) > 1e-5).any():
            return None
        first.append(start)
        remaining -= {others[index] for index in distances.argmin(axis=1)}
    return first


def _cif(structure: CrystalStructure, atoms: list[int], names: str) -> str:
    a, b, c, alpha, beta, gamma = to_pymatgen(structure).lattice.parameters
    amounts = np.bincount(structure.numbers)
    formula = written({symbols()[number]: float(amounts[number]) for number in np.flatnonzero(amounts)})
    cell = [f"_cell_length_{axis} {value:.12f}" for axis, value in zip("abc", (a, b, c), strict=True)]
    cell += [
        f"_cell_angle_{angle} {value:.12f}"
        for angle, value in zip(("alpha", "beta", "gamma"), (alpha, beta, gamma), strict=True)
    ]
    columns = ("label", "type_symbol", "fract_x", "fract_y", "fract_z")
    rows = [
        f"{symbols()[number]}{row} {symbols()[number]} {' '.join(f'{value:.14f}' for value in position)}"
        for row, (number, position) in enumerate(
            zip(structure.numbers[atoms], structure.frac_coords[atoms], strict=True)
        )
    ]
    head = ["data_x", f"_chemical_formula_sum '{formula}'", "_cell_formula_units_Z 1", names, *cell]
    return "\n".join([*head, "loop_", *(f"_atom_site_{column}" for column in columns), *rows]) + "\n"


def _operations(hall_number: int) -> str:
    triplets = [operation.triplet() for operation in _table()[hall_number - 1].operations()]
    return "\n".join(["loop_", "_space_group_symop_operation_xyz", *(f"'{triplet}'" for triplet in triplets)])


@cache
def _table() -> list[Any]:
    return list(spacegroup_table())


NAMES: dict[str, Callable[[int], str]] = {
    "CIF, operations": _operations,
    "CIF, Hall symbol": lambda number: f"_space_group_name_Hall '{_table()[number - 1].hall}'",
    "CIF, Hermann-Mauguin symbol": lambda number: f"_symmetry_space_group_name_H-M '{_table()[number - 1].xhm()}'",
    "CIF, number and code": lambda number: (
        f"_space_group_IT_number {_table()[number - 1].number}\n_space_group_IT_coordinate_system_code "
        f"{import_spglib().get_spacegroup_type(number).choice or '.'}"
    ),
}


def _everything(structure: CrystalStructure) -> list[int]:
    return list(range(len(structure.numbers)))


WRITERS: dict[str, tuple[str, Callable[[CrystalStructure], str]]] = {
    "CIF, P 1": ("x.cif", lambda one: _cif(one, _everything(one), "_symmetry_space_group_name_H-M 'P 1'")),
    "POSCAR": ("x.vasp", lambda one: str(Poscar(to_pymatgen(one)).get_str(significant_figures=16))),
    "JSON": ("x.json", lambda one: json.dumps(to_pymatgen(one).as_dict())),
    "document": ("x.json", lambda one: json.dumps({"material_id": "x", "structure": to_pymatgen(one).as_dict()})),
}


def difference(one: CrystalStructure, other: CrystalStructure) -> float:
    """The largest difference of the peaks' 2θ and intensities; infinite where their numbers differ."""
    first, second = (simulate_peaks(structure, WAVELENGTH) for structure in (one, other))
    if len(first.two_theta) != len(second.two_theta):
        return float("inf")
    return float(
        max(np.abs(a - b).max() for a, b in ((first.two_theta, second.two_theta), (first.intensity, second.intensity)))
    )


def trips(structure: CrystalStructure, ideal: Ideal | None, folder: Path) -> Iterator[tuple[str, float | str]]:
    """Each format with the difference of the peaks, or why it was not read."""
    for name, (file, write) in WRITERS.items():
        for kind, one in (("", structure), (", idealised", ideal[0] if ideal else None)):
            if one is not None:
                yield name + kind, _compared(one, folder / file, write(one))
    yield "table", _tabled(structure, folder / "x.parquet")
    if ideal is not None:
        for name, named in NAMES.items():
            yield name, _compared(ideal[0], folder / "x.cif", _cif(ideal[0], ideal[1], named(ideal[2])))


def _compared(structure: CrystalStructure, path: Path, text: str) -> float | str:
    path.write_text(text, encoding="utf-8")
    try:
        return difference(structure, read_structure_file(path))
    except MaterialError as error:
        return str(error)


def _tabled(structure: CrystalStructure, path: Path) -> float | str:
    # a table stores coordinates in 32 bits
    stored = replace(structure, frac_coords=structure.frac_coords.astype(np.float32).astype(np.float64))
    write_structures(path, [stored])
    (entry,) = table_structures(path)
    return difference(stored, entry) if isinstance(entry, CrystalStructure) else entry.detail


def run(folder: Path, materials: int) -> tuple[Counter[str], Counter[str], dict[str, float], list[str]]:
    """Make all trips.

    Returns:
        Trips by format, trips with equal peaks by format, the largest difference by format, and the first others.
    """
    generator = np.random.default_rng(SEED)
    tried: Counter[str] = Counter()
    equal: Counter[str] = Counter()
    largest: dict[str, float] = {}
    others: list[str] = []
    with tempfile.TemporaryDirectory() as temporary, progress_bar(description="round trips", unit="structure") as bar:
        for structure in structures(folder, materials):
            for name, result in trips(structure, idealised(structure, generator), Path(temporary)):
                tried[name] += 1
                if isinstance(result, float):
                    largest[name] = max(largest.get(name, 0.0), result)
                if isinstance(result, float) and result < TOLERANCE:
                    equal[name] += 1
                else:
                    others.append(f"{structure.material_id}, {name}: {result}")
            bar.update(1)
    return tried, equal, largest, others


def main() -> None:
    """Print one row for each format, then the trips that did not give equal peaks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--materials", type=int, default=2000)
    args = parser.parse_args()
    tried, equal, largest, others = run(args.folder, args.materials)
    print("| format | structures | equal peaks | largest difference |\n| --- | --- | --- | --- |")
    for name, count in tried.items():
        print(f"| {name} | {count} | {equal[name]} | {largest.get(name, 0):.1e} |")
    for line in others[:WORST]:
        print(line)


if __name__ == "__main__":
    main()
