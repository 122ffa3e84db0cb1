"""A folder for numba's cache where the usual ones cannot be written: numba would refuse to be imported there."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

VARIABLE = "NUMBA_CACHE_DIR"


def ensure_numba_cache(package: Path) -> None:
    """Let numba cache in a temporary folder of this process where it could write neither of its usual ones.

    numba caches in the folder of `NUMBA_CACHE_DIR`, else beside the code, else below the user's folder of caches. A
    temporary folder is not shared between processes: others could put code in it.

    Args:
        package: The folder of the compiled code.
    """
    given = os.environ.get(VARIABLE)
    usual = [package, Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())]
    if any(_writable(folder) for folder in ([Path(given), *usual] if given else usual)):
        return
    folder = tempfile.mkdtemp(prefix="xrdsym-numba-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    # for worker processes, too
    os.environ[VARIABLE] = folder


def _writable(folder: Path) -> bool:
    """Whether files can be made in a folder, which may have to be made itself."""
    nearest = next(one for one in (folder.absolute(), *folder.absolute().parents) if one.exists())
    return nearest.is_dir() and os.access(nearest, os.W_OK)
