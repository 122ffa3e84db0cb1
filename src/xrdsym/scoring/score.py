"""A model's score on data by their name: measured patterns, structures, or a part of the project's split."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from xrdsym.common.errors import UsageError
from xrdsym.common.files import file_digest
from xrdsym.config.paths import working_tree
from xrdsym.crystal.chemistry import family
from xrdsym.crystal.labels import read_labels
from xrdsym.data.split import PARTS, read_split
from xrdsym.scoring.labelled import score_patterns, score_structures

if TYPE_CHECKING:
    from xrdsym.config.model_specs import PatternType
    from xrdsym.config.paths import Paths
    from xrdsym.models.predictor import Model


def pattern_type_of(data: str) -> PatternType:
    """The type of the patterns in data: an `.npz` holds measured ones, all else structures."""
    return "measured" if data.lower().endswith(".npz") else "ideal"


def score_data(model: Model, data: str, wavelength: float | None) -> dict[str, Any]:
    """The model's score.

    Args:
        model: The model.
        data: `train`, `validation` or `test`, a part of the split of the working tree; an `.npz` of measured patterns;
            or the path of structures.
        wavelength: What measured patterns were measured with, Å; None means that of the file.

    Returns:
        See `labelled.score_structures` and `labelled.score_patterns`.

    Raises:
        UsageError: The parts are not those that the model was trained with, or the wavelength is unknown.
        XrdsymError: There is no such file, or nothing in it could be scored.
    """
    if data in PARTS:
        return score_part(model, working_tree(), data)
    if pattern_type_of(data) == "measured":
        return score_patterns(model, Path(data), wavelength)
    return score_structures(model, Path(data))


def score_part(model: Model, paths: Paths, part: str) -> dict[str, Any]:
    """The model's score on one part of the split, of the family of materials that it was trained on.

    Raises:
        UsageError: The model was trained with another split, so that any part may hold its training structures.
        XrdsymError: A table is missing or broken, or nothing of the part could be scored.
    """
    frame = read_split(paths.split)
    if file_digest(paths.split) != model.recipe.data.get("split"):
        msg = (
            f"{model.name} was trained with another split than {paths.split}: structures of the {part} part may be "
            f"among its training structures. To score them all the same, name the table: {paths.structures}"
        )
        raise UsageError(msg)
    frame = frame[frame["part"] == part].merge(read_labels(paths.labels), on="material_id")
    if model.recipe.train.chemistry != "all":
        frame = frame[frame["composition"].map(family) == model.recipe.train.chemistry]
    return score_structures(model, paths.structures, frozenset(frame["material_id"]))
