"""Structures from tables: Parquet in the project's schema, CSV, JSON Lines or lists with a `cif` or `structure`."""

from __future__ import annotations

import csv
import gzip
import json
import sys
import zlib
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from xrdsym.common.errors import MaterialError, XrdsymError
from xrdsym.common.parquet import check_schema
from xrdsym.common.printable import printable
from xrdsym.common.skips import Skipped
from xrdsym.crystal.formula import formulas
from xrdsym.crystal.structure_table import REQUIRED_COLUMNS, SCHEMA, structure_from_row
from xrdsym.sources.checks import checked
from xrdsym.sources.json_documents import STRUCTURE_COLUMNS, documents_of, structure_from_value

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path
    from typing import TextIO

    from xrdsym.crystal.structure_table import CrystalStructure

PARQUET_SUFFIXES = (".parquet", ".pq")
TEXT_TABLE_SUFFIXES = (".csv", ".csv.gz", ".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz")
TABLE_SUFFIXES = PARQUET_SUFFIXES + TEXT_TABLE_SUFFIXES

JSON_SUFFIXES = (".json", ".json.gz")

MAX_JSON_CHARACTERS = 500_000_000
"""Longest JSON list that is read at once; JSON Lines are read line by line."""

BATCH_ROWS = 2000
ID_COLUMN = "material_id"


def read_ids(path: Path) -> list[str]:
    """Read a list of ids: the column `material_id` of a CSV, else its first column, or text with one id a line.

    Args:
        path: Text or CSV, gzipped or not.

    Raises:
        XrdsymError: The file is missing, cannot be read, or contains no id.
    """
    with _open_text(path) as stream:
        rows = [row for row in csv.reader(stream) if row and row[0].strip()]
    column = rows[0].index(ID_COLUMN) if rows and ID_COLUMN in rows[0] else None
    body = rows if column is None else rows[1:]
    ids = [row[column or 0].strip() for row in body if len(row) > (column or 0)]
    if not ids:
        msg = f"{path} contains no material id; expected one id a line or a column {ID_COLUMN}"
        raise XrdsymError(msg)
    return list(dict.fromkeys(ids))


def table_structures(path: Path, ids: Collection[str] | None = None) -> Iterator[CrystalStructure | Skipped]:
    """Read the structures of one table, a batch in memory at a time.

    Args:
        path: Parquet with the columns of `structure_table.SCHEMA` or with a `cif` or `structure` column; or CSV or
            JSON Lines, gzipped or not, with a `cif` or `structure` column; or JSON: a list of documents, such as those
            of the Materials Project, or of structures. A column `material_id` is optional beside these.
        ids: Material ids to read; None reads all.

    Yields:
        Structures, and rows that could not be read.

    Raises:
        XrdsymError: The file is missing or is not such a table.
    """
    name = path.name.lower()
    if name.endswith(PARQUET_SUFFIXES):
        yield from _parquet_structures(path, ids)
        return
    if name.endswith(JSON_SUFFIXES):
        rows = _document_rows(path)
    else:
        rows = _csv_rows(path) if name.endswith((".csv", ".csv.gz")) else _json_rows(path)
    yield from _text_structures(rows, path, ids)


def table_rows(path: Path) -> int | None:
    """The number of rows of a Parquet table; None for other files, whose rows cannot be counted without reading."""
    if not path.name.lower().endswith(PARQUET_SUFFIXES):
        return None
    try:
        return int(pq.read_metadata(path).num_rows)
    except (pa.ArrowInvalid, OSError):
        # reading the table reports the error
        return None


def _parquet_structures(path: Path, ids: Collection[str] | None) -> Iterator[CrystalStructure | Skipped]:
    try:
        with pq.ParquetFile(path) as table:
            names = table.schema_arrow.names
            if not set(REQUIRED_COLUMNS) <= set(names) and set(STRUCTURE_COLUMNS) & set(names):
                columns = [name for name in (ID_COLUMN, *STRUCTURE_COLUMNS) if name in names]
                batches = table.iter_batches(batch_size=BATCH_ROWS, columns=columns)
                yield from _text_structures((row for batch in batches for row in batch.to_pylist()), path, ids)
                return
            check_schema(path, table.schema_arrow, REQUIRED_COLUMNS)
            columns = [name for name in SCHEMA.names if name in names]
            wanted = None if ids is None else pa.array(ids, pa.string())
            for batch in table.iter_batches(batch_size=BATCH_ROWS, columns=columns):
                yield from _batch_structures(batch, wanted, path)
    except FileNotFoundError as error:
        msg = f"no structure table at {path}. Check structures.files.path in params.yaml."
        raise XrdsymError(msg) from error
    except (
        pa.ArrowInvalid,
        pa.ArrowNotImplementedError,
        pa.ArrowTypeError,
        OSError,
        UnicodeDecodeError,
    ) as error:
        msg = f"{path} is not a Parquet table of structures ({' '.join(str(error).split())}). Fetch or write it again."
        raise XrdsymError(msg) from error


