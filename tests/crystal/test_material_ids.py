"""Ids of materials as names of files."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xrdsym.common.errors import XrdsymError
from xrdsym.crystal.material_ids import check_ids, file_safe_id

TABLE = Path("data/peaks.parquet")


@given(st.lists(st.text(min_size=1)))
def test_a_safe_id_passes_and_stays_in_its_folder(ids: list[str]) -> None:
    safe = [file_safe_id(name) for name in ids]
    check_ids(TABLE, pa.array(safe, pa.string()))
    folder = Path("/data/images/cubic")
    for name in safe:
        assert (folder / f"{name}.png").resolve().parent == folder


@given(st.text(), st.sampled_from("/\\\0\n \x1b"), st.text())
def test_an_id_that_leads_elsewhere_is_refused(before: str, character: str, after: str) -> None:
    with pytest.raises(XrdsymError, match=r"peaks\.parquet has the material_id .* expected 1 to 200 letters"):
        check_ids(TABLE, pa.array(["mp-1", before + character + after], pa.string()))


@pytest.mark.parametrize("wrong", ["", None, "x" * 201, "../../x"])
def test_an_id_that_is_no_name_is_refused(wrong: str | None) -> None:
    with pytest.raises(XrdsymError, match="make it again with `dvc repro`"):
        check_ids(TABLE, pa.chunked_array([["mp-1"], [wrong]], pa.string()))


@pytest.mark.parametrize(
    ("given", "safe"),
    [("mp-149", "mp-149"), ("a/../b", "a_.._b"), ("é β", "___"), ("x" * 300, "x" * 200), ("Fe+2.5_(1)", "Fe+2.5__1_")],
)
def test_ids_become_names_of_files(given: str, safe: str) -> None:
    assert file_safe_id(given) == safe
