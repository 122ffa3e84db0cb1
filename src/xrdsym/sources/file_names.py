"""What a file is by its name, and the id of the material in it."""

from __future__ import annotations

import os
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from xrdsym.sources.tables import JSON_SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Sequence

CIF_SUFFIXES = (".cif", ".cif.gz", ".mcif", ".mcif.gz")
POSCAR_SUFFIXES = (".vasp", ".poscar", ".contcar")
POSCAR_NAMES = ("poscar", "contcar")

KINDS = "CIF (.cif, .mcif), POSCAR (POSCAR*, *_POSCAR, CONTCAR*, SPOSCAR, .vasp) or pymatgen JSON (.json)"

_POSCAR = re.compile(r"(?:.*[^a-z])?[bmps]?(?:poscar|contcar)[^.]*(?:\.(?:vasp|poscar|contcar|\d+))*")
"""Names such as x_POSCAR, x.CONTCAR, SPOSCAR and POSCAR-001 of phonopy, MPOSCAR; in lower case."""

_POSCAR_PART = re.compile(r"(?:^|[._-]+)[bmps]?(?:poscar|contcar)(?:[._-]+|$)")


def is_cif(path: Path) -> bool:
    """Whether a file is a CIF by its name."""
    return path.name.lower().endswith(CIF_SUFFIXES)


def is_json(path: Path) -> bool:
    """Whether a file is JSON by its name."""
    return path.name.lower().endswith(JSON_SUFFIXES)


def is_poscar(path: Path) -> bool:
    """Whether a file is a POSCAR or CONTCAR by its name."""
    plain = path.name.lower().removesuffix(".gz")
    return (
        (plain.endswith(POSCAR_SUFFIXES) or plain.startswith(POSCAR_NAMES) or _POSCAR.fullmatch(plain) is not None)
        and not is_cif(path)
        and not is_json(path)
    )


def is_structure_file(path: Path) -> bool:
    """Whether a file contains one structure by its name."""
    return is_cif(path) or is_json(path) or is_poscar(path)


def file_id(path: Path) -> str:
    """The material's id from the file's name: `mp-1` for mp-1.cif.gz, POSCAR_mp-1, mp-1.CONTCAR and mp-1/POSCAR."""
    name = path.name
    for suffix in (".gz", ".cif", ".mcif", ".json", *POSCAR_SUFFIXES):
        if name.lower().endswith(suffix):
            name = name[: -len(suffix)]
    if is_poscar(path) and (part := _POSCAR_PART.search(name.lower())):
        before, after = name[: part.start()], name[part.end() :]
        name = f"{before}-{after}" if before and after else before or after
    return name or path.resolve().parent.name


def file_ids(paths: Sequence[Path]) -> dict[Path, str]:
    """The ids of several files, all different.

    Files of one name get the names of their folders: `a` and `b` for a/structure.cif and b/structure.cif. Where that
    is not enough they get their paths below the common folder: `a-1-structure.cif`.

    Args:
        paths: The files.
    """
    ids = {path: file_id(path) for path in paths}
    if len(set(ids.values())) == len(ids):
        return ids
    root = os.path.commonpath([path.parent for path in paths])
    for other in (_folder_id, lambda path: "-".join(Path(os.path.relpath(path, root)).parts)):
        counts = Counter(ids.values())
        ids |= {path: other(path) for path, name in ids.items() if counts[name] > 1}
    return ids


def _folder_id(path: Path) -> str:
    return path.resolve().parent.name