def _batch_structures(
    batch: pa.RecordBatch, wanted: pa.Array | None, path: Path
) -> Iterator[CrystalStructure | Skipped]:
    table = pa.Table.from_batches([batch])
    table = table.cast(pa.schema([SCHEMA.field(name) for name in table.column_names]))
    if wanted is not None:
        table = table.filter(pc.is_in(table["material_id"], wanted))
    for row in table.to_pylist():
        name = row["material_id"]
        if not name:
            detail = f"{path}: a row of {row['formula'] or 'no formula'} has no material_id; give it one"
            yield Skipped(str(path), "no_material_id", detail)
            continue
        try:
            structure = checked(structure_from_row(row))
            yield structure if structure.formula else replace(structure, formula=_formula(structure))
        except MaterialError as error:
            yield Skipped(name, error.reason, str(error))
        except (TypeError, ValueError, AttributeError) as error:
            detail = (
                f"{name}: the row is not a structure ({error}); expected 9 lattice numbers and 3 coordinates a site"
            )
            yield Skipped(name, "unreadable", detail)


def _formula(structure: CrystalStructure) -> str:
    return formulas(structure.numbers, structure.occupancies)[0]


def _text_structures(
    rows: Iterator[dict[str, Any] | Skipped], path: Path, ids: Collection[str] | None
) -> Iterator[CrystalStructure | Skipped]:
    """The structures of rows with a `cif` or `structure` column."""
    wanted = None if ids is None else set(ids)
    stem = path.name.split(".")[0]
    for number, row in enumerate(rows, start=1):
        if isinstance(row, Skipped):
            yield row
            continue
        if not any(column in row for column in (*STRUCTURE_COLUMNS, "lattice")):
            columns = printable(", ".join(map(str, row)))
            msg = f"{path} has the columns {columns}; expected `cif` or `structure`, and `material_id`"
            raise XrdsymError(msg)
        name = str(row.get(ID_COLUMN) or f"{stem}-{number}")
        if wanted is not None and name not in wanted:
            continue
        try:
            yield replace(structure_from_value(row, name), material_id=name)
        except MaterialError as error:
            yield Skipped(name, error.reason, str(error))


def _csv_rows(path: Path) -> Iterator[dict[str, Any] | Skipped]:
    # the largest limit of the csv module; CIFs exceed its default of 128 KiB
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    with _open_text(path) as stream:
        yield from csv.DictReader(stream)


def _json_rows(path: Path) -> Iterator[dict[str, Any] | Skipped]:
    with _open_text(path) as stream:
        for number, line in enumerate(stream, start=1):
            if not line.strip():
                continue
            name = f"{path.name} line {number}"
            try:
                row = json.loads(line)
            except (ValueError, RecursionError) as error:
                if number == 1:
                    msg = f"{path} is not JSON Lines ({error}); expected one JSON object a line"
                    raise XrdsymError(msg) from error
                yield Skipped(name, "unreadable", f"{name}: not JSON ({error}); correct or remove the line")
                continue
            if isinstance(row, dict):
                yield row
            else:
                yield Skipped(name, "unreadable", f"{name}: expected a JSON object; correct or remove the line")


def _document_rows(path: Path) -> Iterator[dict[str, Any] | Skipped]:
    """The documents of a JSON list or answer, else the lines of JSON Lines."""
    with _open_text(path) as stream:
        text = stream.read(MAX_JSON_CHARACTERS + 1)
    if len(text) > MAX_JSON_CHARACTERS:
        msg = f"{path}: more than {MAX_JSON_CHARACTERS // 1_000_000} MB in one JSON value; write it as JSON Lines"
        raise XrdsymError(msg)
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        yield from _json_rows(path)
        return
    documents = documents_of(content)
    for number, document in enumerate([content] if documents is None else documents, start=1):
        if isinstance(document, dict):
            yield document
        else:
            name = f"{path.name} entry {number}"
            yield Skipped(name, "unreadable", f"{name}: expected a JSON object; correct or remove the entry")


@contextmanager
def _open_text(path: Path) -> Iterator[TextIO]:
    """Open a text file, decompressed if its name ends with `.gz`.

    Raises:
        XrdsymError: The file is missing, is not text, or cannot be decompressed.
    """
    opener = gzip.open if path.name.lower().endswith(".gz") else open
    try:
        with opener(path, "rt", encoding="utf-8-sig", newline="") as stream:
            yield stream
    except FileNotFoundError as error:
        msg = f"no file at {path}. Check structures.files in params.yaml."
        raise XrdsymError(msg) from error
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error) as error:
        msg = f"{path} cannot be read ({error}). Fetch it again."
        raise XrdsymError(msg) from error
