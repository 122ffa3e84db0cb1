"""Presets, of all sections or of some, and how one is written into `params.yaml` so that its comments stay."""

from __future__ import annotations

import io
import json
import re
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from xrdsym.common.errors import UsageError, XrdsymError
from xrdsym.common.files import write_text
from xrdsym.common.suggestions import nearest
from xrdsym.config.params_file import content_with, params_from, read_content
from xrdsym.config.schema import Params

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FOLDER = "presets"


def preset_names(root: Path) -> list[str]:
    """The names of the presets of a project, sorted."""
    return sorted(path.stem for path in (root / FOLDER).glob("*.yaml"))


def preset_path(root: Path, name: str) -> Path:
    """The file of a preset.

    Raises:
        UsageError: There is none of that name.
    """
    path = root / FOLDER / f"{name}.yaml"
    if not path.is_file():
        msg = f"no preset called {name}: {nearest(name, preset_names(root))}"
        raise UsageError(msg)
    return path


def description(path: Path) -> str:
    """The comment at the head of a preset."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return " ".join(line[1:].strip() for line in lines if line.startswith("#"))


def apply_preset(preset: Path, params: Path) -> list[str]:
    """Write the values of a preset into `params.yaml`; comments and layout stay.

    Args:
        preset: A file with every parameter, or with every one of some sections: the others stay as they are.
        params: The `params.yaml` to change.

    Returns:
        One line for each parameter that changed: its name, the old value and the new one.

    Raises:
        UsageError: The preset has wrong keys or values.
        XrdsymError: There is no `params.yaml`.
    """
    from ruamel.yaml import YAML

    wanted = read_content(preset)
    params_from({**read_content(params), **wanted}, preset.name)
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 1000
    yaml.representer.add_representer(type(None), _null)
    content = yaml.load(params)
    changes = set_values(content, wanted)
    stream = io.StringIO()
    yaml.dump(content, stream)
    write_text(params, stream.getvalue())
    return changes


def untouched(preset: Path) -> list[str]:
    """The sections of `params.yaml` that a preset leaves as they are."""
    content = read_content(preset)
    return [section.name for section in fields(Params) if section.name not in content]


def apply_settings(settings: Mapping[str, Any], params: Path) -> list[str]:
    """Write single values into `params.yaml`; everything else in it stays.

    Args:
        settings: Parameters by their names, `{"train.alpha": 0.5}`.
        params: The `params.yaml` to change.

    Returns:
        One line for each parameter that changed.

    Raises:
        UsageError: A value is wrong.
        XrdsymError: There is no `params.yaml`, or it is laid out too unlike the project's own.
    """
    from ruamel.yaml import YAML

    wanted = content_with(read_content(params), settings)
    content = YAML().load(params)
    params_from(wanted, params.name)
    lines = params.read_text(encoding="utf-8").splitlines(keepends=True)
    changes = []
    for name, value in settings.items():
        section, _, key = name.partition(".")
        if content[section][key] != value:
            changes.append(f"{name}: {_shown(content[section][key])} → {_shown(value)}")
            row = content[section].lc.key(key)[0]
            lines[row] = _line(lines[row], key, value)
    if YAML(typ="safe").load("".join(lines)) != wanted:
        msg = f"{params} is laid out so that single values cannot be replaced in it. Set by hand: {', '.join(changes)}."
        raise XrdsymError(msg)
    if changes:
        write_text(params, "".join(lines))
    return changes


def _line(line: str, key: str, value: object) -> str:
    """A line `key: value  # comment` with another value, the comment where it was."""
    start, comment = re.match(r"(.*?)(\s+#.*)?$", line.rstrip("\n")).groups()  # type: ignore[union-attr]
    shown = json.dumps(value) if value is None or isinstance(value, bool | int | float | list) else str(value)
    text = f"{start[: start.index(key)]}{key}: {shown}"
    if comment:
        text = text.ljust(len(start) + len(comment) - len(comment.lstrip()) - 1) + " " + comment.lstrip()
    return text + "\n"


def set_values(content: dict[str, Any], wanted: dict[str, Any], prefix: str = "") -> list[str]:
    """Set the values of `wanted` in `content` in place, so that comments stay; tell what changed."""
    changes = []
    for key, value in wanted.items():
        old = content.get(key)
        if isinstance(value, dict) and isinstance(old, dict):
            changes += set_values(old, value, f"{prefix}{key}.")
        elif old != value:
            changes.append(f"{prefix}{key}: {_shown(old)} → {_shown(value)}")
            if isinstance(value, list) and isinstance(old, list):
                old[:] = value
            else:
                content[key] = value
    return changes


def _shown(value: object) -> str:
    return "null" if value is None else str(value)


def _null(representer: Any, _: None) -> Any:  # noqa: ANN401 - ruamel is loosely typed
    return representer.represent_scalar("tag:yaml.org,2002:null", "null")
