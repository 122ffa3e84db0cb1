"""Released models, which a repository carries so that an answer needs no training, and who answers if none is named."""

from __future__ import annotations

from typing import Literal

from xrdsym.errors import XrdsymError
from xrdsym.params import load_params
from xrdsym.paths import working_tree
from xrdsym.recipe import FILE_NAME

Kind = Literal["ideal", "measured"]
"""What a released model is for: ideal patterns, those simulated from structures, or measured ones."""
KINDS: tuple[Kind, ...] = ("ideal", "measured")
FOLDER = "released"
"""Below `models/`: one folder a kind."""


def released_name(kind: Kind) -> str:
    """The name of a released model, below `models/`."""
    return f"{FOLDER}/{kind}"


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
