"""The store of runs: its address, its settings, and the lock that lets one process at a time change it."""

from __future__ import annotations

import logging
import os
import re
import textwrap
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from xrdsym.config.paths import MARKER, project_root

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from xrdsym.config.paths import Paths

_logger = logging.getLogger(__name__)
# short timeouts: an unreachable server must not delay a training; variables that are set already keep their values
SETTINGS = {
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "15",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_LOG_UV_FILES": "false",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
}


def tracking_uri(paths: Paths) -> str:
    """The address of the store: `MLFLOW_TRACKING_URI`, else the database in the project's root.

    A relative path starts at the project's root, too: inside one of DVC's temporary clones it would be deleted with it.
    """
    given = os.environ.get("MLFLOW_TRACKING_URI") or "sqlite:///mlflow.db"
    for prefix in ("sqlite:///", "file:"):
        if given.startswith(prefix) and len(given) > len(prefix):
            return f"{prefix}{project_root(paths) / given.removeprefix(prefix)}"
    # a path alone is a folder; an address has a scheme, and `databricks` is a keyword of MLflow's
    return given if ":" in given or given == "databricks" else str(project_root(paths) / given)


class Guard:
    """Lets work continue when the store fails, after one warning.

    Attributes:
        lost: The last use failed.
    """

    def __init__(self, consequence: str, failures: Callable[[], tuple[type[Exception], ...]]) -> None:
        self.lost = False
        self._warned = False
        self._consequence = consequence
        self._failures = failures
        self._settings: dict[str, str] = {}

    @contextmanager
    def tolerant(self, paths: Paths | None = None) -> Iterator[None]:
        """Run the block with the settings of this project's store; an exception of MLflow's becomes the warning.

        Args:
            paths: The working tree; required at the first use.
        """
        if paths is not None:
            self._settings = settings_of(paths)
        with environment(self._settings):
            try:
                yield
            except self._failures() as error:
                self.lost = True
                if not self._warned:
                    address = without_password(self._settings["MLFLOW_TRACKING_URI"])
                    reason = textwrap.shorten(without_password(str(error)), 200, placeholder=" …")
                    _logger.warning("MLflow at %s failed: %s. (%s)", address, self._consequence, reason)
                self._warned = True
            else:
                self.lost = False


def settings_of(paths: Paths) -> dict[str, str]:
    """The environment variables of MLflow's for this project's store."""
    given = {name: os.environ[name] for name in SETTINGS if name in os.environ}
    return SETTINGS | given | {"MLFLOW_TRACKING_URI": tracking_uri(paths)}


def foreign_folder(paths: Paths, files: str) -> Path | None:
    """The folder for the files of runs where it is not this project's: it does not exist, or is another project's.

    Args:
        paths: The working tree.
        files: Where the files of the runs of its experiment belong, as a URI or a path.
    """
    parts = urlsplit(files)
    folder, root = Path(unquote(parts.path)), project_root(paths)
    if parts.scheme not in {"", "file"} or folder.is_relative_to(root):
        return None
    owners = [parent for parent in folder.parents if (parent / MARKER).is_file()]
    return folder if owners or not folder.exists() else None


@contextmanager
def environment(settings: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables inside the block: MLflow reads its settings, such as the address, at each call."""
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def lock(paths: Paths) -> Iterator[None]:
    """Admit one process of this project at a time: two that create the store or compare champions would collide."""
    from filelock import FileLock

    folder = project_root(paths) / "mlruns"
    folder.mkdir(exist_ok=True)
    with FileLock(folder / ".lock", timeout=120):
        yield


def without_password(text: str) -> str:
    """A text in which no address has its user and password."""
    return re.sub(r"//[^/@\s]+@", "//", text)
