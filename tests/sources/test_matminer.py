"""The matminer source: datasets as matminer itself writes them, from a server of this machine."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymatgen.core import Lattice, Structure

from xrdsym.common.errors import UsageError, XrdsymError
from xrdsym.common.files import file_digest
from xrdsym.common.skips import Skipped
from xrdsym.crystal.structure_table import CrystalStructure, to_pymatgen
from xrdsym.sources import frames, matminer
from xrdsym.sources.matminer import matminer_structures

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytest.importorskip("matminer", reason="matminer is not installed: pip install 'xrdsym[sources]'")

SIZES = (3.0, 3.5, 4.0, 4.5)


def crystal(a: float) -> Structure:
    return Structure(Lattice.tetragonal(a, a + 1), ["Cs", {"Cl": 0.5, "Br": 0.5}], [[0, 0, 0], [0.5, 0.5, 0.5]])


def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "mpid": ["mp-1", "mp-2", None, "mp-4"],
            "initial structure": [crystal(9)] * 4,
            "gap pbe": [0.1, None, 1e-9, 12],
            "structure": [crystal(a) for a in SIZES],
            "formula": ['with "quotes], [', "äö", "", "x"],
        }
    )


def write(table: pd.DataFrame, path: Path) -> None:
    from matminer.utils.io import store_dataframe_as_json

    store_dataframe_as_json(table, str(path), compression="gz", pbar=False)


class Server(ThreadingHTTPServer):
    """Gives a file, or a cut one for the first `cut` requests."""

    def __init__(self, content: bytes) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.content = content
        self.cut = 0
        self.requests = 0


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.requests += 1
        content = self.server.content[: 100 if self.server.requests <= self.server.cut else None]
        self.send_response(200)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """The dataset `small`, which matminer knows as it knows its own."""
    import matminer.datasets.dataset_retrieval as known

    write(frame(), tmp_path / "source.json.gz")
    with Server((tmp_path / "source.json.gz").read_bytes()) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        url = f"http://127.0.0.1:{running.server_address[1]}/small"
        digest = file_digest(tmp_path / "source.json.gz")
        entry = {"url": url, "hash": digest, "file_type": "json.gz", "num_entries": 4}
        monkeypatch.setattr(known, "_dataset_dict", {"small": entry})
        monkeypatch.setenv("NO_PROXY", "*")
        monkeypatch.delenv("MATMINER_DATA", raising=False)
        yield running
        running.shutdown()
        thread.join()


def test_rows_are_structures_with_their_ids(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # rows longer than what is read at a time
    monkeypatch.setattr(frames, "CHUNK", 97)
    entries = list(matminer_structures("small", tmp_path / "cache"))
    assert [entry.material_id for entry in entries] == ["mp-1", "mp-2", "small-3", "mp-4"]  # type: ignore[union-attr]
    for entry, a in zip(entries, SIZES, strict=True):
        assert isinstance(entry, CrystalStructure)
        assert to_pymatgen(entry).matches(crystal(a), scale=False)
    assert entries[0].formula == crystal(3).reduced_formula  # type: ignore[union-attr]
    assert server.requests == 1
    list(matminer_structures("small", tmp_path / "cache"))
    assert server.requests == 1


def test_an_interrupted_download_is_done_again(server: Server, tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "small.json.gz").write_bytes(server.content[:50])
    server.cut = 1
    assert len(list(matminer_structures("small", tmp_path / "cache"))) == 4
    assert server.requests == 2


def test_a_broken_download_leaves_nothing_and_says_what_to_do(server: Server, tmp_path: Path) -> None:
    server.cut = 99
    with pytest.raises(XrdsymError, match="paper-local"):
        list(matminer_structures("small", tmp_path / "cache"))
    assert server.requests == matminer.ATTEMPTS
    assert not list((tmp_path / "cache").iterdir())


def test_without_a_network_it_says_so_at_once(server: Server, tmp_path: Path) -> None:
    server.shutdown()
    server.server_close()
    with pytest.raises(XrdsymError, match=r"Check the network.*paper-local"):
        list(matminer_structures("small", tmp_path / "cache"))


def test_matminers_own_folder_is_used(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "small.json.gz").write_bytes(server.content)
    monkeypatch.setenv("MATMINER_DATA", str(tmp_path / "own"))
    assert len(list(matminer_structures("small", tmp_path / "cache"))) == 4
    assert server.requests == 0


def test_an_unknown_dataset_is_reported_the_nearest(server: Server, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="did you mean small"):
        list(matminer_structures("smal", tmp_path))
    assert server.requests == 0


def test_the_papers_dataset_is_known() -> None:
    assert matminer._attributes("mp_all_20181018")["num_entries"] == 83_989


@pytest.fixture
def provided(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The path where the dataset is looked for, whatever is there."""
    monkeypatch.setattr(matminer, "_provide", lambda *_: None)
    monkeypatch.setenv("MATMINER_DATA", str(tmp_path))
    assert server.requests == 0
    return tmp_path / "small.json.gz"


def test_a_dataset_without_structures_is_refused(provided: Path) -> None:
    write(frame()[["mpid", "gap pbe"]], provided)
    with pytest.raises(UsageError, match="mpid, gap pbe"):
        list(matminer_structures("small", provided.parent))


def test_a_row_without_a_structure_costs_only_itself(provided: Path) -> None:
    table = frame()
    table.loc[1, "structure"] = None
    write(table, provided)
    entries = list(matminer_structures("small", provided.parent))
    assert [entry.reason if isinstance(entry, Skipped) else "" for entry in entries] == ["", "unreadable", "", ""]


@pytest.mark.parametrize("text", ["", "[]", '{"columns": ["structure"], "data": [[{"a": 1}]', '{"data": []}', "<html>"])
def test_what_is_no_data_frame_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "small.json"
    path.write_text(text)
    with pytest.raises(XrdsymError, match=r"small\.json"):
        (frames.frame_columns(path), list(frames.frame_rows(path)))


def test_the_order_of_the_keys_does_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "small.json"
    path.write_text('{"data": [[1, [2, 3]], [4, []]], "index": [0, 1], "columns": ["a", "b"]}')
    assert frames.frame_columns(path) == ["a", "b"]
    assert list(frames.frame_rows(path)) == [[1, [2, 3]], [4, []]]


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(
    rows=st.lists(st.lists(JSON_VALUES, max_size=4), max_size=5),
    chunk=st.integers(1, 200),
    indent=st.none() | st.just(1),
)
@settings(deadline=None)
def test_rows_are_what_json_reads_however_they_are_cut(
    rows: list[list[object]], chunk: int, indent: int | None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("frame") / "small.json"
    path.write_text(json.dumps({"index": list(range(len(rows))), "data": rows, "columns": ["a"]}, indent=indent))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(frames, "CHUNK", chunk)
        assert list(frames.frame_rows(path)) == rows
        assert frames.frame_columns(path) == ["a"]
