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

    from xrdsym.crystal.structure_table import CrystalStructure

CIF_SUFFIXES = (".cif", ".cif.gz")
JSON_SUFFIXES = (".json", ".json.gz")
POSCAR_SUFFIXES = (".vasp", ".poscar")
POSCAR_NAMES = ("poscar", "contcar")
EXPECTED = "CIF (.cif), POSCAR (POSCAR*, .vasp), pymatgen JSON (.json) or a table (.parquet, .csv, .jsonl)"

MAX_FILE_BYTES = 20_000_000
"""Text of one structure; pymatgen's readers need minutes for more."""

PARALLEL_FROM = 4000
"""Fewer files are read faster by this process than others start."""

BATCH_FILES = 100


def read_structure_file(path: Path) -> CrystalStructure:
    """The structure of a CIF, POSCAR or pymatgen JSON file, gzipped or not.

    Args:
        path: The file. Its name without suffix becomes the material's id, or its folder's name for a plain
            `POSCAR`.

    Raises:
        MaterialError: The file cannot be read or holds no usable structure; the one line names it.
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
        msg = f"{path}: not a structure file by its name; expected CIF (.cif), POSCAR (POSCAR*, .vasp) or JSON (.json)"
        raise MaterialError("unreadable", msg)
    return replace(structure, material_id=_file_id(path))


def file_structures(path: Path, ids: Path | None = None) -> Iterator[CrystalStructure | Skipped]:
    """The structures of a file, a folder, a glob or a table, in the order of the file names.

    Args:
        path: A file or glob of CIF, POSCAR, pymatgen JSON or tables (`tables.table_structures`); or a folder,
            in which structure files and Parquet tables count, also in its subfolders.
        ids: A list of the material ids wanted (`tables.read_ids`); None takes all.

    Yields:
        Structures, and what could not be read; each id of the list that is nowhere has the reason `id_not_found`.

    Raises:
        XrdsymError: There is no such file, or none of a known kind, or a table or the list is unreadable.
    """
    wanted = None if ids is None else read_ids(ids)
    files, tables = _find(path)
    if wanted is not None:
        listed = set(wanted)
        files = [file for file in files if _file_id(file) in listed]
    found = {_file_id(file) for file in files}
    rows = [table_rows(table) for table in tables]
    total = None if None in rows else len(files) + sum(count or 0 for count in rows)
    if total is not None and wanted is not None:
        total = min(total, len(wanted))
    with progress_bar(total=total, description=f"reading {path.name}", unit="structure") as bar:
        for entry in _entries(files, tables, wanted):
            found.add(entry.name if isinstance(entry, Skipped) else entry.material_id)
            bar.update(1)
            yield entry
    for name in wanted or ():
        if name not in found:
            detail = f"{name}: listed in {ids}, but not in {path}; take it off the list or add its structure"
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
    """The structure files and the tables that a path means, each sorted by name."""
    if path.is_dir():
        # a list of ids is a CSV, too: in a folder only Parquet is taken for a table
        other_tables = tuple(suffix for suffix in TABLE_SUFFIXES if suffix not in PARQUET_SUFFIXES)
        matches = [file for file in path.rglob("*") if not file.name.lower().endswith(other_tables)]
    elif path.is_file():
        matches = [path]
    else:
        matches = [Path(name) for name in glob.glob(str(path), recursive=True)]  # noqa: PTH207 - Path.glob takes no absolute pattern
        if not matches:
            msg = f"nothing at {path}: no such file or folder, and no file of that pattern. Give {EXPECTED}."
            raise XrdsymError(msg)
    matches = sorted(file for file in matches if file.is_file() and not file.name.startswith("."))
    tables = [file for file in matches if _is_table(file, look_inside=not path.is_dir())]
    taken = set(tables)
    files = [file for file in matches if file not in taken and _is_structure_file(file)]
    if not files and not tables:
        msg = f"no structure in {path}. Give {EXPECTED}."
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
    """What the file's name says of the material: `mp-1` for mp-1.cif.gz, POSCAR_mp-1 and mp-1/POSCAR."""
    name = path.name
    for suffix in (".gz", *CIF_SUFFIXES, *JSON_SUFFIXES, *POSCAR_SUFFIXES):
        if name.lower().endswith(suffix):
            name = name[: -len(suffix)]
    for prefix in POSCAR_NAMES:
        if name.lower().startswith(prefix):
            name = name[len(prefix) :].lstrip("._-")
    return name or path.resolve().parent.name


def _text(path: Path, *, first_line: bool = False) -> str:
    """The text of a file, gunzipped where its name says so.

    Raises:
        MaterialError: `unreadable`, or `too_large`.
    """
    opener = gzip.open if path.name.lower().endswith(".gz") else open
    try:
        with opener(path, "rb") as stream:
            content = stream.readline(MAX_FILE_BYTES + 1) if first_line else stream.read(MAX_FILE_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        msg = f"{path}: the file cannot be read ({error}); fetch it again or take it out"
        raise MaterialError("unreadable", msg) from error
    if len(content) > MAX_FILE_BYTES:
        msg = f"{path}: more than {MAX_FILE_BYTES // 1_000_000} MB of text for one structure; take it out"
        raise MaterialError("too_large", msg)
    return content.decode("utf-8-sig", errors="replace")
