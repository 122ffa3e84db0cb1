"""Reading `params.yaml`: the whole file is checked before anything runs."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from xrdsym.common.checking import check_mapping
from xrdsym.common.errors import UsageError, XrdsymError
from xrdsym.config.cross_checks import cross_checks
from xrdsym.config.schema import Params

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


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
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    if not path.is_file():
        msg = f"no parameters at {path}. Run this in the project's folder, where params.yaml is."
        raise XrdsymError(msg)
    try:
        return YAML(typ="safe").load(path)
    except YAMLError as error:
        msg = f"{path} is not valid YAML: {' '.join(str(error).split())}"
        raise UsageError(msg) from error


def content_with(content: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of what `params.yaml` holds with other values: `{"train.alpha": 0.5}`."""
    changed: dict[str, Any] = copy.deepcopy(dict(content))
    for name, value in changes.items():
        section, _, key = name.partition(".")
        changed[section][key] = value
    return changed


def params_from(content: object, name: str = "params.yaml") -> Params:
    """Check a parsed mapping and make the parameters of it.

    Args:
        content: What YAML or JSON gave.
        name: What to call it in errors.

    Raises:
        UsageError: Keys or values are wrong; all of them are named at once.
    """
    params, problems = check_mapping(Params, content)
    if params is not None:
        problems += cross_checks(params)
    if problems or params is None:
        lines = "\n".join(f"  {problem}" for problem in problems)
        count = f"{len(problems)} problem{'s' if len(problems) != 1 else ''}"
        msg = f"{name} has {count}:\n{lines}"
        raise UsageError(msg)
    return params
