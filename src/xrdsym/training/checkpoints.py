"""The state of an interrupted training on disk: one file of arrays and JSON, replaced whole after each epoch."""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import struct
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from xrdsym.common.files import atomic_path

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FILE_NAME = "state.npz"
_STATE = "state"
_BROKEN = (
    *(OSError, EOFError, ValueError, KeyError, TypeError, SyntaxError, zipfile.BadZipFile, zlib.error, struct.error),
    # what zipfile makes of damaged flags: another compression, a password, a size beyond any memory
    *(NotImplementedError, RuntimeError, MemoryError, OverflowError),
)
_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Checkpoint:
    """The state of a training after an epoch.

    Attributes:
        arrays: Lists of arrays by name, such as the variables of the network.
        state: Anything that JSON holds.
    """

    arrays: dict[str, list[NDArray[Any]]]
    state: dict[str, Any]


def digest(content: Mapping[str, Any]) -> str:
    """Sixteen hexadecimal digits that identify a training: the same content gives the same digits.

    Args:
        content: All that the training depends on, as JSON values.
    """
    text = json.dumps(content, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def save(folder: Path, checkpoint: Checkpoint) -> None:
    """Replace the checkpoint in `folder`; a kill at any moment leaves the former one or the new one.

    Raises:
        XrdsymError: The disk is full.
    """
    text = np.frombuffer(json.dumps(checkpoint.state).encode(), dtype=np.uint8)
    named: dict[str, Any] = {_STATE: text}
    for name, arrays in checkpoint.arrays.items():
        named |= {f"{name}/{index}": array for index, array in enumerate(arrays)}
    with atomic_path(folder / FILE_NAME) as temporary:
        np.savez(temporary, **named)


def load(folder: Path) -> Checkpoint | None:
    """The checkpoint in `folder`; None where there is none, or, with a warning, where it cannot be read."""
    path = folder / FILE_NAME
    if not path.is_file():
        return None
    try:
        with path.open("rb") as stream, np.load(stream) as stored:
            state: dict[str, Any] = json.loads(stored[_STATE].tobytes())
            arrays: dict[str, list[NDArray[Any]]] = {}
            # a zip keeps the order in which arrays were written
            for key in stored.files:
                if key != _STATE:
                    arrays.setdefault(key.split("/")[0], []).append(stored[key])
    except _BROKEN as error:
        _logger.warning("%s cannot be read (%s): the training starts from the beginning.", path, error)
        return None
    return Checkpoint(arrays, state)


def remove(folder: Path) -> None:
    """Remove the checkpoint of a finished training."""
    shutil.rmtree(folder, ignore_errors=True)
