"""Released models, which are part of a repository, and the default model for each type of pattern."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xrdsym.common.errors import XrdsymError
from xrdsym.config.params_file import load_params
from xrdsym.config.paths import MARKER, Paths, working_tree
from xrdsym.encoding.recipe import FILE_NAME

if TYPE_CHECKING:
    from xrdsym.config.model_specs import PatternType

CHECKOUT = Path(__file__).resolve().parents[3]
"""The repository, where the package is installed from a clone as `make env` does."""
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


def models_tree() -> Paths:
    """The tree whose models are found by their names.

    This is the working tree, or outside of a project the clone of the repository that xrdsym is installed from.

    Raises:
        XrdsymError: There is neither.
    """
    try:
        return working_tree()
    except XrdsymError as error:
        if (CHECKOUT / MARKER).is_file():
            return Paths(CHECKOUT)
        msg = (
            f"no models: {Path.cwd()} is in no xrdsym project, and xrdsym is not installed from a clone of its "
            'repository. Run this in a clone, or give the folder of a model: `--model FOLDER`, `load_model("FOLDER")`.'
        )
        raise XrdsymError(msg) from error


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
        The released model for this type of pattern where `models_tree` has it, else the model that `dvc repro` makes.

    Raises:
        XrdsymError: There is neither.
    """
    tree = models_tree()
    trained = load_params(tree.params).train.model
    for name in (released_name(pattern_type), trained):
        if (tree.models / name / FILE_NAME).is_file():
            return name
    msg = (
        f"no model at {tree.models / trained}. Run `make repro` to train one, `dvc pull` to fetch it, or give --model."
    )
    raise XrdsymError(msg)
