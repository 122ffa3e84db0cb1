"""Structures from files: single CIF, POSCAR or pymatgen JSON files, folders and globs of them, and tables."""

from __future__ import annotations

import glob
import gzip
import json
import zlib
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from xrdsym.common.errors import MaterialError, XrdsymError
from xrdsym.common.parallel import map_batches
from xrdsym.common.progress import progress_bar
from xrdsym.common.skips import Skipped
from xrdsym.sources.cif import structure_from_cif
from xrdsym.sources.file_names import KINDS, file_id, file_ids, is_cif, is_json, is_poscar, is_structure_file
from xrdsym.sources.json_documents import STRUCTURE_COLUMNS, structure_from_json
from xrdsym.sources.poscar import structure_from_poscar
from xrdsym.sources.tables import PARQUET_SUFFIXES, TABLE_SUFFIXES, read_ids, table_rows, table_structures

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from xrdsym.config.data_sections import FilesParams
    from xrdsym.crystal.structure_table import CrystalStructure
    from xrdsym.sources.surroundings import Surroundings

EXPECTED = f"{KINDS}, or a table (.parquet, .csv, .jsonl, a JSON list)"

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
    for matches, read in (
        (is_cif, structure_from_cif),
        (is_json, structure_from_json),
        (is_poscar, structure_from_poscar),
    ):
        if matches(path):
            return replace(read(_text(path), str(path)), material_id=file_id(path))
    msg = f"{path}: unknown kind of file; expected {KINDS}"
    raise MaterialError("unreadable", msg)


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
    found, tables = _find(path)
    listed = None if wanted is None else set(wanted)
    # a JSON list has ids of its own
    files = [
        (file, name) for file, name in file_ids(found).items() if listed is None or name in listed or _is_list(file)
    ]
    seen = {name for file, name in files if not _is_list(file)} if listed else set()
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
    files: Sequence[tuple[Path, str]], tables: Iterable[Path], wanted: list[str] | None
) -> Iterator[CrystalStructure | Skipped]:
    batches = _batches(files)
    read = partial(_read_files, wanted=wanted)
    for batch in map_batches(read, batches) if len(files) >= PARALLEL_FROM else map(read, batches):
        yield from batch
    for table in tables:
        yield from table_structures(table, wanted)


def _batches(files: Sequence[tuple[Path, str]]) -> Iterator[list[tuple[Path, str]]]:
    remaining = iter(files)
    while batch := list(islice(remaining, BATCH_FILES)):
        yield batch


def _read_files(files: Sequence[tuple[Path, str]], wanted: list[str] | None) -> list[CrystalStructure | Skipped]:
    """Read files, each with the id of its material; of JSON lists the materials wanted."""
    entries: list[CrystalStructure | Skipped] = []
    for path, name in files:
        try:
            if _is_list(path):
                entries += table_structures(path, wanted)
            else:
                entries.append(replace(read_structure_file(path), material_id=name))
        except MaterialError as error:
            entries.append(Skipped(str(path), error.reason, str(error)))
        except XrdsymError as error:
            entries.append(Skipped(str(path), "unreadable", str(error)))
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
    files = [file for file in matches if file not in is_table and is_structure_file(file)]
    if not files and not tables:
        msg = f"no structure in {path}. Expected {EXPECTED}."
        raise XrdsymError(msg)
    return files, tables


def _is_table(path: Path, *, look_inside: bool) -> bool:
    """Whether a file is a table: by its suffix, or JSON that is a list or JSON Lines."""
    if path.name.lower().endswith(TABLE_SUFFIXES):
        return True
    # the files of a folder are one structure each, or a list of which each part is an entry
    if not look_inside or not is_json(path):
        return False
    try:
        row = json.loads(_text(path, line=True))
    except (ValueError, RecursionError, MaterialError):
        return _is_list(path)
    return isinstance(row, list) or (isinstance(row, dict) and any(key in row for key in (*STRUCTURE_COLUMNS, "data")))


def _is_list(path: Path) -> bool:
    """Whether a file is a JSON list by its beginning; one that cannot be read is none."""
    try:
        return is_json(path) and _text(path, limit=100).lstrip().startswith("[")
    except MaterialError:
        return False


def _text(path: Path, *, limit: int | None = None, line: bool = False) -> str:
    """Read the text of a file, decompressed if its name ends with `.gz`.

    Args:
        path: The file.
        limit: Read at most so many bytes; None refuses a file with more than `MAX_FILE_BYTES`.
        line: Read only the first line.

    Raises:
        MaterialError: The file cannot be read or is a device or a pipe, which may have no end (`unreadable`), or
            exceeds `MAX_FILE_BYTES` (`too_large`).
    """
    opener = gzip.open if path.name.lower().endswith(".gz") else open
    most = MAX_FILE_BYTES + 1 if limit is None else limit
    try:
        if path.exists() and not path.is_file():
            msg = f"{path}: not a regular file; save its contents to one"
            raise MaterialError("unreadable", msg)
        with opener(path, "rb") as stream:
            content = stream.readline(most) if line else stream.read(most)
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
