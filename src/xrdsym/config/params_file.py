"""Reading `params.yaml`: the whole file is checked before anything runs."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from xrdsym.common.checking import check_mapping
from xrdsym.common.errors import UsageError, XrdsymError
from xrdsym.common.yaml_reader import load_yaml
from xrdsym.config.cross_checks import cross_checks
from xrdsym.config.renamed import with_new_names
from xrdsym.config.schema import Params

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ALTERNATIVES = {"profile.step": "profile.points", "profile.points": "profile.step"}
"""Parameters of which one is given: a value for one sets the other to null."""


def load_params(path: Path) -> Params:
    """Read and check `params.yaml`.

    Args:
        path: The file.

    Raises:
        XrdsymError: The file is missing.
        UsageError: It is no YAML mapping, or keys or values are wrong; all of them are named at once.
    """
    return params_from(read_content(path), path.name)


def read_content(path: Path) -> Any:  # noqa: ANN401 - any YAML value
    """What a file of parameters holds, not checked.

    Raises:
        XrdsymError: The file is missing.
        UsageError: It is not YAML.
    """
    if not path.is_file():
        msg = f"no parameters at {path}. Run this in the project's folder, where params.yaml is."
        raise XrdsymError(msg)
    try:
        return load_yaml(path)
    except ValueError as error:
        msg = f"{path} is not valid YAML: {error}"
        raise UsageError(msg) from error


def content_with(content: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of what `params.yaml` holds with other values: `{"train.alpha": 0.5}`."""
    changed: dict[str, Any] = copy.deepcopy(dict(content))
    for name, value in with_alternatives(content, changes).items():
        section, _, key = name.partition(".")
        changed.setdefault(section, {})[key] = value
    return changed


def with_alternatives(content: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Changes with null for what they replace: `profile.points: null` beside `profile.step: 0.02`.

    Args:
        content: What is changed.
        changes: Values by dotted names.
    """
    replaced = {
        other: None
        for name, other in ALTERNATIVES.items()
        if changes.get(name) is not None and other not in changes and value_of(content, other) is not None
    }
    return {**changes, **replaced}


def value_of(content: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401 - any YAML value
    """The value of a parameter, named as `train.alpha`; None where `content` lacks it."""
    section, _, key = name.partition(".")
    return content.get(section, {}).get(key)


def params_from(content: object, name: str = "params.yaml") -> Params:
    """Check a parsed mapping and make the parameters of it.

    Args:
        content: What YAML or JSON gave; what it leaves out has its default.
        name: What to call it in errors.

    Raises:
        UsageError: Keys or values are wrong, or contradict each other; all of them are named at once.
    """
    params = typed_params(content, name)
    if problems := cross_checks(params):
        raise _wrong(name, problems)
    return params


def typed_params(content: object, name: str = "params.yaml") -> Params:
    """The same without the check for contradictions, for content that is still to be changed.

    Raises:
        UsageError: Keys or values are wrong; all of them are named at once.
    """
    params, problems = check_mapping(Params, with_new_names(content) if isinstance(content, dict) else content)
    if params is None:
        raise _wrong(name, problems)
    return params


def _wrong(name: str, problems: list[str]) -> UsageError:
    lines = "\n".join(f"  {problem}" for problem in problems)
    count = f"{len(problems)} problem{'s' if len(problems) != 1 else ''}"
    return UsageError(f"{name} has {count}:\n{lines}")
