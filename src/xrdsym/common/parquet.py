"""Checks shared by the project's Parquet tables: schema version, columns, broken files."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pyarrow as pa

from xrdsym.common.errors import XrdsymError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

SCHEMA_VERSION = 1
VERSION_KEY = b"xrdsym_schema_version"
"""Key of the schema version in the metadata of a table."""


@contextmanager
def reading_parquet(path: Path) -> Iterator[None]:
    """Turn errors of pyarrow in the block into one message with the path.

    Raises:
        XrdsymError: The file is not a Parquet file, is broken, has text that is not UTF-8, or a
            column has another type.
    """
    try:
        yield
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())[:200]
        msg = (
            f"{path} is not a readable Parquet file ({reason}). "
            "Delete it, then make it again with `dvc repro` or fetch it with `dvc pull`."
        )
        raise XrdsymError(msg) from error


def check_schema(path: Path, schema: pa.Schema, required: Sequence[str]) -> None:
    """Check the schema version and the columns of one of the project's tables.

    A table without a version, such as one that a user wrote, is checked by its columns alone.

    Raises:
        XrdsymError: A column is missing, or the table has another schema version.
    """
    version = (schema.metadata or {}).get(VERSION_KEY, str(SCHEMA_VERSION).encode()).decode(errors="replace")
    if version != str(SCHEMA_VERSION):
        msg = (
            f"{path} has schema version {version}, this xrdsym reads version {SCHEMA_VERSION}. "
            "Make the table again with `dvc repro`, or use the xrdsym that wrote it."
        )
        raise XrdsymError(msg)
    missing = [name for name in required if name not in schema.names]
    if missing:
        msg = f"{path} lacks the columns {', '.join(missing)}; it has {', '.join(schema.names)}."
        raise XrdsymError(msg)
