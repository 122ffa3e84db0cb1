"""What tells a training from all others: its parameters, its data, its code, the versions of its packages."""

from __future__ import annotations

import dataclasses
import hashlib
import importlib.metadata
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from xrdsym.common.files import file_digest
from xrdsym.common.yaml_reader import load_yaml
from xrdsym.config.input_settings import input_settings
from xrdsym.config.model_specs import model_spec
from xrdsym.config.paths import MARKER, project_root
from xrdsym.training import checkpoints

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xrdsym.config.paths import Paths
    from xrdsym.config.schema import Params

SECTIONS = ("effects", "target", "train")
"""The parameters that decide what a training does, beside those of its inputs."""


def table_digests(paths: Paths) -> dict[str, str]:
    """The SHA-256 of each table that a training reads."""
    tables = {"labels": paths.labels, "peaks": paths.peaks, "split": paths.split}
    return {name: file_digest(path) for name, path in tables.items() if path.is_file()}


def checkpoint_folder(paths: Paths, params: Params, digests: Mapping[str, str]) -> Path:
    """A folder that belongs to this training alone: its parameters, its data, its code."""
    content = {
        "params": {name: dataclasses.asdict(getattr(params, name)) for name in SECTIONS},
        "inputs": input_settings(params),
        "data": dict(digests),
        "code": code_digest(),
        "versions": versions(params.train.model),
    }
    return project_root(paths) / "models" / ".checkpoints" / checkpoints.digest(content)


@cache
def code_digest() -> str:
    """The SHA-256 of the code that decides what a training does: what the `train` stage of `dvc.yaml` depends on.

    Where the package does not lie in a checkout, all of its modules count.
    """
    package = Path(__file__).resolve().parents[1]
    code = hashlib.sha256()
    for path in _training_code(package.parent.parent) or [package]:
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            code.update(file.read_bytes())
    return code.hexdigest()


def _training_code(root: Path) -> list[Path]:
    """The files and folders of code that the `train` stage lists; empty without a `dvc.yaml`."""
    pipeline = root / MARKER
    if not pipeline.is_file():
        return []
    listed = load_yaml(pipeline)["stages"]["train"]["deps"]
    return [root / name for name in listed if name.startswith("src/")]


def versions(model: str) -> dict[str, str]:
    """The versions of what decides the weights of a model; a backend of Keras may be installed under another name."""
    if not model_spec(model).network:
        return {name: importlib.metadata.version(name) for name in ("xrdsym", "scikit-learn", "skops", "numpy")}
    import keras

    backend = keras.backend.backend()
    found = {name: importlib.metadata.version(name) for name in ("xrdsym", "keras", "numpy")}
    installed = importlib.metadata.packages_distributions().get(backend, [backend])
    return found | {backend: importlib.metadata.version(installed[0])}
