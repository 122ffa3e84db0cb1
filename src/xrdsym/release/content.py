"""Content of the cards: the files of a released model, and the words that people wrote beside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from xrdsym.common.checking import check_mapping, checked_dataclass
from xrdsym.common.errors import XrdsymError
from xrdsym.common.yaml_reader import load_yaml
from xrdsym.config.model_specs import PATTERN_TYPES, PatternType
from xrdsym.encoding.recipe import FILE_NAME, Recipe, read_recipe
from xrdsym.models.released import (
    FOLDER,
    RELEASE_FILE,
    SCORES_FILE,
    TRAINING_FILE,
    WORDS_FILE,
    read_json,
    released_name,
)

if TYPE_CHECKING:
    from pathlib import Path

    from xrdsym.config.paths import Paths

DATA_WORDS_FILE = "data.yaml"
"""File of the words on the data, in `models/released/`; all released models share it."""
Words = TypeVar("Words")


@checked_dataclass
class ModelWords:
    """What people write about a model; numbers come from the other files.

    Attributes:
        summary: What the model is, in a sentence or two.
        intended_use: Uses that it was made for.
        out_of_scope: Uses that it was not made for.
        limits: Facts to know before a prediction is used.
    """

    summary: str
    intended_use: tuple[str, ...]
    out_of_scope: tuple[str, ...]
    limits: tuple[str, ...]


@checked_dataclass
class DataWords:
    """What people write about the data; numbers come from the other files.

    Attributes:
        motivation: Why these data were chosen.
        origin: Who made them, and how they were obtained.
        licence: Their terms.
        uses: Uses that they suit.
        limits: What they lack.
    """

    motivation: str
    origin: str
    licence: str
    uses: tuple[str, ...]
    limits: tuple[str, ...]


@dataclass(frozen=True)
class ReleasedModel:
    """A released model, read from its files.

    Attributes:
        kind: Type of the patterns that it is the default for.
        words: Words on the model.
        recipe: Recipe of its input.
        release: Facts on the file and the training data, as written by `release.release`.
        training: Facts on its training, as written by the `train` stage.
        scores: One entry for each scored data set.
    """

    kind: PatternType
    words: ModelWords
    recipe: Recipe
    release: dict[str, Any]
    training: dict[str, Any]
    scores: list[dict[str, Any]]

    @property
    def name(self) -> str:
        """Its name below `models/`."""
        return released_name(self.kind)


def released_models(paths: Paths) -> list[ReleasedModel]:
    """The released models of a working tree.

    Raises:
        XrdsymError: A file of one is missing or broken.
    """
    models: list[ReleasedModel] = []
    for kind in PATTERN_TYPES:
        folder = paths.models / released_name(kind)
        if (folder / FILE_NAME).is_file():
            words = _read_words(folder / WORDS_FILE, ModelWords)
            facts = (read_json(folder / name) for name in (RELEASE_FILE, TRAINING_FILE, SCORES_FILE))
            models.append(ReleasedModel(kind, words, read_recipe(folder), *facts))
    return models


def data_words(paths: Paths) -> DataWords:
    """The words on the data of the released models.

    Raises:
        XrdsymError: The file is missing or broken.
    """
    return _read_words(paths.models / FOLDER / DATA_WORDS_FILE, DataWords)


def _read_words(path: Path, kind: type[Words]) -> Words:
    try:
        content = load_yaml(path)
    except (OSError, ValueError) as error:
        msg = f"{path} cannot be read ({str(error)[:200]}). docs/released.md describes the file."
        raise XrdsymError(msg) from error
    words, problems = check_mapping(kind, content)
    if words is None:
        lines = "\n".join(f"  {problem}" for problem in problems)
        msg = f"{path} does not fit its description in docs/released.md:\n{lines}"
        raise XrdsymError(msg)
    return words
