"""Ids of materials: each is also the name of a file, so that it must never lead out of its folder."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from xrdsym.common.errors import XrdsymError

if TYPE_CHECKING:
    from pathlib import Path

UNSAFE = re.compile(r"[^A-Za-z0-9._+-]")
LONGEST_ID = 200
"""Characters; file systems allow 255 for a name with its suffix."""
_SAFE = f"^[A-Za-z0-9._+-]{{1,{LONGEST_ID}}}$"


def file_safe_id(material_id: str) -> str:
    """Make a material's id a valid file name: each character other than letters, digits and `._+-` becomes `_`."""
    return UNSAFE.sub("_", material_id)[:LONGEST_ID]


def check_ids(path: Path, ids: pa.Array | pa.ChunkedArray) -> None:
    """Check the ids of a table that this project wrote, or that somebody gave out as such.

    Args:
        path: The table.
        ids: Its ids, strings.

    Raises:
        XrdsymError: An id is missing, or no valid file name.
    """
    safe = pc.fill_null(pc.match_substring_regex(ids, _SAFE), fill_value=False)
    if pc.all(safe, min_count=0).as_py():
        return
    # bytes: an id may be no text at all
    wrong = ids.filter(pc.invert(safe))[0].cast(pa.binary()).as_py()
    wrong = None if wrong is None else wrong.decode(errors="backslashreplace")
    msg = (
        f"{path} has the material_id {wrong!r}, expected 1 to {LONGEST_ID} letters, digits and `._+-`: an id is the "
        "name of a file, too. This table was not made by xrdsym as it is; make it again with `dvc repro`."
    )
    raise XrdsymError(msg)
