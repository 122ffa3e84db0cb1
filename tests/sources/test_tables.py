"""Tables of structures, as people bring them."""

from __future__ import annotations

import csv
import gzip
import json
import pickle
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pymatgen.core import Lattice, Structure

from xrdsym.common.errors import XrdsymError
from xrdsym.common.skips import Skipped
from xrdsym.crystal.structure_table import CrystalStructure, from_pymatgen, to_pymatgen, write_structures
from xrdsym.sources.tables import read_ids, table_structures

if TYPE_CHECKING:
    from pathlib import Path

SALT = Structure.from_spacegroup("Fm-3m", Lattice.cubic(5.64), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])
ALLOY = Structure(Lattice.hexagonal(2.5, 4.1), [{"Co": 0.75, "Ni": 0.25}, "Co"], [[1 / 3, 2 / 3, 0.25], [0, 0, 0.75]])


def split(entries: list[CrystalStructure | Skipped]) -> tuple[list[CrystalStructure], list[Skipped]]:
    return (
        [entry for entry in entries if isinstance(entry, CrystalStructure)],
        [entry for entry in entries if isinstance(entry, Skipped)],
    )


def same(structure: CrystalStructure, expected: Structure) -> bool:
    return bool(to_pymatgen(structure).matches(expected)) and structure.formula == expected.reduced_formula


def test_our_table_round_trips_with_shared_sites_and_an_id_list(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    write_structures(path, [from_pymatgen(SALT, "salt"), from_pymatgen(ALLOY, "alloy", parent="hcp")])
    (alloy,) = table_structures(path, ["alloy", "absent"])
    assert isinstance(alloy, CrystalStructure)
    assert alloy.parent == "hcp"
    assert same(alloy, ALLOY)
    assert len(list(table_structures(path))) == 2


def test_a_table_from_another_writer_is_cast(tmp_path: Path) -> None:
    row = from_pymatgen(SALT, "salt")
    table = pa.table(
        {
            "material_id": pa.array(["salt"], pa.large_string()),
            "formula": ["NaCl"],
            "lattice": pa.array([row.lattice.ravel()], pa.large_list(pa.float64())),
            "numbers": pa.array([row.numbers.astype(np.int64)], pa.large_list(pa.int64())),
            "frac_coords": pa.array([row.frac_coords.ravel()], pa.list_(pa.float64())),
            "energy": [1.0],
        }
    )
    pq.write_table(table, tmp_path / "t.parquet")
    (salt,) = table_structures(tmp_path / "t.parquet")
    assert isinstance(salt, CrystalStructure)
    assert same(salt, SALT)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"lattice": [5.0] * 8}, "unreadable"),
        ({"lattice": None}, "unreadable"),
        ({"frac_coords": [0.0] * 4}, "unreadable"),
        ({"frac_coords": [0.0, 0.0, float("nan")]}, "not_finite"),
        ({"frac_coords": [0.0, 0.0, float("inf")]}, "not_finite"),
        ({"lattice": [5.0, 0, 0, 0, 5.0, 0, 5.0, 5.0, 0]}, "zero_volume"),
        ({"numbers": [], "frac_coords": []}, "empty"),
        ({"numbers": [0]}, "unknown_element"),
        ({"numbers": [300]}, "unknown_element"),
        ({"occupancies": [1.5]}, "occupancy"),
        ({"material_id": None}, "no_material_id"),
    ],
)
def test_a_faulty_row_costs_only_itself(tmp_path: Path, change: dict[str, object], reason: str) -> None:
    good = {
        "material_id": "good",
        "formula": "Po",
        "lattice": [3.0, 0, 0, 0, 3.0, 0, 0, 0, 3.0],
        "numbers": [84],
        "frac_coords": [0.0, 0.0, 0.0],
        "occupancies": None,
    }
    schema = pa.schema(
        [
            ("material_id", pa.string()),
            ("formula", pa.string()),
            ("lattice", pa.list_(pa.float64())),
            ("numbers", pa.list_(pa.int16())),
            ("frac_coords", pa.list_(pa.float32())),
            ("occupancies", pa.list_(pa.float32())),
        ]
    )
    pq.write_table(pa.Table.from_pylist([good | {"material_id": "bad"} | change, good], schema), tmp_path / "t.parquet")
    structures, (skipped,) = split(list(table_structures(tmp_path / "t.parquet")))
    assert [structure.material_id for structure in structures] == ["good"]
    assert skipped.reason == reason
    assert skipped.name in skipped.detail or reason == "no_material_id"
    assert "\n" not in skipped.detail


def test_a_missing_formula_is_made(tmp_path: Path) -> None:
    write_structures(tmp_path / "t.parquet", [replace(from_pymatgen(s, "x"), formula=None) for s in (SALT, ALLOY)])  # type: ignore[arg-type]
    formulas = [entry.formula for entry in table_structures(tmp_path / "t.parquet")]  # type: ignore[union-attr]
    assert formulas == [SALT.reduced_formula, ALLOY.reduced_formula]


