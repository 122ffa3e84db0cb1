"""Labelled measured patterns in an `.npz`."""

from __future__ import annotations

import lzma
import struct
import tokenize
import warnings
import zipfile
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

from xrdsym.common.errors import UsageError, XrdsymError
from xrdsym.common.reading import refuse_irregular
from xrdsym.crystal.targets.classes import CRYSTAL_SYSTEM
from xrdsym.crystal.targets.definitions import DIMENSIONALITY, target_of
from xrdsym.measured.wavelength import doubt

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

REQUIRED_ARRAYS = ("two_theta", "intensity")
CLASSES = "classes"
MAX_BYTES = 2 * 2**30
"""Of all arrays together, unpacked: 30,000 patterns of 8,500 angles. A file of kilobytes can hold more."""
LONGEST_REASON = 200
DAMAGE = (
    *(OSError, ValueError, EOFError, AttributeError, TypeError, LookupError, RuntimeError, MemoryError, OverflowError),
    *(SyntaxError, tokenize.TokenError, struct.error, zlib.error, lzma.LZMAError, zipfile.BadZipFile),
)
"""What NumPy and zipfile raise on a file that is damaged or was made to be."""


def read_patterns(source: Path, target: str, wavelength: float | None) -> tuple[dict[str, NDArray[Any]], float]:
    """The arrays of an `.npz` of measured patterns, the class of each as `CLASSES`, and their wavelength in Å.

    Args:
        source: As for `labelled.score_patterns`.
        target: What the classes are of.
        wavelength: As for `labelled.score_patterns`.

    Raises:
        UsageError: Neither the file nor the caller gives the wavelength.
        XrdsymError: The file is missing, broken or lacks an array.
    """
    arrays = _read_arrays(source, target)
    if wavelength is not None:
        return arrays, wavelength
    if "wavelength" not in arrays:
        msg = f"{source} lacks the wavelength of its patterns: give --radiation CuKa or --wavelength 1.5406"
        raise UsageError(msg)
    return arrays, _stored_wavelength(source, arrays["wavelength"])


def _read_arrays(source: Path, target: str) -> dict[str, NDArray[Any]]:
    """The arrays of an `.npz`, checked, the class of each pattern as `CLASSES`; nothing is unpickled."""
    expected = f"expected an .npz with two_theta (m,), intensity (n, m) and {target} (n,)"
    refuse_irregular(source)
    try:
        _check_size(source)
        with warnings.catch_warnings(), np.load(source, allow_pickle=False) as file:
            # advice on files of Python 2
            warnings.simplefilter("ignore", UserWarning)
            wanted = [name for name in (*REQUIRED_ARRAYS, target, "space_group", "wavelength") if name in file.files]
            # what is no array comes back as its bytes
            arrays = {name: _array(name, file[name]) for name in wanted}
    except DAMAGE as error:
        # numpy's own message says how to read pickles all the same
        words = " ".join(str(error).split())[:LONGEST_REASON] or type(error).__name__
        reason = "it holds pickled objects, which are never read" if "pickle" in words else words
        msg = f"{source} cannot be read ({reason}); {expected}"
        raise XrdsymError(msg) from error
    by_number = "space_group" in arrays and np.issubdtype(arrays["space_group"].dtype, np.integer)
    by_number &= target not in {CRYSTAL_SYSTEM, DIMENSIONALITY}
    named = "space_group" if by_number else target
    missing = [name for name in (*REQUIRED_ARRAYS, named) if name not in arrays]
    if missing:
        msg = f"{source} lacks {', '.join(missing)}; {expected}"
        raise XrdsymError(msg)
    two_theta, intensity, classes = (arrays[name] for name in (*REQUIRED_ARRAYS, named))
    # a number alone has no length
    if two_theta.ndim != 1 or classes.ndim != 1 or intensity.shape != (len(classes), len(two_theta)):
        shapes = ", ".join(f"{name} {arrays[name].shape}" for name in (*REQUIRED_ARRAYS, named))
        msg = f"{source} has {shapes}; {expected}"
        raise XrdsymError(msg)
    if not all(np.issubdtype(values.dtype, np.number) for values in (two_theta, intensity)):
        msg = f"{source} has two_theta of {two_theta.dtype} and intensity of {intensity.dtype}; expected numbers"
        raise XrdsymError(msg)
    if by_number:
        known = {number: target_of(target, number) for number in range(1, 231)}
        return arrays | {CLASSES: np.array([known.get(number, str(number)) for number in classes.tolist()])}
    # bytes would otherwise become the text b'cubic'
    return arrays | {CLASSES: classes.astype(str)}


def _array(name: str, content: object) -> NDArray[Any]:
    if not isinstance(content, np.ndarray):
        msg = f"{name} is no array"
        raise TypeError(msg)
    return content


def _check_size(source: Path) -> None:
    with zipfile.ZipFile(source) as file:
        size = sum(entry.file_size for entry in file.infolist())
    if size > MAX_BYTES:
        msg = f"its arrays take {size / 2**30:.1f} GiB, more than {MAX_BYTES / 2**30:.0f}: split it"
        raise ValueError(msg)


def _stored_wavelength(source: Path, value: NDArray[Any]) -> float:
    if value.size != 1 or value.dtype.kind not in "fiu" or not np.isfinite(value).all() or value.min() <= 0:
        msg = f"{source} has the wavelength {' '.join(str(value).split())}; expected one positive number of Å"
        raise XrdsymError(msg)
    stored = float(value.item())
    if (reason := doubt(stored)) is not None:
        msg = f"{source}: the wavelength {reason}; expected a number of Å. Give it with --wavelength"
        raise XrdsymError(msg)
    return stored
