"""Presets, and how one is written into `params.yaml` so that its comments stay.

A preset is an overlay: of each section that it names it holds what differs from the defaults, and the rest of that
section has its defaults; sections that it does not name stay as they are.
"""

from __future__ import annotations

import io
import json
import re
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

from xrdsym.common.errors import UsageError, XrdsymError
from xrdsym.common.files import write_text
from xrdsym.common.suggestions import nearest
from xrdsym.common.yaml_reader import load_yaml
from xrdsym.config.params_file import content_with, params_from, read_content, value_of, with_alternatives
from xrdsym.config.renamed import RENAMED, with_new_names
from xrdsym.config.schema import Params, params_schema

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FOLDER = "presets"
SCHEMA_FILE = "params.schema.json"
"""In `presets/`: the JSON Schema of `params.yaml`."""
EDITOR_LINE = "# yaml-language-server:"
"""Begins the comment that tells editors where the schema is."""


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
    """What a preset is: the first paragraph of the comment at its head."""
    lines = path.read_text(encoding="utf-8").splitlines()
    text = [line[1:].strip() for line in lines if line.startswith("#") and not line.startswith(EDITOR_LINE)]
    return " ".join(text[: text.index("")] if "" in text else text)


def write_schema(root: Path) -> Path:
    """Write the JSON Schema of `params.yaml`; returns where."""
    path = root / FOLDER / SCHEMA_FILE
    write_text(path, json.dumps(params_schema(), indent=2, ensure_ascii=False) + "\n")
    return path


def preset_content(path: Path) -> dict[str, Any]:
    """The sections of a preset, under the names of today.

    Raises:
        UsageError: It is no YAML mapping.
        XrdsymError: The file is missing.
    """
    content = read_content(path)
    if not isinstance(content, dict):
        msg = f"{path.name}: expected a mapping of sections, received {_shown(content)}"
        raise UsageError(msg)
    return with_new_names(content)


def apply_preset(preset: Path, params: Path) -> list[str]:
    """Write the values of a preset into `params.yaml`; comments and layout stay.

    Args:
        preset: The overlay.
        params: The `params.yaml` to change.

    Returns:
        One line for each parameter that changed: its name, the old value and the new one.

    Raises:
        UsageError: The preset has wrong keys or values, or contradicts the sections that it does not name.
        XrdsymError: There is no `params.yaml`.
    """
    from ruamel.yaml import YAML

    wanted = preset_content(preset)
    resolved = params_from({**read_content(params), **wanted}, f"{params.name} with {preset.name}")
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 1000
    yaml.representer.add_representer(type(None), _null)
    content = yaml.load(params)
    changes = _rename(content)
    for section in wanted:
        changes += _set_values(content, getattr(resolved, section), getattr(Params(), section), section)
    stream = io.StringIO()
    yaml.dump(content, stream)
    if params_from(load_yaml(stream.getvalue()), params.name) != resolved:
        msg = f"{params} is laid out so that a preset cannot be written into it. Set by hand: {', '.join(changes)}."
        raise XrdsymError(msg)
    write_text(params, stream.getvalue())
    return changes


def untouched(preset: Path) -> list[str]:
    """The sections of `params.yaml` that a preset leaves as they are."""
    content = preset_content(preset)
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

    before = read_content(params)
    wanted = content_with(before, settings)
    content = YAML().load(params)
    params_from(wanted, params.name)
    lines = params.read_text(encoding="utf-8").splitlines(keepends=True)
    changes = []
    for name, value in with_alternatives(before, settings).items():
        section, _, key = name.partition(".")
        if value_of(before, name) != value:
            changes.append(f"{name}: {_shown(value_of(before, name))} → {_shown(value)}")
            if key in content.get(section, {}):
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


def _rename(content: dict[str, Any]) -> list[str]:
    """Put the names of today into `params.yaml`; the comment of a renamed parameter goes."""
    changes = []
    for before, after in RENAMED.items():
        section, _, old = before.partition(".")
        new, values = after.partition(".")[2], content.get(section)
        if values is not None and old in values and new not in values:
            place = list(values).index(old)
            values.insert(place, new, values.pop(old))
            changes.append(f"{before} is now {after}")
    return changes


def _set_values(content: dict[str, Any], section: Any, default: Any, name: str) -> list[str]:  # noqa: ANN401
    """Set the values of a section in place, so that comments stay; tell what changed.

    A parameter that `params.yaml` lacks is added where its value is not the default.

    Args:
        content: What holds the section.
        section: Its dataclass with the values wanted.
        default: The same with the defaults.
        name: The dotted name of the section.
    """
    changes = []
    key = name.rpartition(".")[2]
    own = content.get(key)
    if own is None:
        own = {}
    for field in fields(section):
        value, usual, inner = (*(getattr(one, field.name) for one in (section, default)), f"{name}.{field.name}")
        if is_dataclass(value):
            changes += _set_values(own, value, usual, inner)
            continue
        old = own.get(field.name, _plain(usual))
        if old != _plain(value):
            changes.append(f"{inner}: {_shown(old)} → {_shown(_plain(value))}")
            own[field.name] = _in_one_line(_plain(value))
            _keep_in_line(own, field.name)
    if own and content.get(key) is None:
        content[key] = own
    return changes


def _keep_in_line(section: dict[str, Any], key: str) -> None:
    """Keep the comment of a key behind its new value; DVC writes lists line by line, with the comment above them."""
    marks = getattr(section, "ca", None)
    if marks is not None and key in marks.items:
        marks.items[key] = [*marks.items[key][:3], None]


def _plain(value: object) -> Any:  # noqa: ANN401 - any YAML value
    """A value as YAML has it: lists in place of tuples."""
    return json.loads(json.dumps(value))


def _in_one_line(value: Any) -> Any:  # noqa: ANN401 - any YAML value
    """Lists and mappings that ruamel writes in brackets."""
    from ruamel.yaml.comments import CommentedMap, CommentedSeq

    if isinstance(value, list):
        value = CommentedSeq(map(_in_one_line, value))
        value.fa.set_flow_style()
    elif isinstance(value, dict):
        value = CommentedMap(value)
        value.fa.set_flow_style()
    return value


def _shown(value: object) -> str:
    return "null" if value is None else str(value)


def _null(representer: Any, _: None) -> Any:  # noqa: ANN401 - ruamel is loosely typed
    return representer.represent_scalar("tag:yaml.org,2002:null", "null")
