"""A model by its name or path: its folder, its file, and the recipe that says how both are read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from xrdsym.common.errors import UsageError, XrdsymError
from xrdsym.common.suggestions import nearest
from xrdsym.config.model_specs import PATTERN_TYPES, model_spec
from xrdsym.encoding.recipe import FILE_NAME, MODEL_FILES, model_file
from xrdsym.models.registry import classifier_type
from xrdsym.models.released import default_model, models_tree, released_name

if TYPE_CHECKING:
    from xrdsym.config.model_specs import PatternType
    from xrdsym.encoding.recipe import Recipe
    from xrdsym.models.protocol import Classifier

FORMER_FILES = ("model.json", "model.npz")
"""Where 0.1.0 stored the baselines `majority` and `nearest_neighbour`."""


def read_classifier(file: Path, recipe: Recipe) -> Classifier:
    """The network or the baseline of a file.

    Keras is imported for networks alone, and scikit-learn for baselines alone.

    Raises:
        XrdsymError: The file is missing or broken, is of another kind than its recipe says, or does not fit it.
    """
    former = _former(file)
    if former is not None:
        msg = (
            f"{former} was trained with xrdsym 0.1.0, whose files of {recipe.train.model} are no longer read. Train it "
            "again: `dvc repro train` takes seconds."
        )
        raise XrdsymError(msg)
    expected = model_spec(recipe.train.model).suffix
    if file.suffix != expected:
        msg = (
            f"{file} is no {expected} file, as the model {recipe.train.model} of the {FILE_NAME} beside it has. Give a "
            f"model's folder, or its file ({', '.join(MODEL_FILES)})."
        )
        raise XrdsymError(msg)
    return classifier_type(recipe.train.model).load(file, recipe)


def find_model(name_or_path: str | Path | None, pattern_type: PatternType) -> tuple[str, Path]:
    """A model's name and its file; arguments as for `xrdsym.models.predictor.load_model`.

    Raises:
        UsageError: There is no model of that name.
        XrdsymError: No model is named, and there is no default.
    """
    if name_or_path is None:
        name = default_model(pattern_type)
        return name, model_file(models_tree().models / name)
    for known_type in PATTERN_TYPES:
        # before any path: a folder of patterns may well be called `measured`
        if name_or_path == known_type:
            name_or_path = released_name(known_type)
    path = Path(name_or_path)
    if path.is_dir():
        return str(name_or_path), model_file(path)
    if path.is_file():
        return str(name_or_path), path
    try:
        models = models_tree().models
    except XrdsymError as error:
        msg = f"no model {str(name_or_path)!r}: no such folder or file, and {error}"
        raise UsageError(msg) from error
    file = model_file(models / path)
    if file.is_file() or _former(file) is not None:
        return str(name_or_path), file
    files = [file for name in MODEL_FILES for file in models.rglob(name)]
    known = sorted({file.parent.relative_to(models).as_posix() for file in files})
    hint = "run `dvc repro` to train the one that params.yaml names"
    hint = f"{nearest(str(name_or_path), known)}; or {hint}" if known else hint
    msg = f"no model {str(name_or_path)!r}: no such folder or file, and none of that name in {models}; {hint}"
    raise UsageError(msg)


def _former(file: Path) -> Path | None:
    """The file of 0.1.0 that is named, or stands in the place of one that is missing."""
    candidates = [file.with_name(name) for name in FORMER_FILES]
    return next((one for one in candidates if one == file or (one.is_file() and not file.exists())), None)
