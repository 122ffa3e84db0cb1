"""Targets of fuzzing: files and tables of structures."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from fuzz_target import Broken, Target

from xrdsym.common.skips import Skipped
from xrdsym.crystal.structure_table import check_structure
from xrdsym.sources.files import read_structure_file
from xrdsym.sources.tables import table_structures

EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "corundum.cif"
SYMMETRY = """data_calcite
_cell_length_a 6.375
_cell_length_b 6.375
_cell_length_c 6.375
_cell_angle_alpha 46.08
_cell_angle_beta 46.08
_cell_angle_gamma 46.08
_space_group_name_H-M_alt 'R -3 c :R'
_chemical_formula_sum 'Ca C O3'
_cell_formula_units_Z 2
loop_
_atom_site_label
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
_atom_site_occupancy
Ca1 0 0 0 1
C1 0.25 0.25 0.25 .
O1 0.5068 -0.0068 0.25 1.0
"""
POSCAR = """rutile
1.0
4.6 0.0 0.0
0.0 4.6 0.0
0.0 0.0 2.96
Ti O
2 4
Selective dynamics
Direct
0.0 0.0 0.0 T T T
0.5 0.5 0.5 T T T
0.3 0.3 0.0 F F F
0.7 0.7 0.0 T T T
0.2 0.8 0.5 T T T
0.8 0.2 0.5 T T T
"""
STRUCTURE = {
    "@module": "pymatgen.core.structure",
    "@class": "Structure",
    "lattice": {"matrix": [[2.8, 0, 0], [0, 2.8, 0], [0, 0, 2.8]]},
    "sites": [
        {"species": [{"element": "Fe", "occu": 0.5}, {"element": "Co", "occu": 0.5}], "abc": [0, 0, 0]},
        {"species": [{"element": "Al", "occu": 1}], "abc": [0.5, 0.5, 0.5]},
    ],
}


def _read_file(path: Path) -> None:
    check_structure(read_structure_file(path))


def _read_table(path: Path) -> None:
    for one in table_structures(path):
        if isinstance(one, Skipped):
            if not (one.reason and one.detail):
                msg = f"a row is left out without a reason: {one}"
                raise Broken(msg)
        elif len(one.numbers) != len(one.frac_coords):
            msg = "a structure with other numbers of atoms and positions"
            raise Broken(msg)


def _cif_seeds() -> list[bytes]:
    return [EXAMPLE.read_bytes(), SYMMETRY.encode(), SYMMETRY.replace("'R -3 c :R'", "'R -3 c :H'").encode()]


def _json_seeds() -> list[bytes]:
    document = {"material_id": "mp-1", "formula_pretty": "FeCoAl2", "structure": STRUCTURE}
    return [json.dumps(one).encode() for one in (STRUCTURE, document, [document, document])]


def _csv_seeds() -> list[bytes]:
    text = io.StringIO()
    csv.writer(text).writerows([["material_id", "cif"], ["a", EXAMPLE.read_text()], ["b", SYMMETRY]])
    return [text.getvalue().encode()]


def _parquet_seeds() -> list[bytes]:
    table = pa.table(
        {
            "material_id": ["a", "b"],
            "formula": ["NaCl", "Fe"],
            "lattice": [np.eye(3).ravel() * 5.6, np.eye(3).ravel() * 2.9],
            "numbers": [[11, 17], [26]],
            "frac_coords": [[0, 0, 0, 0.5, 0.5, 0.5], [0.0, 0, 0]],
        }
    )
    seeds = []
    for compression in ("none", "zstd"):
        stream = io.BytesIO()
        pq.write_table(table, stream, compression=compression)
        seeds.append(stream.getvalue())
    return seeds


STRUCTURE_TARGETS = {
    "cif": Target(_cif_seeds, ".cif", _read_file),
    "poscar": Target(lambda: [POSCAR.encode(), POSCAR.replace("1.0\n", "-60\n", 1).encode()], ".vasp", _read_file),
    "json": Target(_json_seeds, ".json", _read_file),
    "csv": Target(_csv_seeds, ".csv", _read_table),
    "json-lines": Target(lambda: [b"\n".join(_json_seeds()[1:2] * 2)], ".jsonl", _read_table),
    "parquet": Target(_parquet_seeds, ".parquet", _read_table),
}
