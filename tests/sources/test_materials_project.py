"""The Materials Project source: the real client against a small server of this machine."""

from __future__ import annotations

import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pymatgen.core import Lattice, Structure

from xrdsym.common.errors import UsageError, XrdsymError
from xrdsym.common.skips import Skipped
from xrdsym.crystal.structure_table import CrystalStructure
from xrdsym.sources import materials_project
from xrdsym.sources.materials_project import MaterialsProject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytest.importorskip("mp_api", reason="mp-api is not installed: pip install 'xrdsym[sources]'")

KEY = "abcdefghijklmnopqrstuvwxyz012345"
SYSTEMS = {"Cubic": 12, "Trigonal": 4}


def document(number: int) -> dict[str, Any]:
    return {
        "material_id": f"mp-{number}",
        "structure": Structure(Lattice.cubic(3 + number), ["Po"], [[0] * 3]).as_dict(),
    }


class Server(ThreadingHTTPServer):
    """Twelve cubic materials, mp-1 to mp-12, and four trigonal ones, mp-101 to mp-104."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.queries: list[dict[str, str]] = []
        self.failure: Callable[[int], int | None] = lambda _: None


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        path = urlsplit(self.path)
        if path.path == "/heartbeat":
            self.answer(200, {"db_version": "2025.02.12", "access_controlled_batch_ids": [], "version": "0.87.0"})
            return
        query = {key: values[0] for key, values in parse_qs(path.query).items()}
        self.server.queries.append(query)
        failure = self.server.failure(len(self.server.queries))
        if self.headers["x-api-key"] != KEY:
            self.answer(403, {"detail": f"Invalid key {self.headers['x-api-key']}"})
        elif failure is not None:
            self.answer(failure, {"detail": f"no luck with key {KEY}"})
        else:
            self.answer(200, self.found(query))

    def found(self, query: dict[str, str]) -> dict[str, Any]:
        assert query["deprecated"] == "False"
        assert "gnome" in query["batch_id_not_eq"]
        numbers = {"Cubic": range(1, 13), "Trigonal": range(101, 105)}.get(query.get("crystal_system", ""), range(0))
        if "material_ids" in query:
            numbers = [int(name.removeprefix("mp-")) for name in query["material_ids"].split(",")]
        size, page = int(query.get("_per_page", query["_limit"])), int(query.get("_page", 1))
        rows = [document(number) for number in numbers][(page - 1) * size : page * size]
        fields = query["_fields"].split(",")
        return {
            "data": [{field: row[field] for field in fields} for row in rows],
            "meta": {"total_doc": len(numbers)},
        }

    def answer(self, status: int, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        monkeypatch.setenv("MP_API_ENDPOINT", f"http://127.0.0.1:{running.server_address[1]}")
        monkeypatch.setenv("MP_API_KEY", KEY)
        monkeypatch.setenv("NO_PROXY", "*")
        monkeypatch.setattr(materials_project, "PAGE_IDS", 5)
        monkeypatch.setattr(materials_project, "PAGE_STRUCTURES", 3)
        monkeypatch.setattr(materials_project.time, "sleep", lambda _: None)
        yield running
        running.shutdown()
        thread.join()


def fetched(counts: dict[str, int], cache: Path, exclude: tuple[str, ...] = ()) -> list[CrystalStructure | Skipped]:
    return list(MaterialsProject(counts, cache).structures(exclude))


def names(entries: list[CrystalStructure | Skipped]) -> list[str]:
    return [entry.reason if isinstance(entry, Skipped) else entry.material_id for entry in entries]


def test_counts_per_system_without_what_is_there(server: Server, tmp_path: Path) -> None:
    source = MaterialsProject({"cubic": 7, "trigonal": 2}, tmp_path)
    assert source.database_version == "2025.02.12"
    entries = list(source.structures(exclude={"mp-1", "mp-3", "mp-101"}))
    expected = [2, 4, 5, 6, 7, 8, 9, 102, 103]
    assert names(entries) == [f"mp-{number}" for number in expected]
    assert [round(float(entry.lattice[0, 0])) for entry in entries] == [3 + number for number in expected]  # type: ignore[union-attr]
    assert all(query["_fields"] == "material_id" for query in server.queries if "crystal_system" in query)


def test_fewer_than_wanted_is_reported(server: Server, tmp_path: Path) -> None:
    assert names(fetched({"trigonal": 6}, tmp_path)) == ["not_enough_materials", *(f"mp-{n}" for n in range(101, 105))]
    assert server.queries


def test_a_failure_that_passes_is_overcome(server: Server, tmp_path: Path) -> None:
    server.failure = lambda count: 500 if count in (1, 3, 4) else None
    assert names(fetched({"cubic": 6}, tmp_path)) == [f"mp-{number}" for number in range(1, 7)]


def test_an_interrupted_run_goes_on_where_it_stopped(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # two pages of ids and two of structures come through
    server.failure = lambda count: 500 if count > 4 else None
    with pytest.raises(XrdsymError, match="cannot be reached") as raised:
        fetched({"cubic": 9}, tmp_path)
    assert len(server.queries) == 4 + materials_project.ATTEMPTS
    assert KEY not in str(raised.value)
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__
    server.failure = lambda _: None
    server.queries.clear()
    assert names(fetched({"cubic": 9}, tmp_path)) == [f"mp-{number}" for number in range(1, 10)]
    assert [query["material_ids"] for query in server.queries] == ["mp-7,mp-8,mp-9"]
    server.queries.clear()
    fetched({"cubic": 9}, tmp_path)
    assert not server.queries
    for path in tmp_path.rglob("*"):
        assert path.is_dir() or KEY.encode() not in path.read_bytes()
    printed = capsys.readouterr()
    assert KEY not in printed.out + printed.err


def test_a_refused_key_is_reported_at_once_and_never_shown(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = "0" * 31 + "Z"
    monkeypatch.setenv("MP_API_KEY", wrong)
    with pytest.raises(XrdsymError, match="refused the key") as raised:
        fetched({"cubic": 1}, tmp_path)
    assert wrong not in str(raised.value)
    assert len(server.queries) == 1


@pytest.mark.parametrize("key", ["", "tooshort", "with-some-dashes-and-the-length-32"])
def test_without_a_key_it_says_where_to_get_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, key: str) -> None:
    monkeypatch.setenv("MP_API_KEY", key)
    with pytest.raises(XrdsymError, match="MP_API_KEY") as raised:
        MaterialsProject({"cubic": 1}, tmp_path)
    assert "export" in str(raised.value)
    assert not key or key not in str(raised.value)


def test_without_a_network_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    monkeypatch.setenv("MP_API_ENDPOINT", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("MP_API_KEY", KEY)
    monkeypatch.setenv("NO_PROXY", "*")
    with pytest.raises(XrdsymError, match="Check the network") as raised:
        MaterialsProject({"cubic": 1}, tmp_path)
    assert "\n" not in str(raised.value)
    assert KEY not in str(raised.value)


def test_a_misspelt_system_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="did you mean cubic"):
        MaterialsProject({"cubik": 1}, tmp_path)
