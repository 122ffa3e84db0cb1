"""The sections of `params.yaml` that say which patterns there are: from structures to the square image."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, model_validator
from pydantic_core import ArgsKwargs

from xrdsym.common.checking import checked_dataclass
from xrdsym.diffraction.profile_grid import Axis, ProfileGrid

SOURCES = MappingProxyType(
    {
        "prototypes": "prototypes.source",
        "matminer": "matminer.source",
        "materials_project": "materials_project.source",
        "files": "files.source",
    }
)
"""What `structures.sources` may name, and the function below `xrdsym.sources` that reads each; see `sources.combine`.

A source with parameters has a field of its own name in `StructuresParams`."""
if TYPE_CHECKING:
    # a type checker cannot derive it from the table
    Source = str
else:
    Source = Literal[tuple(SOURCES)]
Scale = Literal["linear", "sqrt", "log"]
Layout = Literal["stripes", "raster"]
Downsampling = Literal["imshow", "nearest", "mean", "maximum"]
SplitBy = Literal["random", "composition", "prototype", "anonymous_formula"]
Count = Annotated[int, Field(ge=0, le=1_000_000)]
Seed = Annotated[int, Field(ge=0, le=2**32 - 1)]


@checked_dataclass
class PrototypesParams:
    """The embedded source: AFLOW prototypes and decorations of them, no network."""

    count: int = Field(default=3000, ge=70, le=100_000, description="Number of structures")
    seed: Seed = Field(default=0, description="Seed of the decorations")


@checked_dataclass
class MatminerParams:
    """A matminer dataset with a column of structures."""

    dataset: str = Field(default="mp_all_20181018", description="Name of the dataset")


@checked_dataclass
class MaterialsProjectParams:
    """The Materials Project API; the key comes from MP_API_KEY."""

    counts: dict[str, Count] = Field(
        default_factory=lambda: dict.fromkeys(("cubic", "hexagonal", "tetragonal", "trigonal"), 1000),
        description="Number of materials of each crystal system",
    )


@checked_dataclass
class FilesParams:
    """Structures in files of your own."""

    path: str | None = Field(
        default=None, description="A folder, a glob (CIF, POSCAR, JSON) or a table (Parquet, CSV, JSON Lines)"
    )
    ids: str | None = Field(default=None, description="A CSV or text file of the ids wanted; null takes all")


@checked_dataclass
class StructuresParams:
    """Where structures come from; sources combine in the order given, the first of an id wins."""

    sources: tuple[Source, ...] = Field(default=("prototypes",), min_length=1, description="Sources, in their order")
    prototypes: PrototypesParams = PrototypesParams()
    matminer: MatminerParams = MatminerParams()
    materials_project: MaterialsProjectParams = Field(default_factory=MaterialsProjectParams)
    files: FilesParams = FilesParams()


@checked_dataclass
class LabelsParams:
    """Symmetry analysis."""

    symprec: float = Field(default=0.01, ge=1e-8, le=1.0, description="Tolerance of positions, Å; pymatgen's default")
    angle_tolerance: float = Field(default=5.0, ge=-1.0, le=30.0, description="Degrees; pymatgen's default")
    dimensionality: bool = Field(
        default=False, description="Analyse the bonds of every structure, too; target.name: dimensionality needs it"
    )


@checked_dataclass
class PeaksParams:
    """Simulation."""

    radiation: str | Annotated[float, Field(gt=0.0, le=100.0)] = Field(
        default="CuKa", description="A name (CuKa, CuKa1, MoKa, …) or a wavelength in Å"
    )
    two_theta_max: float = Field(default=90.0, ge=1.0, le=180.0, description="Last angle that is simulated, degrees")


@checked_dataclass
class SplitParams:
    """Training, validation and test part."""

    by: SplitBy = Field(default="prototype", description="What is kept within one part")
    validation: float = Field(default=0.1, ge=0.0, le=0.5, description="Share of the validation part")
    test: float = Field(default=0.1, ge=0.0, le=0.5, description="Share of the test part")
    seed: Seed = Field(default=0, description="Seed of the split")


@checked_dataclass
class ProfileParams:
    """From peaks to the vector; either `step` or `points` is given."""

    two_theta_min: float = Field(default=0.0, ge=0.0, le=179.0, description="First point, degrees")
    two_theta_max: float = Field(default=90.0, ge=1.0, le=180.0, description="Last point, degrees")
    axis: Axis = Field(
        default="two_theta", description="What points are even in; ln_q_ratio puts the first peak at one place"
    )
    step: float | None = Field(
        default=0.01, ge=0.001, le=1.0, description="Distance of neighbours, degrees; null where `points` is given"
    )
    points: int | None = Field(
        default=None, ge=2, le=200_000, description="Number of points in place of the step, both ends included"
    )
    sigma: float = Field(default=5.0, ge=0.0, le=1000.0, description="σ of the peaks, grid points")
    scale: Scale = Field(default="log", description="What is done to intensities in [0, 1]")

    @model_validator(mode="before")
    @classmethod
    def _points_in_place_of_the_default_step(cls, given: Any) -> Any:  # noqa: ANN401 - a mapping, or arguments
        values = given.kwargs or {} if isinstance(given, ArgsKwargs) else given
        if not isinstance(values, dict) or values.get("points") is None or "step" in values:
            return given
        if isinstance(given, ArgsKwargs):
            return given if len(given.args) > 3 else ArgsKwargs(given.args, {**values, "step": None})
        return {**values, "step": None}

    @model_validator(mode="after")
    def _one_of_step_and_points(self) -> ProfileParams:
        if self.step is not None and self.points is not None:
            msg = (
                f"step: {self.step} and points: {self.points} are both given: set profile.points: null or "
                "profile.step: null"
            )
            raise ValueError(msg)
        if self.step is None and self.points is None:
            msg = "neither step nor points is given: set profile.step: 0.01, or the number of points"
            raise ValueError(msg)
        return self

    @property
    def resolved_step(self) -> float:
        """Distance of neighbours, degrees, whether `step` is given or `points`."""
        if self.step is not None:
            return self.step
        # the validator has seen to it that one of the two is given
        return (self.two_theta_max - self.two_theta_min) / ((self.points or 0) - 1)

    @property
    def grid(self) -> ProfileGrid:
        """The points of the profile.

        Raises:
            UsageError: The range is no whole number of steps, or the axis has no such range.
        """
        return ProfileGrid(self.two_theta_min, self.two_theta_max, self.resolved_step, self.axis)


@checked_dataclass
class ImagesParams:
    """From the vector to the square image."""

    layout: Layout = Field(
        default="raster", description="stripes: one row stretched over the square; raster: folded row by row"
    )
    downsampling: Downsampling = Field(default="imshow", description="imshow is Matplotlib's default")
    side: int = Field(default=96, ge=32, le=2048, description="Pixels along one side")
    colormap: str = Field(default="viridis", description="Any of Matplotlib's")