@pytest.mark.parametrize("suffix", ["csv", "csv.gz", "jsonl", "jsonl.gz", "parquet"])
@pytest.mark.parametrize("column", ["cif", "structure"])
def test_text_columns(tmp_path: Path, suffix: str, column: str) -> None:
    texts = {name: s.to(fmt="cif") if column == "cif" else s.to_json() for name, s in (("a", SALT), ("b", ALLOY))}
    rows = [{"material_id": name, column: text} for name, text in texts.items()] + [{"material_id": "c", column: ""}]
    path = tmp_path / f"t.{suffix}"
    opener = gzip.open if suffix.endswith("gz") else open
    if suffix == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    elif suffix.startswith("csv"):
        with opener(path, "wt", newline="") as stream:
            writer = csv.DictWriter(stream, ["material_id", column])
            writer.writeheader()
            writer.writerows(rows)
    else:
        with opener(path, "wt") as stream:
            stream.writelines(json.dumps(row) + "\n" for row in rows)
    structures, (skipped,) = split(list(table_structures(path)))
    assert [structure.material_id for structure in structures] == ["a", "b"]
    assert same(structures[0], SALT)
    assert same(structures[1], ALLOY)
    assert (skipped.name, skipped.reason) == ("c", "empty")
    assert [entry.material_id for entry in table_structures(path, ["b"])] == ["b"]  # type: ignore[union-attr]


def test_json_lines_with_objects_without_ids_and_broken_lines(tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    lines = [
        json.dumps({"structure": SALT.as_dict()}),
        "{broken",
        "[1, 2]",
        "",
        json.dumps({"structure": {"sites": []}}),
    ]
    path.write_text("\n".join(lines))
    structures, skipped = split(list(table_structures(path)))
    assert [structure.material_id for structure in structures] == ["set-1"]
    assert [entry.reason for entry in skipped] == ["unreadable"] * 3


def test_the_real_table_streams_by_the_papers_list(shared_data: Path) -> None:
    ids = read_ids(shared_data / "mp" / "paper_ids.csv.gz")
    assert len(ids) == 87_989
    first = pq.read_table(shared_data / "mp" / "structures-1.parquet").slice(0, 300)
    entries = []
    for entry in table_structures(shared_data / "mp" / "structures-1.parquet", ids):
        entries.append(entry)
        if len(entries) == 5:
            break
    assert all(isinstance(entry, CrystalStructure) for entry in entries)
    assert entries[0].material_id in first["material_id"].to_pylist()  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mp-1\nmp-2\n\nmp-1\n", ["mp-1", "mp-2"]),
        ("material_id\nmp-1\n", ["mp-1"]),
        ("n,material_id\n1,mp-1\n2, mp-3\n", ["mp-1", "mp-3"]),
        ("mp-1,cubic\nmp-2,cubic\n", ["mp-1", "mp-2"]),
        ("\ufeffmaterial_id\r\nmp-1\r\n", ["mp-1"]),
    ],
)
def test_id_lists(tmp_path: Path, text: str, expected: list[str]) -> None:
    path = tmp_path / "ids.csv"
    path.write_text(text, encoding="utf-8")
    assert read_ids(path) == expected
    with gzip.open(tmp_path / "ids.csv.gz", "wt", encoding="utf-8") as stream:
        stream.write(text)
    assert read_ids(tmp_path / "ids.csv.gz") == expected


@pytest.mark.parametrize("name", ["missing.parquet", "missing.csv", "missing.jsonl.gz"])
def test_missing_tables_are_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(XrdsymError, match=name):
        list(table_structures(tmp_path / name))


def test_what_is_no_table_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1 not really")
    (tmp_path / "b.csv").write_text("energy,formula\n1,NaCl\n")
    (tmp_path / "c.jsonl").write_text("energy\n")
    (tmp_path / "d.csv.gz").write_bytes(gzip.compress(b"material_id,cif\n" * 1000)[:30])
    (tmp_path / "e.parquet").write_bytes(pickle.dumps({"structure": 1}))
    pq.write_table(pa.table({"material_id": ["a"], "formula": ["b"]}), tmp_path / "f.parquet")
    pq.write_table(
        pa.table({n: [1] for n in ("material_id", "formula", "lattice", "numbers", "frac_coords")}),
        tmp_path / "g.parquet",
    )
    for path in sorted(tmp_path.iterdir()):
        with pytest.raises(XrdsymError, match=path.name) as raised:
            list(table_structures(path))
        assert "\n" not in str(raised.value)


def test_another_schema_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    write_structures(path, [from_pymatgen(SALT, "salt")])
    table = pq.read_table(path).replace_schema_metadata({b"xrdsym_schema_version": b"99"})
    pq.write_table(table, path)
    with pytest.raises(XrdsymError, match="schema version 99"):
        list(table_structures(path))


def test_an_empty_id_list_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ids.txt").write_text("\n")
    with pytest.raises(XrdsymError, match="no material id"):
        read_ids(tmp_path / "ids.txt")
