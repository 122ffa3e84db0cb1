"""Structures from the Materials Project's API: a number of each crystal system, page by page, resumable."""

from __future__ import annotations

import json
import os
import re
import time
import warnings
from typing import TYPE_CHECKING, Any, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from xrdsym.common.errors import UsageError, XrdsymError
from xrdsym.common.files import atomic_path, write_json
from xrdsym.common.progress import progress_bar
from xrdsym.common.skips import Skipped
from xrdsym.common.suggestions import nearest
from xrdsym.crystal.symmetry import CRYSTAL_SYSTEMS
from xrdsym.sources.tables import table_structures

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping
    from pathlib import Path

    from xrdsym.config.data_sections import MaterialsProjectParams
    from xrdsym.crystal.structure_table import CrystalStructure
    from xrdsym.sources.surroundings import Surroundings

KEY_VARIABLE = "MP_API_KEY"
KEY_FORM = re.compile(r"[A-Za-z0-9]{32}")
ENDPOINT = "https://api.materialsproject.org/"

PAGE_IDS = 1000
"""Ids in one request, the limit of the API."""

PAGE_STRUCTURES = 200
"""Structures in one request; the URL contains their ids, which limits the number."""

ATTEMPTS = 5
"""Attempts at a request that fails temporarily; the waits between them are 1, 2, 4 and 8 s."""

REFUSED = re.compile(r"status code 40[13]\b")
LASTING = re.compile(r"status code 4(?!29)\d\d\b|does not support the request")

OFFLINE = "Check the network and run the command again; it continues with the pages that are already stored."


class Client(Protocol):
    """The part of mp-api's `MPRester` in use; `materials.summary.search` returns mappings."""

    db_version: str
    materials: Any


