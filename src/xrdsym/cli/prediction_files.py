"""The files that `xrdsym predict` is given: which are read, as what, and what they hold."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from xrdsym.crystal.structure_table import CrystalStructure
    from xrdsym.measured.scan import Scan

_logger = logging.getLogger(__name__)
SCAN_SUFFIXES = (".xy", ".xye", ".dat", ".csv", ".txt", ".asc")
EXPECTED = f"structures (.cif, POSCAR, .vasp, .json) or measured patterns ({', '.join(SCAN_SUFFIXES)})"
NAMED = 5
"""Files of a folder that are named where they are not read."""


def files_of(paths: Iterable[Path]) -> Iterator[Path]:
    """The files named, and those of the folders named; a folder without any stands for itself.

    A warning counts and names the files of a folder that are not read.
    """
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        read, unread = _files_in(path)
        if read and unread:
            _logger.warning("%s: %s; expected %s", path, _counted(unread), EXPECTED)
        yield from read or [path]


def _files_in(folder: Path) -> tuple[list[Path], list[Path]]:
    """The files of a folder and its subfolders that are read, and those that are not; hidden ones are neither."""
    read: list[Path] = []
    unread: list[Path] = []
    for path in sorted(folder.rglob("*")):
        if path.is_dir() or any(part.startswith(".") for part in path.relative_to(folder).parts):
            continue
        wanted = (_is_structure(path) or _is_scan(path)) and path.is_file()
        (read if wanted else unread).append(path)
    return read, unread


def _counted(files: Sequence[Path]) -> str:
    names = ", ".join(file.name for file in files[:NAMED])
    more = f" and {len(files) - NAMED} more" if len(files) > NAMED else ""
    return f"{len(files)} file{'' if len(files) == 1 else 's'} not read: {names}{more}"


def read_pattern(
    path: Path, given: tuple[str | float, float] | None, axis: str | None
) -> tuple[CrystalStructure | Scan, str | float | None]:
    """The pattern of a file.

    Args:
        path: A structure, a measured pattern, or a folder in which no file is read.
        given: What measured patterns were measured with: its name, or Å, and its wavelength in Å; it overrides the
            file's header.
        axis: What the first column of measured patterns is (see `scan_files.read_scan`); None where the file tells.

    Returns:
        The pattern, and what it was measured with; None for a structure.

    Raises:
        MaterialError: The file holds none.
    """
    from xrdsym.common.errors import MaterialError
    from xrdsym.common.reading import refuse_irregular
    from xrdsym.encoding.encoder import NO_WAVELENGTH
    from xrdsym.measured.scan_files import read_scan
    from xrdsym.sources.files import read_structure_file

    if path.is_dir():
        unread = _files_in(path)[1]
        found = f" ({_counted(unread)})" if unread else ""
        msg = f"{path}: no file in this folder is read{found}; expected {EXPECTED}"
        raise MaterialError("empty", msg)
    refuse_irregular(path)
    if _is_structure(path):
        return read_structure_file(path), None
    # with its unit: the call was checked when it was read
    scan = read_scan(path, None if given is None else f"{given[1]!r} Å", axis)
    if scan.wavelength is None:
        msg = f"{path}: {NO_WAVELENGTH}"
        raise MaterialError("no_wavelength", msg)
    return scan, scan.wavelength if given is None else given[0]


def _is_structure(path: Path) -> bool:
    from xrdsym.sources.file_names import is_structure_file

    return is_structure_file(path)


def _is_scan(path: Path) -> bool:
    return path.name.lower().endswith(SCAN_SUFFIXES)
