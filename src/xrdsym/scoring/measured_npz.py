"""Labelled measured patterns in an `.npz`."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np

from xrdsym.common.errors import UsageError, XrdsymError
from xrdsym.crystal.targets.classes import CRYSTAL_SYSTEM
from xrdsym.crystal.targets.definitions import DIMENSIONALITY, target_of

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

REQUIRED_ARRAYS = ("two_theta", "intensity")
CLASSES = "classes"


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
    try:
        with np.load(source, allow_pickle=False) as file:
            wanted = [name for name in (*REQUIRED_ARRAYS, target, "space_group", "wavelength") if name in file.files]
            arrays = {name: file[name] for name in wanted}
    except (OSError, ValueError, EOFError, AttributeError, TypeError, zipfile.BadZipFile) as error:
        # numpy's own message says how to read pickles all the same
        reason = "it holds pickled objects, which are never read" if "pickle" in str(error) else error
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
    if two_theta.ndim != 1 or intensity.shape != (len(classes), len(two_theta)) or classes.ndim != 1:
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


def _stored_wavelength(source: Path, value: NDArray[Any]) -> float:
    if value.size != 1 or not np.issubdtype(value.dtype, np.number) or not np.isfinite(value).all() or value.min() <= 0:
        msg = f"{source} has the wavelength {value}; expected one positive number of Å"
        raise XrdsymError(msg)
    return float(value.item())
