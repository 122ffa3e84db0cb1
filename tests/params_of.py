"""Parameters for tests, from the shipped presets: a checkout's own `params.yaml` is its owner's to change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from xrdsym.config.params_file import params_from, read_content
from xrdsym.config.presets import preset_path
from xrdsym.config.schema import Params, content_of

ROOT = Path(__file__).resolve().parent.parent


def preset_params(preset: str = "embedded") -> Params:
    """The parameters after `embedded` and then `preset` have been applied."""
    embedded, chosen = (read_content(preset_path(ROOT, name)) for name in ("embedded", preset))
    return params_from({**embedded, **chosen}, preset)


def preset_content(preset: str = "embedded", **changes: object) -> dict[str, Any]:
    """Every parameter of `preset_params`, as YAML gives them, with other values by dotted names (`__` for the dot)."""
    content = content_of(preset_params(preset))
    for name, value in changes.items():
        *sections, key = name.split("__")
        inner = content
        for section in sections:
            inner = inner[section]
        inner[key] = value
    return content


def write_params(folder: Path, preset: str = "embedded", **changes: object) -> Path:
    """Write `preset_content` to `params.yaml` in a folder, which is made where it is missing; returns its path."""
    path = folder / "params.yaml"
    folder.mkdir(parents=True, exist_ok=True)
    YAML().dump(preset_content(preset, **changes), path)
    return path
