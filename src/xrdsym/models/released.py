"""Released models, which a repository carries so that an answer needs no training, and who answers if none is named."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal

from xrdsym.common.errors import XrdsymError
from xrdsym.config.params_file import load_params
from xrdsym.config.paths import working_tree
from xrdsym.encoding.recipe import FILE_NAME

if TYPE_CHECKING:
    from pathlib import Path

Kind = Literal["ideal", "measured"]
"""What a released model is for: ideal patterns, those simulated from structures, or measured ones."""
KINDS: tuple[Kind, ...] = ("ideal", "measured")
FOLDER = "released"
"""Below `models/`: one folder a kind."""
RELEASE_FILE = "release.json"
"""What is stored of a released model, and the data that it was trained on."""
TRAINING_FILE = "training.json"
"""What happened in its training."""
SCORES_FILE = "scores.json"
"""What it was scored on, as it is stored, and how well it did."""
WORDS_FILE = "card.yaml"
"""What no command can measure: what it is for and what not."""


def released_name(kind: Kind) -> str:
    """The name of a released model, below `models/`."""
    return f"{FOLDER}/{kind}"


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


def answering(kind: Kind) -> str:
    """The name below `models/` of the model that answers where none is named.

    Args:
        kind: The kind of pattern that is asked about.

    Returns:
        The released model of this kind where the working tree has it, else the model that `dvc repro` makes.

    Raises:
        XrdsymError: There is neither.
    """
    tree = working_tree()
    trained = load_params(tree.params).train.model
    for name in (released_name(kind), trained):
        if (tree.models / name / FILE_NAME).is_file():
            return name
    msg = (
        f"no model at {tree.models / trained}. Run `make repro` to train one, `dvc pull` to fetch it, or give --model."
    )
    raise XrdsymError(msg)
