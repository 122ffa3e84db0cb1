"""The file of a baseline: skops for its estimators and arrays, so that nothing in it is ever run as a pickle is."""

from __future__ import annotations

import zipfile
import zlib
from typing import TYPE_CHECKING, Any, TypeVar

from xrdsym.common.errors import XrdsymError
from xrdsym.common.files import atomic_path
from xrdsym.config.model_specs import BASELINE_SUFFIX

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Fitted = TypeVar("Fitted")
VERSION = 1


def write(folder: Path, name: str, classes: tuple[str, ...], content: dict[str, Any]) -> Path:
    """Write a baseline into a folder, atomically, and return its file."""
    import skops.io

    file = folder / f"model{BASELINE_SUFFIX}"
    head = {"version": VERSION, "name": name, "classes": list(classes)}
    with atomic_path(file) as temporary:
        skops.io.dump(head | content, temporary, compression=zipfile.ZIP_DEFLATED)
    return file


def read(
    file: Path,
    name: str,
    trusted: tuple[str, ...],
    from_content: Callable[[dict[str, Any], tuple[str, ...]], Fitted],
) -> Fitted:
    """Read a baseline that `write` wrote.

    Args:
        file: Its file.
        name: The baseline that it must hold.
        trusted: Types that it may hold beside those that skops itself regards as harmless: numbers, arrays,
            scikit-learn's public estimators. A file with any other type is refused before an object of it is made.
        from_content: Makes the baseline of the content and the classes; raises ValueError where they are no such.

    Raises:
        XrdsymError: The file is missing, broken, or no such baseline, or it holds types that are not trusted.
    """
    if not file.is_file():
        msg = f"no baseline at {file}. Train it first, or name another file."
        raise XrdsymError(msg)
    try:
        return _read(file, name, trusted, from_content)
    # zipfile, NumPy and skops raise these for files of another kind, and `from_content` for another content
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, ImportError, EOFError) as error:
        raise XrdsymError(_no_baseline(file, error)) from error
    except (zipfile.BadZipFile, zlib.error, RecursionError, NotImplementedError, OSError, MemoryError) as error:
        raise XrdsymError(_no_baseline(file, error)) from error


def _read(
    file: Path,
    name: str,
    trusted: tuple[str, ...],
    from_content: Callable[[dict[str, Any], tuple[str, ...]], Fitted],
) -> Fitted:
    import skops.io

    foreign = sorted(set(skops.io.get_untrusted_types(file=file)) - set(trusted))
    if foreign:
        msg = (
            f"{file} is not loaded: it holds types that {name} does not have ({', '.join(foreign)}). Put the file of "
            f"this model in its place, or train it again."
        )
        raise XrdsymError(msg)
    content = skops.io.load(file, trusted=list(trusted))
    check(content["version"] == VERSION, f"it is of version {content['version']}, expected {VERSION}")
    check(content["name"] == name, f"it is {content['name']}, expected {name}")
    return from_content(content, tuple(str(one) for one in content["classes"]))


def check(right: bool, otherwise: str) -> None:
    """Refuse the content of a file.

    Raises:
        ValueError: It is not right.
    """
    if not right:
        raise ValueError(otherwise)


def _no_baseline(file: Path, error: Exception) -> str:
    reason = " ".join(str(error).split())[:200] or type(error).__name__
    return f"{file} is no baseline that xrdsym stored ({reason}). Train it again, or name another file."
