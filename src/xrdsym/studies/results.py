"""The result of a finished trial, and its compact form in the study's storage.

A trial stores its prediction for every evaluated material, so that arms can later be compared on the same materials.
Compressed predictions are small enough for Optuna's storage, about three bits a material.
"""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xrdsym.config.short_names import short_setting
from xrdsym.data.training_data import Look

BASELINE = "baseline"
"""The name of the arm that changes nothing."""


@dataclass(frozen=True, eq=False)
class Materials:
    """The materials on which trials are evaluated.

    Attributes:
        ids: Ids of the n materials.
        labels: Class index of each, int64 (n,), in the order of the target's classes.
        compositions: Reduced formula of each.
    """

    ids: tuple[str, ...]
    labels: NDArray[np.int64]
    compositions: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class TrialResult:
    """One finished trial.

    Attributes:
        study: Name of the study.
        number: Number of the trial in its study.
        arm: Name of the arm, e.g. `σ=2`, or `BASELINE`.
        settings: Parameter to value where the trial differs from the baseline, without the seed.
        seed: Seed of the training.
        materials: The materials of the evaluation, those of the validation or the test part.
        predicted: Predicted class index of each material, int64 (n,).
        metrics: Metrics of the training by name: val_accuracy, val_macro_f1, accuracy_training_mode, …
        history: Metrics of each epoch: epoch, loss, accuracy, val_loss, val_accuracy, val_macro_f1, …
        seconds: Duration of the training, without tables and evaluation.
        training_structures: Number of structures in the training.
        looks: What the network answered after each epoch and within it; empty where a version before did not store it.
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
    looks: list[Look] = field(default_factory=list)


def arm_name(settings: Mapping[str, Any]) -> str:
    """The name of the arm with these settings, for people; what tells arms apart is `settings_key`.

    Studies, their pages, MLflow and Optuna all show this name: `σ=2, side=96`.
    """
    return ", ".join(short_setting(name, value) for name, value in settings.items()) or BASELINE


def trial_name(settings: Mapping[str, Any], seed: int) -> str:
    """The name of a trial: `σ=2 · seed 0`."""
    return f"{arm_name(settings)} · seed {seed}"


def settings_key(settings: Mapping[str, Any]) -> str:
    """The identity of an arm in its study."""
    return str(sorted(settings.items()))


def pack_classes(classes: NDArray[np.int64]) -> str:
    """Pack class indices below 256, int64 (n,), into text."""
    return _text(classes.astype(np.uint8).tobytes())


def unpack_classes(text: str) -> NDArray[np.int64]:
    """Unpack the class indices that `pack_classes` packed, int64 (n,)."""
    return np.frombuffer(_bytes(text), dtype=np.uint8).astype(np.int64)


def pack_materials(materials: Materials) -> tuple[str, str]:
    """Pack materials into text; return their digest and the text."""
    content = {
        "ids": materials.ids,
        "labels": materials.labels.tolist(),
        "compositions": materials.compositions,
    }
    plain = json.dumps(content, separators=(",", ":")).encode()
    return hashlib.sha256(plain).hexdigest()[:16], _text(plain)


def unpack_materials(text: str) -> Materials:
    """Unpack the materials that `pack_materials` packed."""
    content = json.loads(_bytes(text))
    return Materials(
        tuple(content["ids"]), np.asarray(content["labels"], dtype=np.int64), tuple(content["compositions"])
    )


def pack_looks(looks: Sequence[Look]) -> str:
    """Pack the looks at a training into text."""
    return _text(json.dumps([dataclasses.asdict(look) for look in looks], separators=(",", ":")).encode())


def unpack_looks(text: str) -> list[Look]:
    """Unpack the looks that `pack_looks` packed."""
    return [Look(**look) for look in json.loads(_bytes(text))]


def _text(plain: bytes) -> str:
    return base64.b85encode(zlib.compress(plain, 9)).decode("ascii")


def _bytes(text: str) -> bytes:
    return zlib.decompress(base64.b85decode(text))
