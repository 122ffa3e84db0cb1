"""What a model carries beside its weights so that its input can be made again, whatever `params.yaml` says today."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any, Literal

from xrdsym.augmentation.parameters import EffectsParams
from xrdsym.common.checking import check_mapping, checked_dataclass
from xrdsym.common.errors import XrdsymError
from xrdsym.common.files import write_json
from xrdsym.common.parquet import SCHEMA_VERSION
from xrdsym.config.model_specs import MODEL_SPECS, model_spec
from xrdsym.config.renamed import with_new_names
from xrdsym.config.schema import (
    ImagesParams,
    LabelsParams,
    Params,
    PeaksParams,
    ProfileParams,
    TargetParams,
    TrainParams,
)
from xrdsym.diffraction.scattering import wavelength
from xrdsym.encoding.features.settings import FeatureSettings

if TYPE_CHECKING:
    from pathlib import Path

FILE_NAME = "recipe.json"
MODEL_FILES = tuple(dict.fromkeys(f"model{known.suffix}" for known in MODEL_SPECS.values()))
"""The network, or the baseline, beside its recipe; `model.keras` first."""
RECIPE_SECTIONS = ("labels", "peaks", "profile", "images", "effects", "target", "train")
"""The sections of `params.yaml` that a recipe carries."""
PatternType = Literal["ideal", "measured"]
"""What patterns a model was trained on: as they are calculated, or with what a measurement adds."""
TYPE_KEYS = ("pattern_type", "track")
"""Keys of the pattern type in `recipe.json`, that of today first; it follows from the effects."""


@checked_dataclass
class Recipe:
    """How the input of a model is made and what its outputs mean.

    Attributes:
        schema_version: Version of the structure table that the model was trained from.
        target: What is predicted, and how rare classes were treated.
        classes: The names of the outputs, in their order.
        labels: Tolerances of the symmetry analysis behind the labels.
        peaks: Radiation and range of the simulation.
        profile: Range, grid, σ and intensity scale.
        images: Layout, downsampling, side and colormap.
        effects: What was added to each training pattern.
        features: How peaks are resolved, for a model that reads features.
        train: The model and how it was trained.
        data: SHA-256 of each table that the training read.
        versions: Versions of the packages that made the weights.
    """

    schema_version: int
    target: TargetParams
    classes: tuple[str, ...]
    labels: LabelsParams
    peaks: PeaksParams
    profile: ProfileParams
    images: ImagesParams
    effects: EffectsParams
    features: FeatureSettings | None
    train: TrainParams
    data: dict[str, str]
    versions: dict[str, str]

    @property
    def pattern_type(self) -> PatternType:
        """See `pattern_type`."""
        return pattern_type(self.effects)


def pattern_type(effects: EffectsParams) -> PatternType:
    """What patterns a model is trained on with these effects."""
    return "ideal" if effects.ideal else "measured"


def model_file(folder: Path) -> Path:
    """The file of the network or the baseline in a model's folder; `model.keras` where there is none."""
    files = [folder / name for name in MODEL_FILES]
    return next((file for file in files if file.is_file()), files[0])


def feature_settings(params: Params) -> FeatureSettings | None:
    """How peaks are resolved for the model that parameters name; None where it reads no features."""
    takes = model_spec(params.train.model).input
    return FeatureSettings(wavelength(params.peaks.radiation)) if takes == "features" else None


def recipe_of(params: Params, data: dict[str, str], versions: dict[str, str], classes: tuple[str, ...]) -> Recipe:
    """The recipe of a model of these classes that is trained with `params` on the tables with these digests."""
    return Recipe(
        schema_version=SCHEMA_VERSION,
        target=params.target,
        classes=classes,
        labels=params.labels,
        peaks=params.peaks,
        profile=params.profile,
        images=params.images,
        effects=params.effects,
        features=feature_settings(params),
        train=params.train,
        data=data,
        versions=versions,
    )


def write_recipe(folder: Path, recipe: Recipe) -> None:
    """Write `recipe.json` into a model's folder, with the pattern type for its readers."""
    write_json(folder / FILE_NAME, {TYPE_KEYS[0]: recipe.pattern_type} | dataclasses.asdict(recipe))


def read_recipe(folder: Path) -> Recipe:
    """Read `recipe.json` of a model's folder; parameters that it lacks have their defaults.

    Raises:
        XrdsymError: The file is missing, broken, of another schema version, or has parameters that are unknown here.
    """
    path = folder / FILE_NAME
    if not path.is_file():
        msg = f"no {FILE_NAME} in {folder}: it is no model's folder. Run `dvc repro` to train one or `dvc pull`."
        raise XrdsymError(msg)
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        msg = f"{path} is not valid JSON ({error}). Fetch the model again with `dvc pull` or `dvc repro`."
        raise XrdsymError(msg) from error
    if isinstance(content, dict):
        content = {key: value for key, value in with_new_names(content).items() if key not in TYPE_KEYS}
    recipe, problems = check_mapping(Recipe, content)
    if recipe is None:
        msg = (
            f"{path}, written by xrdsym {_version(content)}, is no recipe that this xrdsym reads:\n"
            + "\n".join(f"  {problem}" for problem in problems)
            + "\nTrain the model again with `dvc repro`, or use the xrdsym that wrote it."
        )
        raise XrdsymError(msg)
    if recipe.schema_version != SCHEMA_VERSION:
        msg = (
            f"{path} has schema version {recipe.schema_version}, this xrdsym reads version {SCHEMA_VERSION}. "
            "Train the model again with `dvc repro`, or use the xrdsym that wrote it."
        )
        raise XrdsymError(msg)
    return recipe


def _version(content: object) -> str:
    """The version of xrdsym that wrote a recipe, as far as it says so."""
    versions = content.get("versions") if isinstance(content, dict) else None
    return (
        str(versions.get("xrdsym", "of an unknown version")) if isinstance(versions, dict) else "of an unknown version"
    )