class MaterialsProject:
    """A connection to the database.

    Attributes:
        database_version: Version of the database, a date.
    """

    def __init__(self, counts: Mapping[str, int], cache: Path) -> None:
        """Connect.

        Args:
            counts: Crystal system to number of materials.
            cache: Folder of downloaded pages, from which an interrupted run continues.

        Raises:
            UsageError: A key of `counts` is not a crystal system.
            XrdsymError: The key is missing or refused, mp-api is not installed, or there is no network.
        """
        for name in counts:
            if name not in CRYSTAL_SYSTEMS:
                msg = f"structures.materials_project.counts.{name}: {nearest(name, list(CRYSTAL_SYSTEMS))}"
                raise UsageError(msg)
        self._counts = counts
        self._key = _api_key()
        self._client = _connect(self._key)
        self.database_version = self._client.db_version or "unknown"
        self._folder = cache / re.sub(r"[^A-Za-z0-9._-]", "_", self.database_version)

    def structures(self, exclude: Container[str] = ()) -> Iterator[CrystalStructure | Skipped]:
        """Download the structures in the order of their ids in the database.

        Args:
            exclude: Ids from earlier sources; they are left out and do not count.

        Yields:
            Structures, and a skipped entry with the reason `not_enough_materials` for each system with too few.

        Raises:
            XrdsymError: The database cannot be reached.
        """
        wanted: list[str] = []
        for system, count in self._counts.items():
            chosen = self._choose(system, count, exclude)
            wanted += chosen
            if len(chosen) < count:
                detail = f"{system}: {count} materials wanted, the Materials Project has {len(chosen)} more"
                yield Skipped(system, "not_enough_materials", detail)
        self._fetch(wanted)
        remaining = dict.fromkeys(wanted)
        for path in self._pages():
            for entry in table_structures(path, list(remaining)):
                remaining.pop(entry.name if isinstance(entry, Skipped) else entry.material_id, None)
                yield entry
        for name in remaining:
            yield Skipped(name, "not_available", f"{name}: the Materials Project returned no structure; left out")

    def _choose(self, system: str, count: int, exclude: Container[str]) -> list[str]:
        """The first `count` ids of a crystal system that are not excluded."""
        chosen: list[str] = []
        page = 0
        while len(chosen) < count:
            page += 1
            ids = self._id_page(system, page)
            chosen += [name for name in ids if name not in exclude]
            if len(ids) < PAGE_IDS:
                break
        return chosen[:count]

    def _id_page(self, system: str, page: int) -> list[str]:
        path = self._folder / f"ids-{system}-{page:04d}.json"
        if path.is_file():
            cached: list[str] = json.loads(path.read_text(encoding="utf-8"))
            return cached
        documents = self._search(
            # the API capitalises crystal systems
            crystal_system=system.capitalize(),
            fields=["material_id"],
            chunk_size=PAGE_IDS,
            _page=page,
            _sort_fields="material_id",
        )
        ids = [_legacy_id(document["material_id"]) for document in documents]
        write_json(path, ids)
        return ids

    def _fetch(self, wanted: list[str]) -> None:
        """Fetch the structures that are not stored yet, a page at a time."""
        pages = self._pages()
        known = {name for path in pages for name in pq.read_table(path, columns=["material_id"])[0].to_pylist()}
        missing = [name for name in wanted if name not in known]
        number = 1 + max((int(path.stem.split("-")[1]) for path in pages), default=0)
        with progress_bar(total=len(missing), description="Materials Project", unit="structure") as bar:
            for start in range(0, len(missing), PAGE_STRUCTURES):
                names = missing[start : start + PAGE_STRUCTURES]
                documents = self._search(
                    material_ids=names, fields=["material_id", "structure"], chunk_size=PAGE_STRUCTURES
                )
                columns = {
                    "material_id": [_legacy_id(document["material_id"]) for document in documents],
                    "structure": [json.dumps(document["structure"]) for document in documents],
                }
                schema = pa.schema({"material_id": pa.string(), "structure": pa.string()})
                with atomic_path(self._folder / f"structures-{number:05d}.parquet") as temporary:
                    pq.write_table(pa.table(columns, schema=schema), temporary, compression="zstd")
                number += 1
                bar.update(len(names))

    def _pages(self) -> list[Path]:
        return sorted(self._folder.glob("structures-*.parquet"))

    def _search(self, **query: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - any parameter of the API
        """Request one page, with retries after temporary failures.

        GNoME entries are left out because of their licence, and so are deprecated ones.
        """
        from mp_api.client.core import MPRestError
        from requests import RequestException

        problem = ""
        for attempt in range(ATTEMPTS):
            if attempt:
                time.sleep(2 ** (attempt - 1))
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    search = self._client.materials.summary.search
                    return list(search(num_chunks=1, include_gnome=False, deprecated=False, **query))
            except (MPRestError, RequestException) as error:
                problem = _scrubbed(error, self._key)
                if LASTING.search(problem):
                    break
        # from None: the original error may contain the key
        raise _failure(problem) from None


def _api_key() -> str:
    key = os.environ.get(KEY_VARIABLE, "").strip()
    if KEY_FORM.fullmatch(key):
        return key
    received = f"{len(key)} characters" if key else "nothing"
    msg = (
        f"the source materials_project needs your key in the environment variable {KEY_VARIABLE}: expected 32 letters "
        f"and digits, received {received}. Get it at https://materialsproject.org/api, then "
        f"`export {KEY_VARIABLE}=…` and run the command again."
    )
    raise XrdsymError(msg)


def _connect(key: str) -> Client:
    """Create mp-api's client, which requests the version of the database."""
    try:
        with warnings.catch_warnings():
            # mp-api's dependencies warn on import
            warnings.simplefilter("ignore")
            import requests
            from mp_api.client import MPRester
            from mp_api.client.core import MPRestError
    except ImportError as error:
        msg = f"the source materials_project needs mp-api ({error}). Install it with `pip install 'xrdsym[sources]'`."
        raise XrdsymError(msg) from error
    endpoint = os.environ.get("MP_API_ENDPOINT", ENDPOINT).rstrip("/") + "/"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # mp-api has no timeout and would wait forever on a network that drops packets
            requests.get(f"{endpoint}heartbeat", timeout=(10, 30)).raise_for_status()
            client: Client = MPRester(key, endpoint=endpoint, use_document_model=False, mute_progress_bars=True)
    except (requests.RequestException, MPRestError, ValueError, KeyError) as error:
        raise _failure(_scrubbed(error, key)) from None
    return client


def _failure(problem: str) -> XrdsymError:
    if REFUSED.search(problem):
        return XrdsymError(
            f"the Materials Project refused the key in {KEY_VARIABLE} ({problem}). "
            "Get a new one at https://materialsproject.org/api."
        )
    return XrdsymError(f"the Materials Project cannot be reached ({problem}). {OFFLINE}")


def _scrubbed(error: Exception, key: str) -> str:
    """The error in one line, without the key."""
    return " ".join(f"{type(error).__name__}: {error}".replace(key, "…").split())[:300]


def _legacy_id(material_id: object) -> str:
    """The id in the older form `mp-149`, also if the database returns the newer `mp-ft`."""
    from emmet.core.mpid import AlphaID

    return str(AlphaID(str(material_id)).string)


def source(params: MaterialsProjectParams, surroundings: Surroundings) -> Iterator[CrystalStructure | Skipped]:
    """The Materials Project, without the ids that earlier sources gave; see `MaterialsProject`."""
    database = MaterialsProject(params.counts, surroundings.cache)
    surroundings.versions[surroundings.name] = database.database_version
    return database.structures(exclude=surroundings.taken)
