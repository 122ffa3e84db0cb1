"""What the cards are made of: the files of a released model, and the words that people wrote beside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from xrdsym.common.checking import check_mapping, checked_dataclass
from xrdsym.common.errors import XrdsymError
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
"""In `models/released/`: the words on the data, which are those of all released models."""
Words = TypeVar("Words")


@checked_dataclass
class ModelWords:
    """What no command can measure of a model; numbers do not belong here.

    Attributes:
        summary: What it is, in a sentence or two.
        intended_use: What it is for.
        out_of_scope: What it is not for.
        limits: What to know before an answer is believed.
    """

    summary: str
    intended_use: tuple[str, ...]
    out_of_scope: tuple[str, ...]
    limits: tuple[str, ...]


@checked_dataclass
class DataWords:
    """What no command can measure of the data; numbers do not belong here.

    Attributes:
        motivation: Why these data.
        origin: Who made them and how they came here.
        licence: Under what terms.
        uses: What they are good for.
        limits: What they lack.
    """

    motivation: str
    origin: str
    licence: str
    uses: tuple[str, ...]
    limits: tuple[str, ...]


@dataclass(frozen=True)
class ReleasedModel:
    """A released model as its files tell it.

    Attributes:
        kind: The kind of pattern that it answers for.
        words: What people wrote about it.
        recipe: How its input is made.
        release: What is stored, and the data it was trained on, as `release.release` wrote it.
        training: What happened in its training, as the `train` stage wrote it.
        scores: What it was scored on, and how well it did.
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
    found: list[ReleasedModel] = []
    for kind in PATTERN_TYPES:
        folder = paths.models / released_name(kind)
        if (folder / FILE_NAME).is_file():
            words = _read_words(folder / WORDS_FILE, ModelWords)
            facts = (read_json(folder / name) for name in (RELEASE_FILE, TRAINING_FILE, SCORES_FILE))
            found.append(ReleasedModel(kind, words, read_recipe(folder), *facts))
    return found


def data_words(paths: Paths) -> DataWords:
    """The words on the data of the released models.

    Raises:
        XrdsymError: They are missing or broken.
    """
    return _read_words(paths.models / FOLDER / DATA_WORDS_FILE, DataWords)


def _read_words(path: Path, kind: type[Words]) -> Words:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        content = YAML(typ="safe").load(path)
    except (OSError, YAMLError) as error:
        msg = f"{path} cannot be read ({' '.join(str(error).split())[:200]}). docs/released.md says what belongs there."
        raise XrdsymError(msg) from error
    words, problems = check_mapping(kind, content)
    if words is None:
        lines = "\n".join(f"  {problem}" for problem in problems)
        msg = f"{path} is not what docs/released.md says belongs there:\n{lines}"
        raise XrdsymError(msg)
    return words
