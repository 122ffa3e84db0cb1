"""`params.yaml`, typed: one frozen dataclass a section, read whole and checked before anything runs."""

from __future__ import annotations

import copy
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Annotated, Any, Literal

from xrdsym.checking import Range, check_mapping
from xrdsym.contradictions import contradictions
from xrdsym.errors import UsageError, XrdsymError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Source = Literal["prototypes", "matminer", "materials_project", "files"]
Axis = Literal["two_theta", "q", "q_squared", "ln_q", "ln_q_ratio"]
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
ModelName = Literal[
    "mobilenetv2",
    "park_crystal_system",
    "park_extinction_group",
    "park_space_group",
    "oviedo",
    "salgado",
    "schopmans",
    "resnet1d",
    "lee_fcn",
    "majority",
    "nearest_neighbour",
    "random_forest",
    "boosted_trees",
    "search_match",
]
Part = Literal["train", "validation", "test"]
Interval = tuple[float, float]
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


@dataclass(frozen=True)
class ImagesParams:
    """From the vector to the square image."""

    layout: Layout
    downsampling: Downsampling
    side: Annotated[int, Range(32, 2048)]
    colormap: str


@dataclass(frozen=True)
class EffectsParams:
    """What an instrument and a sample add, drawn anew for a training pattern each time it is shown.

    A pair is a range that a value is drawn from, evenly (`counts` and `noise` evenly in the logarithm); null, 0 and
    false turn an effect off. `xrdsym.effects.usual` has the ranges that the field takes, and where they come from.

    Attributes:
        strain: The largest lattice strain that keeps the symmetry.
        debye_waller: B of all atoms, Å².
        preferred_orientation: r of March and Dollase along a random direction; 1 is none.
        peak_scaling: Factor on the peaks of each of `effects.peaks.SCALED_BLOCKS` blocks of the range.
        peak_elimination: Probability that the peaks of one of `effects.peaks.ELIMINATED_BLOCKS` blocks are missing.
        zero_shift: Degrees 2θ that all peaks move by.
        displacement: Height of the sample above the axis of the goniometer, mm.
        kalpha2: Each peak is the doublet of Kα1 and Kα2; the radiation is that of a Kα line by its name.
        crystallite_size: nm.
        microstrain: Relative change of the lattice from place to place, ε of Stokes and Wilson.
        caglioti: U, V and W of the instrument's width, degrees², in place of `profile.sigma`.
        background: Height of a smooth background, of the strongest peak.
        amorphous: Height of the hump of an amorphous share, of the strongest peak.
        counts: Counts at the strongest point of the pattern, of which Poisson noise is made.
        noise: σ of Gaussian noise, of the strongest peak.
        judged: What a model is judged by, validation and test part, is drawn with the effects, too, once.
    """

    strain: Annotated[float, Range(0.0, 0.3)] = 0.0
    debye_waller: Annotated[Interval, Range(0.0, 20.0)] | None = None
    preferred_orientation: Annotated[Interval, Range(0.1, 10.0)] | None = None
    peak_scaling: Annotated[Interval, Range(0.0, 100.0)] | None = None
    peak_elimination: Annotated[float, Range(0.0, 1.0)] = 0.0
    zero_shift: Annotated[Interval, Range(-5.0, 5.0)] | None = None
    displacement: Annotated[Interval, Range(-5.0, 5.0)] | None = None
    kalpha2: bool = False
    crystallite_size: Annotated[Interval, Range(0.5, 1e6)] | None = None
    microstrain: Annotated[Interval, Range(0.0, 0.1)] | None = None
    caglioti: Annotated[tuple[Interval, Interval, Interval], Range(-10.0, 10.0)] | None = None
    background: Annotated[Interval, Range(0.0, 10.0)] | None = None
    amorphous: Annotated[Interval, Range(0.0, 10.0)] | None = None
    counts: Annotated[Interval, Range(1.0, 1e9)] | None = None
    noise: Annotated[Interval, Range(1e-6, 1.0)] | None = None
    judged: bool = False

    @property
    def on(self) -> tuple[str, ...]:
        """The names of the effects that are not turned off."""
        names = (field.name for field in fields(self) if field.name != "judged")
        return tuple(name for name in names if getattr(self, name))

    @property
    def below_peaks(self) -> bool:
        """Whether anything lies below the peaks that is taken away before a network sees the pattern."""
        return bool(self.background or self.amorphous or self.counts or self.noise)


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


def load_params(path: Path) -> Params:
    """Read and check `params.yaml`.

    Args:
        path: The file.

    Raises:
        XrdsymError: The file is missing.
        UsageError: It is no YAML mapping, or keys or values are wrong; all of them are named at once.
    """
    return params_from(read_content(path), path.name)


def read_content(path: Path) -> Any:  # noqa: ANN401 - any YAML value
    """What a file of parameters holds, not checked.

    Raises:
        XrdsymError: The file is missing.
        UsageError: It is not YAML.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    if not path.is_file():
        msg = f"no parameters at {path}. Run this in the project's folder, where params.yaml is."
        raise XrdsymError(msg)
    try:
        return YAML(typ="safe").load(path)
    except YAMLError as error:
        msg = f"{path} is not valid YAML: {' '.join(str(error).split())}"
        raise UsageError(msg) from error


def content_with(content: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of what `params.yaml` holds with other values: `{"train.alpha": 0.5}`."""
    changed: dict[str, Any] = copy.deepcopy(dict(content))
    for name, value in changes.items():
        section, _, key = name.partition(".")
        changed[section][key] = value
    return changed


def params_from(content: object, name: str = "params.yaml") -> Params:
    """Check a parsed mapping and make the parameters of it.

    Args:
        content: What YAML or JSON gave.
        name: What to call it in errors.

    Raises:
        UsageError: Keys or values are wrong; all of them are named at once.
    """
    params, problems = check_mapping(Params, content)
    if params is not None:
        problems += contradictions(params)
    if problems or params is None:
        lines = "\n".join(f"  {problem}" for problem in problems)
        count = f"{len(problems)} problem{'s' if len(problems) != 1 else ''}"
        msg = f"{name} has {count}:\n{lines}"
        raise UsageError(msg)
    return params
