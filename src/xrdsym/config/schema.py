"""`params.yaml`, typed: a frozen dataclass a section, with defaults, bounds, units and descriptions.

The defaults are the configuration of the embedded structures.
"""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, TypeAdapter

from xrdsym.augmentation.parameters import EffectsParams
from xrdsym.common.checking import checked_dataclass
from xrdsym.config.data_sections import (
    Downsampling,
    FilesParams,
    ImagesParams,
    LabelsParams,
    Layout,
    PeaksParams,
    ProfileParams,
    Scale,
    Seed,
    SplitParams,
    StructuresParams,
)
from xrdsym.config.model_specs import ModelName, model_spec
from xrdsym.crystal.targets.definitions import TARGETS
from xrdsym.diffraction.profile_grid import Axis

__all__ = [
    "Axis",
    "Downsampling",
    "EffectsParams",
    "EvaluateParams",
    "FilesParams",
    "ImagesParams",
    "LabelsParams",
    "Layout",
    "Params",
    "PeaksParams",
    "ProfileParams",
    "Scale",
    "Seed",
    "SplitParams",
    "StructuresParams",
    "TargetParams",
    "TrainParams",
    "content_of",
    "params_schema",
]

Part = Literal["train", "validation", "test"]
if TYPE_CHECKING:
    # a type checker cannot derive it from the table
    TargetName = str
else:
    TargetName = Literal[tuple(TARGETS)]


@checked_dataclass
class TargetParams:
    """What is predicted."""

    name: TargetName = Field(default="crystal_system", description="The target")
    fewest: int = Field(
        default=1,
        ge=1,
        le=1_000_000,
        description="A class with fewer training structures is rare",
    )
    rare: Literal["drop", "merge"] = Field(
        default="drop", description="drop: leave out structures of rare classes; merge: make them one class `other`"
    )


@checked_dataclass
class TrainParams:
    """The model and how it is trained."""

    model: ModelName = Field(default="mobilenetv2", description="The model")
    input: Literal["auto", "images", "peaks"] = Field(
        default="auto",
        description="images: the image folder; peaks: made on the fly; auto: the folder for a model on images without "
        "effects, else peaks",
    )
    chemistry: Literal["all", "oxides", "halides", "chalcogenides", "intermetallics"] = Field(
        default="all", description="All structures, or one family alone"
    )
    limit: int | None = Field(
        default=None, ge=7, le=1_000_000_000, description="Largest number of training structures; null takes all"
    )
    alpha: float = Field(default=0.35, ge=0.05, le=2.0, description="Width of MobileNetV2; 1.0 is the paper's")
    weights: str = Field(default="none", description="imagenet (downloaded), none, or the path of a weights file")
    pixel_scaling: Literal["symmetric", "unit", "none"] = Field(
        default="symmetric", description="symmetric [-1, 1] as MobileNetV2 expects, unit [0, 1], none [0, 255]"
    )
    dropout: float = Field(default=0.5, ge=0.0, le=0.9, description="Share dropped before the last layer")
    batchnorm: Literal["update", "frozen", "reestimate"] = Field(
        default="update", description="Statistics of BatchNorm; reestimate: computed again before each validation"
    )
    batchnorm_momentum: float = Field(default=0.9, ge=0.0, le=0.9999, description="Keras' MobileNetV2 has 0.999")
    head_epochs: int = Field(default=0, ge=0, le=100_000, description="Epochs of the new top alone, before all layers")
    epochs: int = Field(default=8, ge=1, le=100_000, description="Epochs in all")
    batch_size: int = Field(default=32, ge=1, le=1_000_000, description="Inputs in a batch")
    optimizer: Literal["adam", "adamw", "sgd", "rmsprop"] = Field(default="adam", description="Keras' optimizer")
    learning_rate: float = Field(default=0.002, ge=1e-9, le=10.0, description="Learning rate at the start")
    schedule: Literal["constant", "cosine"] = Field(default="cosine", description="cosine: from learning_rate to 0")
    patience: int | None = Field(
        default=4, ge=1, le=100_000, description="Stop after so many epochs without a better `monitor`; null: never"
    )
    monitor: Literal["val_loss", "val_accuracy", "val_macro_f1"] = Field(
        default="val_accuracy", description="The metric that the kept epoch is best in"
    )
    class_weight: Literal["none", "balanced", "effective"] = Field(
        default="none", description="effective: by the effective number of samples (Cui et al. 2019)"
    )
    loss: Literal["crossentropy", "focal"] = Field(default="crossentropy", description="focal: Lin et al. 2017")
    oversample: bool = Field(default=False, description="Show every class equally often")
    seed: Seed = Field(default=0, description="Seed of the training")


@checked_dataclass
class EvaluateParams:
    """Scores."""

    part: Part = Field(default="validation", description="validation for choices, test for the end")
    bootstrap: int = Field(default=1000, ge=100, le=1_000_000, description="Samples behind the 95 % intervals")


@checked_dataclass
class Params:
    """All of `params.yaml`."""

    structures: StructuresParams = Field(default_factory=StructuresParams)
    labels: LabelsParams = LabelsParams()
    peaks: PeaksParams = PeaksParams()
    split: SplitParams = SplitParams()
    profile: ProfileParams = ProfileParams()
    images: ImagesParams = ImagesParams()
    effects: EffectsParams = EffectsParams()
    target: TargetParams = TargetParams()
    train: TrainParams = TrainParams()
    evaluate: EvaluateParams = EvaluateParams()

    @property
    def input_source(self) -> Literal["images", "peaks"]:
        """Where inputs come from: the image folder, or the peaks on the fly."""
        if self.train.input != "auto":
            return self.train.input
        return "images" if model_spec(self.train.model).input == "images" and not self.effects.on else "peaks"


def content_of(params: Params) -> dict[str, Any]:
    """Parameters as `params.yaml` would hold them, every key of every section."""
    content: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(params)))
    return content


def params_schema() -> dict[str, Any]:
    """The JSON Schema of `params.yaml`, for editors."""
    schema = TypeAdapter(Params).json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | schema | {"title": "params.yaml of xrdsym"}
