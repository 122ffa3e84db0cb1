"""Released models, which are part of a repository, and the default model for each type of pattern."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from xrdsym.common.errors import XrdsymError
from xrdsym.config.params_file import load_params
from xrdsym.config.paths import working_tree
from xrdsym.encoding.recipe import FILE_NAME

if TYPE_CHECKING:
    from pathlib import Path

    from xrdsym.config.model_specs import PatternType

FOLDER = "released"
"""Below `models/`: one folder for each type of pattern."""
RELEASE_FILE = "release.json"
"""Facts about a released model's file, and the data that it was trained on."""
TRAINING_FILE = "training.json"
"""How its training went."""
SCORES_FILE = "scores.json"
"""Its scores, and the data that they were measured on."""
WORDS_FILE = "card.yaml"
"""What people write about it: its use and its limits."""


def released_name(pattern_type: PatternType) -> str:
    """The name of a released model, below `models/`."""
    return f"{FOLDER}/{pattern_type}"


def read_json(path: Path) -> Any:  # noqa: ANN401 - any JSON value
    """The content of a file of a released model.

    Raises:
        XrdsymError: The file is missing or broken.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        msg = f"{path} cannot be read ({error}). Restore it with git, or release the model again."
        raise XrdsymError(msg) from error


def default_model(pattern_type: PatternType) -> str:
    """The name below `models/` of the model that predicts where none is named.

    Args:
        pattern_type: What is to be predicted.

    Returns:
        The released model for this type of pattern where the working tree has it, else the model that `dvc repro`
        makes.

    Raises:
        XrdsymError: There is neither.
    """
    tree = working_tree()
    trained = load_params(tree.params).train.model
    for name in (released_name(pattern_type), trained):
        if (tree.models / name / FILE_NAME).is_file():
            return name
    msg = (
        f"no model at {tree.models / trained}. Run `make repro` to train one, `dvc pull` to fetch it, or give --model."
    )
    raise XrdsymError(msg)
