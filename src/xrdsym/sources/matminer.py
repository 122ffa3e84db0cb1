"""Structures of a matminer dataset: the file is downloaded, verified, and read row by row."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xrdsym.common.errors import MaterialError, UsageError, XrdsymError
from xrdsym.common.files import atomic_path, file_digest
from xrdsym.common.progress import progress_bar
from xrdsym.common.skips import Skipped
from xrdsym.common.suggestions import nearest
from xrdsym.sources.frames import frame_columns, frame_rows
from xrdsym.sources.json_documents import structure_from_dict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xrdsym.config.data_sections import MatminerParams
    from xrdsym.crystal.structure_table import CrystalStructure
    from xrdsym.sources.surroundings import Surroundings

STRUCTURE_COLUMNS = ("structure", "final_structure")
ID_COLUMNS = ("material_id", "mpid", "jid")

TIMEOUT = 60.0
"""Seconds without a response or a byte after which a download fails."""

ATTEMPTS = 3
CHUNK_BYTES = 1 << 20

OFFLINE = (
    "Check the network and run the command again, or use a local table: `xrdsym preset apply paper-local` sets "
    "structures.sources to files."
)


def matminer_structures(dataset: str, cache: Path) -> Iterator[CrystalStructure | Skipped]:
    """Read the structures of a matminer dataset, one row in memory at a time.

    Args:
        dataset: Name of the dataset in matminer. It needs a column `structure` or `final_structure`. A material's id
            is its `material_id`, `mpid` or `jid`, else `<dataset>-<row>`.
        cache: Folder of downloads, unless the environment variable MATMINER_DATA names another.

    Raises:
        UsageError: matminer has no such dataset, or the dataset has no structures.
        XrdsymError: matminer is not installed, or the download failed.
    """
    attributes = _attributes(dataset)
    folder = Path(os.environ.get("MATMINER_DATA", cache)).expanduser()
    path = folder / f"{dataset}.{attributes['file_type']}"
    _provide(path, attributes["url"], attributes["hash"], dataset)
    columns = frame_columns(path)
    structure_column = next((columns.index(name) for name in STRUCTURE_COLUMNS if name in columns), None)
    if structure_column is None:
        msg = f"structures.matminer.dataset: {dataset} has no structures, its columns are {', '.join(columns)}"
        raise UsageError(msg)
    id_columns = [columns.index(name) for name in ID_COLUMNS if name in columns]
    total = attributes.get("num_entries")
    with progress_bar(total=total, description=f"reading {dataset}", unit="structure") as bar:
        for number, row in enumerate(frame_rows(path), start=1):
            bar.update(1)
            name = next((str(row[column]) for column in id_columns if row[column]), f"{dataset}-{number}")
            try:
                yield structure_from_dict(row[structure_column], name)
            except MaterialError as error:
                yield Skipped(name, error.reason, str(error))


def _attributes(dataset: str) -> dict[str, Any]:
    """The metadata of a dataset in matminer: `url`, `hash` (SHA-256), `file_type`, `num_entries`."""
    try:
        from matminer.datasets import get_available_datasets, get_dataset_attribute
    except ImportError as error:
        msg = f"the source matminer needs matminer ({error}). Install it with `pip install 'xrdsym[sources]'`."
        raise XrdsymError(msg) from error
    names = get_available_datasets(print_format=None)
    if dataset not in names:
        msg = f"structures.matminer.dataset: {dataset} is not a dataset of matminer; {nearest(dataset, names)}"
        raise UsageError(msg)
    return {key: get_dataset_attribute(dataset, key) for key in ("url", "hash", "file_type", "num_entries")}


def _provide(path: Path, url: str, digest: str, dataset: str) -> None:
    """Download a dataset's file unless it exists with the right checksum."""
    if path.is_file() and file_digest(path) == digest:
        return
    import requests

    problem = ""
    for _ in range(ATTEMPTS):
        try:
            with atomic_path(path) as temporary:
                _download(url, temporary, digest, dataset)
        except requests.ConnectionError as error:
            # without a connection an immediate retry fails as well
            problem = type(error).__name__
            break
        except (requests.RequestException, _BrokenDownloadError) as error:
            problem = " ".join(str(error).split())[:200]
        else:
            return
    msg = f"the matminer dataset {dataset} could not be downloaded from {url} ({problem}). {OFFLINE}"
    raise XrdsymError(msg)


class _BrokenDownloadError(Exception):
    """The downloaded bytes do not have the dataset's checksum."""


def _download(url: str, path: Path, digest: str, dataset: str) -> None:
    import requests

    with requests.get(url, stream=True, timeout=TIMEOUT) as response, path.open("wb") as stream:
        response.raise_for_status()
        size = int(response.headers.get("content-length", 0)) or None
        with progress_bar(total=size, description=f"downloading {dataset}", unit="B") as bar:
            for chunk in response.iter_content(CHUNK_BYTES):
                stream.write(chunk)
                bar.update(len(chunk))
    if file_digest(path) != digest:
        msg = "the file does not match matminer's checksum"
        raise _BrokenDownloadError(msg)


def source(params: MatminerParams, surroundings: Surroundings) -> Iterator[CrystalStructure | Skipped]:
    """A dataset of matminer; see `matminer_structures`."""
    surroundings.versions[surroundings.name] = params.dataset
    return matminer_structures(params.dataset, surroundings.cache)
