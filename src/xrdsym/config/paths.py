"""Where things are: the working tree that a command runs in, and the project that outlives temporary clones."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from xrdsym.common.errors import XrdsymError

MARKER = "dvc.yaml"
STUDY_TREES = ("data", ".studies")
"""Where the tables of trials with labels or a split of their own are."""
COMPARISON_TREES = ("data", ".comparisons")
"""Where the tables of structures that are not the project's own are."""
INNER_TREES = ((".dvc", "tmp", "exps"), STUDY_TREES, COMPARISON_TREES)
"""Trees that belong to the project they lie in: temporary clones of DVC's, and tables made for a purpose."""


@dataclass(frozen=True)
class Paths:
    """The files of the stages below a working tree.

    Attributes:
        root: The folder of `dvc.yaml`; inside `dvc exp run --queue` it is a temporary clone.
    """

    root: Path

    @property
    def params(self) -> Path:
        """The parameters."""
        return self.root / "params.yaml"

    @property
    def structures(self) -> Path:
        """One row a material."""
        return self.root / "data" / "structures.parquet"

    @property
    def labels(self) -> Path:
        """Space group, crystal system, prototype key."""
        return self.root / "data" / "labels.parquet"

    @property
    def peaks(self) -> Path:
        """2θ and intensity of every peak."""
        return self.root / "data" / "peaks.parquet"

    @property
    def split(self) -> Path:
        """The part of every labelled material."""
        return self.root / "data" / "split.csv"

    @property
    def inputs(self) -> Path:
        """What the model's inputs are made with."""
        return self.root / "data" / "inputs.json"

    @property
    def images(self) -> Path:
        """One folder a crystal system."""
        return self.root / "data" / "images"

    @property
    def models(self) -> Path:
        """One folder a model."""
        return self.root / "models"

    @property
    def reports(self) -> Path:
        """What evaluation and report write."""
        return self.root / "reports"

    def summary(self, stage: str) -> Path:
        """The counts of a stage."""
        return self.root / "data" / f"{stage}.json"


def working_tree(start: Path | None = None) -> Paths:
    """The nearest folder with a `dvc.yaml`, upwards from `start` (the current folder by default).

    Raises:
        XrdsymError: There is none.
    """
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / MARKER).is_file():
            return Paths(folder)
    msg = f"no {MARKER} in {here} or above it. Run this inside an xrdsym project: a clone of its repository."
    raise XrdsymError(msg)


def project_root(paths: Paths) -> Path:
    """The project that outlives clones and trees of tables: where such a tree lies in, else the tree itself.

    MLflow's store and the checkpoints of interrupted training are anchored here.
    """
    parts = paths.root.parts
    for index in range(len(parts)):
        if any(parts[index : index + len(inner)] == inner for inner in INNER_TREES):
            return Path(*parts[:index])
    return paths.root
