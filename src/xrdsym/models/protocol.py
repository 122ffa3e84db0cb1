"""What every model here can do, networks and baselines alike."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from xrdsym.config.model_specs import model_spec
from xrdsym.config.paths import Paths
from xrdsym.models.networks.cache import NetworkCache

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np
    from numpy.typing import NDArray

    from xrdsym.config.model_specs import PatternType
    from xrdsym.config.schema import Params, TrainParams
    from xrdsym.data.datasets import LabelledInputs
    from xrdsym.data.training_data import TrainingData, TrainingResult
    from xrdsym.encoding.recipe import Recipe

    OnEpoch = Callable[[int, Mapping[str, float]], None]
    """Receives the number of an epoch, from 1, and its metrics."""


@dataclass(frozen=True)
class Workspace:
    """Where a training reads and where it can be resumed.

    Attributes:
        paths: The working tree, for files that parameters name.
        checkpoint: A folder that belongs to this very training: its parameters, its data, its code.
        networks: Networks that this process has compiled already.
        looks_every: Steps between two looks at a network within an epoch; None looks after each epoch alone.
    """

    paths: Paths
    checkpoint: Path
    networks: NetworkCache
    looks_every: int | None = None


class Classifier(ABC):
    """A trained model: from inputs, as `xrdsym.encoding.encoder.InputEncoder` makes them, to probabilities.

    Attributes:
        name: One of `xrdsym.config.model_specs.MODEL_SPECS`.
        classes: Names of the classes, in the order of the probabilities.
        keras_model: The network of Keras, where it is one.
    """

    name: str
    classes: tuple[str, ...]
    keras_model: Any = None

    @classmethod
    @abstractmethod
    def epochs(cls, train: TrainParams) -> int:
        """How many epochs a training takes at most."""

    @classmethod
    @abstractmethod
    def fit(
        cls, params: Params, data: TrainingData, workspace: Workspace, on_epoch: OnEpoch
    ) -> tuple[Self, TrainingResult]:
        """Train; see `xrdsym.models.fit.fit`."""

    @abstractmethod
    def predict_proba(self, inputs: NDArray[Any]) -> NDArray[np.float32]:
        """The probability of every class of every input, float32 (n, classes).

        Raises:
            UsageError: The inputs have another shape than those of training.
        """

    @abstractmethod
    def predict_dataset(self, dataset: LabelledInputs) -> NDArray[np.float32]:
        """As `predict_proba`, of a whole dataset, which is read a batch at a time."""

    @abstractmethod
    def save(self, folder: Path) -> Path:
        """Write the model's file into a folder, atomically, and return its path."""

    @classmethod
    @abstractmethod
    def load(cls, file: Path, recipe: Recipe) -> Self:
        """Read what `save` wrote, and check that it fits the recipe beside it.

        Raises:
            XrdsymError: The file is missing or broken, or does not fit the recipe.
        """

    def accepts(self, pattern_type: PatternType) -> bool:
        """Whether what the model reads can be made of patterns of this type: features are of ideal ones alone."""
        return pattern_type == "ideal" or model_spec(self.name).input != "features"

    def peak_count(self, vector: NDArray[np.float32]) -> int | None:  # noqa: ARG002 - for those that look for peaks
        """How many peaks the model finds in a vector of a scan; None where it does not look for peaks."""
        return None
