"""Structures from files: single CIF, POSCAR or pymatgen JSON files, folders and globs of them, and tables."""

from __future__ import annotations

import glob
import gzip
import json
import zlib
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from xrdsym.common.errors import MaterialError, XrdsymError
from xrdsym.common.parallel import map_batches
from xrdsym.common.progress import progress_bar
from xrdsym.common.skips import Skipped
from xrdsym.sources.formats import structure_from_cif, structure_from_json, structure_from_poscar
from xrdsym.sources.tables import (
    PARQUET_SUFFIXES,
    STRUCTURE_COLUMNS,
    TABLE_SUFFIXES,
    read_ids,
    table_rows,
    table_structures,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from xrdsym.config.data_sections import FilesParams
    from xrdsym.crystal.structure_table import CrystalStructure
    from xrdsym.sources.surroundings import Surroundings

CIF_SUFFIXES = (".cif", ".cif.gz")
JSON_SUFFIXES = (".json", ".json.gz")
POSCAR_SUFFIXES = (".vasp", ".poscar")
POSCAR_NAMES = ("poscar", "contcar")
EXPECTED = "CIF (.cif), POSCAR (POSCAR*, .vasp), pymatgen JSON (.json) or a table (.parquet, .csv, .jsonl)"

MAX_FILE_BYTES = 20_000_000
"""Largest text of one structure; pymatgen's parsers need minutes for more."""

PARALLEL_FROM = 4000
"""Number of files from which reading in several processes is faster, their start included."""

BATCH_FILES = 100


def read_structure_file(path: Path) -> CrystalStructure:
    """Read the structure of a CIF, POSCAR or pymatgen JSON file, gzipped or not.

    Args:
        path: The file. Its name without suffix becomes the material's id; for a plain `POSCAR` the folder's name.

    Raises:
        MaterialError: The file cannot be read or has no usable structure; the message is one line and names the file.
    """
    text = _text(path)
    lower = path.name.lower()
    if lower.endswith(CIF_SUFFIXES):
        structure = structure_from_cif(text, str(path))
    elif lower.endswith(JSON_SUFFIXES):
        structure = structure_from_json(text, str(path))
    elif _is_poscar(lower):
        structure = structure_from_poscar(text, str(path))
    else:
        msg = f"{path}: unknown kind of file; expected CIF (.cif), POSCAR (POSCAR*, .vasp) or pymatgen JSON (.json)"
        raise MaterialError("unreadable", msg)
    return replace(structure, material_id=_file_id(path))


def file_structures(path: Path, ids: Path | None = None) -> Iterator[CrystalStructure | Skipped]:
    """Read the structures of a file, a folder, a glob or a table, in the order of the file names.

    Args:
        path: A file or glob of CIF, POSCAR, pymatgen JSON or tables (see `tables.table_structures`); or a folder, of
            which structure files and Parquet tables are read, those in subfolders included.
        ids: A list of material ids (see `tables.read_ids`) to read; None reads all.

    Yields:
        Structures, and entries that could not be read; an id of the list without a structure has the reason
        `id_not_found`.

    Raises:
        XrdsymError: No file of a known kind exists at the path, or a table or the list cannot be read.
    """
    wanted = None if ids is None else read_ids(ids)
    files, tables = _find(path)
    if wanted is not None:
        listed = set(wanted)
        files = [file for file in files if _file_id(file) in listed]
    seen = {_file_id(file) for file in files}
    rows = [table_rows(table) for table in tables]
    total = None if None in rows else len(files) + sum(count or 0 for count in rows)
    if total is not None and wanted is not None:
        total = min(total, len(wanted))
    with progress_bar(total=total, description=f"reading {path.name}", unit="structure") as bar:
        for entry in _entries(files, tables, wanted):
            seen.add(entry.name if isinstance(entry, Skipped) else entry.material_id)
            bar.update(1)
            yield entry
    for name in wanted or ():
        if name not in seen:
            detail = f"{name}: listed in {ids}, but not in {path}; remove it from the list or add its structure"
            yield Skipped(name, "id_not_found", detail)


def _entries(
    files: Sequence[Path], tables: Iterable[Path], wanted: list[str] | None
) -> Iterator[CrystalStructure | Skipped]:
    batches = _batches(files)
    for batch in map_batches(_read_files, batches) if len(files) >= PARALLEL_FROM else map(_read_files, batches):
        yield from batch
    for table in tables:
        yield from table_structures(table, wanted)


def _batches(files: Sequence[Path]) -> Iterator[list[Path]]:
    remaining = iter(files)
    while batch := list(islice(remaining, BATCH_FILES)):
        yield batch


def _read_files(paths: Sequence[Path]) -> list[CrystalStructure | Skipped]:
    entries: list[CrystalStructure | Skipped] = []
    for path in paths:
        try:
            entries.append(read_structure_file(path))
        except MaterialError as error:
            entries.append(Skipped(str(path), error.reason, str(error)))
    return entries


def _find(path: Path) -> tuple[list[Path], list[Path]]:
    """The structure files and the tables of a path, each sorted by name."""
    if path.is_dir():
        # a list of ids can be a CSV as well, so only Parquet files of a folder are tables
        other_tables = tuple(suffix for suffix in TABLE_SUFFIXES if suffix not in PARQUET_SUFFIXES)
        matches = [file for file in path.rglob("*") if not file.name.lower().endswith(other_tables)]
    elif path.is_file():
        matches = [path]
    else:
        matches = [Path(name) for name in glob.glob(str(path), recursive=True)]  # noqa: PTH207 - Path.glob takes no absolute pattern
        if not matches:
            msg = f"nothing at {path}: no such file or folder, and no file matches the pattern. Expected {EXPECTED}."
            raise XrdsymError(msg)
    matches = sorted(file for file in matches if file.is_file() and not file.name.startswith("."))
    tables = [file for file in matches if _is_table(file, look_inside=not path.is_dir())]
    is_table = set(tables)
    files = [file for file in matches if file not in is_table and _is_structure_file(file)]
    if not files and not tables:
        msg = f"no structure in {path}. Expected {EXPECTED}."
        raise XrdsymError(msg)
    return files, tables


def _is_table(path: Path, *, look_inside: bool) -> bool:
    lower = path.name.lower()
    if lower.endswith(TABLE_SUFFIXES):
        return True
    if not look_inside or not lower.endswith(JSON_SUFFIXES):
        return False
    try:
        row = json.loads(_text(path, first_line=True))
    except (ValueError, RecursionError, MaterialError):
        return False
    return isinstance(row, dict) and any(column in row for column in STRUCTURE_COLUMNS)


def _is_structure_file(path: Path) -> bool:
    lower = path.name.lower()
    return lower.endswith(CIF_SUFFIXES + JSON_SUFFIXES) or _is_poscar(lower)


def _is_poscar(lower: str) -> bool:
    plain = lower.removesuffix(".gz")
    return plain.endswith(POSCAR_SUFFIXES) or plain.startswith(POSCAR_NAMES)


def _file_id(path: Path) -> str:
    """The material's id from the file's name: `mp-1` for mp-1.cif.gz, POSCAR_mp-1 and mp-1/POSCAR."""
    name = path.name
    for suffix in (".gz", *CIF_SUFFIXES, *JSON_SUFFIXES, *POSCAR_SUFFIXES):
        if name.lower().endswith(suffix):
            name = name[: -len(suffix)]
    for prefix in POSCAR_NAMES:
        if name.lower().startswith(prefix):
            name = name[len(prefix) :].lstrip("._-")
    return name or path.resolve().parent.name


def _text(path: Path, *, first_line: bool = False) -> str:
    """Read the text of a file, decompressed if its name ends with `.gz`.

    Raises:
        MaterialError: The file cannot be read (`unreadable`) or exceeds `MAX_FILE_BYTES` (`too_large`).
    """
    opener = gzip.open if path.name.lower().endswith(".gz") else open
    try:
        with opener(path, "rb") as stream:
            content = stream.readline(MAX_FILE_BYTES + 1) if first_line else stream.read(MAX_FILE_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        msg = f"{path}: the file cannot be read ({error}); fetch it again or remove it"
        raise MaterialError("unreadable", msg) from error
    if len(content) > MAX_FILE_BYTES:
        msg = f"{path}: more than {MAX_FILE_BYTES // 1_000_000} MB of text for one structure; remove it"
        raise MaterialError("too_large", msg)
    return content.decode("utf-8-sig", errors="replace")


def source(params: FilesParams, surroundings: Surroundings) -> Iterator[CrystalStructure | Skipped]:
    """Files and tables of structures; see `file_structures`."""
    ids = None if params.ids is None else surroundings.located(params.ids)
    # the cross-checks of the parameters require a path for the source `files`
    return file_structures(surroundings.located(params.path or ""), ids)
