"""What a finished trial leaves behind, and how it is packed into the study's storage.

A trial keeps what it answered for every material it was judged on, so that arms are compared on the same materials
long after; three bits a material are little enough to stand in Optuna's storage beside the metrics.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

BASELINE = "baseline"
"""The name of the arm that changes nothing."""


@dataclass(frozen=True, eq=False)
class Materials:
    """The materials that trials are judged on.

    Attributes:
        ids: Their names.
        labels: int64 (n,), the class of each, in the order of the classes of the target.
        compositions: The reduced formula of each.
    """

    ids: tuple[str, ...]
    labels: NDArray[np.int64]
    compositions: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class TrialResult:
    """One finished trial.

    Attributes:
        study: The name of the study.
        number: Of the trial in its study.
        arm: What sets it apart from the baseline, e.g. `profile.sigma=2.0`; `BASELINE` for the baseline itself.
        settings: Parameter to value: what it changes against the baseline; the seed is not among them.
        seed: Of the training.
        materials: What it was judged on: the validation part.
        predicted: int64 (n,), the class that it answered for each.
        metrics: Name to number, the names those of `train`: val_accuracy, val_macro_f1, accuracy_training_mode, …
        history: The metrics of each epoch: epoch, loss, accuracy, val_loss, val_accuracy, val_macro_f1, ….
        seconds: Of the training alone.
        training_structures: How many it was trained on.
    """

    study: str
    number: int
    arm: str
    settings: Mapping[str, Any]
    seed: int
    materials: Materials
    predicted: NDArray[np.int64]
    metrics: Mapping[str, float]
    history: list[dict[str, float]]
    seconds: float
    training_structures: int


def arm_name(settings: Mapping[str, Any]) -> str:
    """What to call the arm of these settings: `profile.sigma=2.0, images.side=96`."""
    shown = ((name, value if isinstance(value, str) else json.dumps(value)) for name, value in settings.items())
    return ", ".join(f"{name}={value}" for name, value in shown) or BASELINE


def pack_classes(classes: NDArray[np.int64]) -> str:
    """Classes below 256 as text."""
    return _text(classes.astype(np.uint8).tobytes())


def unpack_classes(text: str) -> NDArray[np.int64]:
    """The classes that `pack_classes` packed."""
    return np.frombuffer(_bytes(text), dtype=np.uint8).astype(np.int64)


def pack_materials(materials: Materials) -> tuple[str, str]:
    """A digest that tells these materials from others, and the materials as text."""
    content = {
        "ids": materials.ids,
        "labels": materials.labels.tolist(),
        "compositions": materials.compositions,
    }
    plain = json.dumps(content, separators=(",", ":")).encode()
    return hashlib.sha256(plain).hexdigest()[:16], _text(plain)


def unpack_materials(text: str) -> Materials:
    """The materials that `pack_materials` packed."""
    content = json.loads(_bytes(text))
    return Materials(
        tuple(content["ids"]), np.asarray(content["labels"], dtype=np.int64), tuple(content["compositions"])
    )


def _text(plain: bytes) -> str:
    return base64.b85encode(zlib.compress(plain, 9)).decode("ascii")


def _bytes(text: str) -> bytes:
    return zlib.decompress(base64.b85decode(text))
