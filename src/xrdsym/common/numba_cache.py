"""A folder for numba's cache where the usual ones cannot be written: numba would refuse to be imported there."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

VARIABLE = "NUMBA_CACHE_DIR"


SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - the folder made there has a random name and is for its owner
"""Linux has it where nothing on a disk can be written."""
NOWHERE = (
    f"no folder can be written for compiled code, not even a temporary one. Set {VARIABLE} to a folder that can be "
    "written."
)


def ensure_numba_cache(package: Path) -> str | None:
    """Let numba cache in a temporary folder of this process where it could write neither of its usual ones.

    numba caches in the folder of `NUMBA_CACHE_DIR`, else beside the code, else below the user's folder of caches. A
    temporary folder is not shared between processes: others could put code in it.

    Args:
        package: The folder of the compiled code.

    Returns:
        What is wrong and what to do where there is no such folder at all, in one line; else None.
    """
    given = os.environ.get(VARIABLE)
    usual = [package, Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())]
    if any(_writable(folder) for folder in ([Path(given), *usual] if given else usual)):
        return None
    for parent in (None, SHARED_MEMORY):
        try:
            folder = tempfile.mkdtemp(prefix="xrdsym-numba-", dir=parent)
        except OSError:
            continue
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        # for worker processes, too
        os.environ[VARIABLE] = folder
        return None
    return NOWHERE


def _writable(folder: Path) -> bool:
    """Whether files can be made in a folder, which may have to be made itself; the one way to know is to make one."""
    try:
        nearest = next(one for one in (folder.absolute(), *folder.absolute().parents) if one.exists())
        with tempfile.TemporaryFile(dir=nearest):
            return True
    except OSError:
        return False
