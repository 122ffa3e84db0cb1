"""What tells a training from all others: its parameters, its data, its code, the versions of its packages."""

from __future__ import annotations

import dataclasses
import hashlib
import importlib.metadata
from pathlib import Path
from typing import TYPE_CHECKING

from xrdsym.common.files import file_digest
from xrdsym.config.model_specs import model_spec
from xrdsym.config.paths import project_root
from xrdsym.training import checkpoints

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xrdsym.config.paths import Paths
    from xrdsym.config.schema import Params

CODE = (
    "augmentation",
    "common/parallel.py",
    "config/model_specs.py",
    "crystal",
    "data",
    "diffraction",
    "encoding",
    "evaluation",
    "indexing",
    "measured",
    "models",
    "training",
)
"""The modules below the package that decide what a training does from one epoch to the next."""
SECTIONS = ("profile", "images", "effects", "target", "train")
"""The parameters that do."""


def table_digests(paths: Paths) -> dict[str, str]:
    """The SHA-256 of each table that a training reads."""
    tables = {"labels": paths.labels, "peaks": paths.peaks, "split": paths.split}
    return {name: file_digest(path) for name, path in tables.items() if path.is_file()}


def checkpoint_folder(paths: Paths, params: Params, digests: Mapping[str, str]) -> Path:
    """A folder that belongs to this training alone: its parameters, its data, its code."""
    package = Path(__file__).resolve().parents[1]
    code = hashlib.sha256()
    for name in CODE:
        for file in sorted([package / name] if name.endswith(".py") else (package / name).rglob("*.py")):
            code.update(file.read_bytes())
    content = {
        "params": {name: dataclasses.asdict(getattr(params, name)) for name in SECTIONS},
        "data": dict(digests),
        "code": code.hexdigest(),
        "versions": versions(params.train.model),
    }
    return project_root(paths) / "models" / ".checkpoints" / checkpoints.digest(content)


def versions(model: str) -> dict[str, str]:
    """The versions of what decides the weights of a model; a backend of Keras may be installed under another name."""
    if model_spec(model).module is None:
        return {name: importlib.metadata.version(name) for name in ("xrdsym", "scikit-learn", "skops", "numpy")}
    import keras

    backend = keras.backend.backend()
    found = {name: importlib.metadata.version(name) for name in ("xrdsym", "keras", "numpy")}
    installed = importlib.metadata.packages_distributions().get(backend, [backend])
    return found | {backend: importlib.metadata.version(installed[0])}
