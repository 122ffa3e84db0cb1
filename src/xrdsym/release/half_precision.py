"""A Keras network's file at about half its size: kernels and matrices rounded to float16."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np

from xrdsym.common.files import atomic_path

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

WEIGHTS_SUFFIX = ".weights.h5"


def halve(network: Path) -> None:
    """Round the kernels and matrices in a `.keras` file to float16, in place.

    Vectors (biases, the statistics of BatchNorm) stay as they are: they are few, and small variances would vanish. So
    do kernels with values beyond the range of float16. Keras computes in float32 with what it reads, as before.
    """
    with atomic_path(network) as temporary, zipfile.ZipFile(network) as old, zipfile.ZipFile(temporary, "w") as new:
        for entry in old.infolist():
            content = old.read(entry)
            new.writestr(entry, _rounded(content) if entry.filename.endswith(WEIGHTS_SUFFIX) else content)


def _rounded(content: bytes) -> bytes:
    import h5py

    rounded = io.BytesIO()
    with h5py.File(io.BytesIO(content), "r") as old, h5py.File(rounded, "w") as new:
        new.attrs.update(old.attrs)

        def copy(name: str, entry: Any) -> None:  # noqa: ANN401 - h5py is not typed
            if isinstance(entry, h5py.Dataset):
                copied = new.create_dataset(name, data=_half(entry[()]))
            else:
                copied = new.require_group(name)
            copied.attrs.update(entry.attrs)

        old.visititems(copy)
    return rounded.getvalue()


def _half(values: NDArray[Any]) -> NDArray[Any]:
    kernel = values.ndim > 1 and values.dtype == np.float32
    if not kernel or np.abs(values).max(initial=0.0) > np.finfo(np.float16).max:
        return values
    return values.astype(np.float16)
