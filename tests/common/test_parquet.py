"""Messages on tables that are broken, of another version, or without a column."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from xrdsym.common.errors import XrdsymError
from xrdsym.common.parquet import SCHEMA_VERSION, VERSION_KEY, check_schema, reading_parquet

if TYPE_CHECKING:
    from pathlib import Path


def test_a_broken_table_is_named_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "labels.parquet"
    path.write_text("no table")
    with (
        pytest.raises(XrdsymError, match=r"labels\.parquet is not a readable Parquet file .*dvc repro"),
        reading_parquet(path),
    ):
        pq.read_table(path)


def test_columns_and_version_are_checked(tmp_path: Path) -> None:
    path = tmp_path / "labels.parquet"
    schema = pa.schema([("a", pa.int64())], metadata={VERSION_KEY: str(SCHEMA_VERSION)})
    check_schema(path, schema, ["a"])
    check_schema(path, schema.remove_metadata(), ["a"])
    with pytest.raises(XrdsymError, match="lacks the columns b; it has a"):
        check_schema(path, schema, ["a", "b"])
    with pytest.raises(XrdsymError, match=f"schema version 99, this xrdsym reads version {SCHEMA_VERSION}"):
        check_schema(path, schema.with_metadata({VERSION_KEY: "99"}), ["a"])
