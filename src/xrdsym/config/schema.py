"""`params.yaml`, typed: one frozen dataclass a section, read whole and checked before anything runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from xrdsym.augmentation.parameters import EffectsParams
from xrdsym.common.checking import Range
from xrdsym.config.model_specs import ModelName
from xrdsym.diffraction.profile_grid import Axis, ProfileGrid

Source = Literal["prototypes", "matminer", "materials_project", "files"]
Scale = Literal["linear", "sqrt", "log"]
Layout = Literal["stripes", "raster"]
Downsampling = Literal["imshow", "nearest", "mean", "maximum"]
SplitBy = Literal["random", "composition", "prototype", "anonymous_formula"]
TargetName = Literal[
    "crystal_system",
    "lattice_system",
    "laue_class",
    "point_group",
    "bravais_lattice",
    "space_group",
    "extinction_group",
    "extinction_group_park",
    "dimensionality",
]
Part = Literal["train", "validation", "test"]
Seed = Annotated[int, Range(0, 2**32 - 1)]


@dataclass(frozen=True)
class PrototypesParams:
    """The embedded source: how many structures, from which seed."""

    count: Annotated[int, Range(70, 100_000)]
    seed: Seed


@dataclass(frozen=True)
class MatminerParams:
    """A matminer dataset with a column of structures."""

    dataset: str


@dataclass(frozen=True)
class MaterialsProjectParams:
    """The Materials Project API: how many materials of each crystal system."""

    counts: dict[str, Annotated[int, Range(0)]]


@dataclass(frozen=True)
class FilesParams:
    """A folder, a glob or a table of structures, and a list of the ids wanted (all where it is null)."""

    path: str | None
    ids: str | None


@dataclass(frozen=True)
class StructuresParams:
    """Where structures come from; the sources combine in the order given, the first of an id wins."""

    sources: tuple[Source, ...]
    prototypes: PrototypesParams
    matminer: MatminerParams
    materials_project: MaterialsProjectParams
    files: FilesParams


@dataclass(frozen=True)
class LabelsParams:
    """Tolerances of the symmetry analysis: symprec in Å, the angle in degrees."""

    symprec: Annotated[float, Range(1e-8, 1.0)]
    angle_tolerance: Annotated[float, Range(-1.0, 30.0)]


@dataclass(frozen=True)
class PeaksParams:
    """What is simulated: the radiation (a name or a wavelength in Å) and the last angle in degrees 2θ."""

    radiation: str | float
    two_theta_max: Annotated[float, Range(1.0, 180.0)]


@dataclass(frozen=True)
class SplitParams:
    """Shares of the validation and the test part, and what may not stand on two sides."""

    by: SplitBy
    validation: Annotated[float, Range(0.0, 0.5)]
    test: Annotated[float, Range(0.0, 0.5)]
    seed: Seed


@dataclass(frozen=True)
class ProfileParams:
    """From peaks to the vector: angles in degrees 2θ, σ in grid points."""

    two_theta_min: Annotated[float, Range(0.0, 179.0)]
    two_theta_max: Annotated[float, Range(1.0, 180.0)]
    axis: Axis
    step: Annotated[float, Range(0.001, 1.0)]
    sigma: Annotated[float, Range(0.0, 1000.0)]
    scale: Scale

    @property
    def grid(self) -> ProfileGrid:
        """The points of the profile.

        Raises:
            UsageError: The range is no whole number of steps, or the axis has no such range.
        """
        return ProfileGrid(self.two_theta_min, self.two_theta_max, self.step, self.axis)


@dataclass(frozen=True)
class ImagesParams:
    """From the vector to the square image."""

    layout: Layout
    downsampling: Downsampling
    side: Annotated[int, Range(32, 2048)]
    colormap: str


@dataclass(frozen=True)
class TargetParams:
    """What is predicted; classes with fewer than `fewest` training structures are rare: dropped, or merged into one."""

    name: TargetName
    fewest: Annotated[int, Range(1)]
    rare: Literal["drop", "merge"]


@dataclass(frozen=True)
class TrainParams:
    """The model and how it is trained; `params.yaml` says what each one does."""

    model: ModelName
    input: Literal["images", "peaks"]
    chemistry: Literal["all", "oxides", "halides", "chalcogenides", "intermetallics"]
    limit: Annotated[int, Range(7)] | None
    alpha: Annotated[float, Range(0.05, 2.0)]
    weights: str
    pixel_scaling: Literal["symmetric", "unit", "none"]
    dropout: Annotated[float, Range(0.0, 0.9)]
    batchnorm: Literal["update", "frozen", "reestimate"]
    batchnorm_momentum: Annotated[float, Range(0.0, 0.9999)]
    head_epochs: Annotated[int, Range(0)]
    epochs: Annotated[int, Range(1)]
    batch_size: Annotated[int, Range(1)]
    optimizer: Literal["adam", "adamw", "sgd", "rmsprop"]
    learning_rate: Annotated[float, Range(1e-9, 10.0)]
    schedule: Literal["constant", "cosine"]
    patience: Annotated[int, Range(1)] | None
    monitor: Literal["val_loss", "val_accuracy", "val_macro_f1"]
    class_weight: Literal["none", "balanced", "effective"]
    loss: Literal["crossentropy", "focal"]
    oversample: bool
    seed: Seed


@dataclass(frozen=True)
class EvaluateParams:
    """Which part is scored, and how many bootstrap samples make the intervals."""

    part: Part
    bootstrap: Annotated[int, Range(100)]


@dataclass(frozen=True)
class Params:
    """All of `params.yaml`."""

    structures: StructuresParams
    labels: LabelsParams
    peaks: PeaksParams
    split: SplitParams
    profile: ProfileParams
    images: ImagesParams
    effects: EffectsParams
    target: TargetParams
    train: TrainParams
    evaluate: EvaluateParams
