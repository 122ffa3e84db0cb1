"""What all baselines share: one fit, reported like the training of a network, and one format of their files."""

from __future__ import annotations

import time
from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from xrdsym.common.errors import UsageError, XrdsymError
from xrdsym.data.training_data import SAMPLE, TrainingResult
from xrdsym.encoding.encoder import encoder_of
from xrdsym.encoding.recipe import FILE_NAME
from xrdsym.evaluation.metrics import evaluate
from xrdsym.models.baselines import storage
from xrdsym.models.protocol import Classifier

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from xrdsym.config.schema import Params, TrainParams
    from xrdsym.data.datasets import EpochInputs, LabelledInputs
    from xrdsym.data.training_data import TrainingData
    from xrdsym.encoding.recipe import Recipe
    from xrdsym.models.protocol import OnEpoch, Workspace

ROWS_AT_ONCE = 512


class Baseline(Classifier):
    """A model that is fitted once, to all training inputs.

    A new one is a subclass with the methods `learn`, `predict_proba`, `content` and `from_content`.

    Attributes:
        trusted: Types that a file of it may hold beside those that skops itself regards as harmless.
    """

    trusted: ClassVar[tuple[str, ...]] = ()

    @classmethod
    @abstractmethod
    def learn(cls, params: Params, data: TrainingData) -> Self:
        """Fit to the training part.

        Raises:
            UsageError: The training part cannot be learnt from: see `checks.check_training`.
        """

    @abstractmethod
    def content(self) -> dict[str, Any]:
        """All that a file must hold beside the name and the classes: arrays, numbers, estimators of scikit-learn."""

    @classmethod
    @abstractmethod
    def from_content(cls, content: dict[str, Any], classes: tuple[str, ...]) -> Self:
        """The baseline of a file that may be damaged or forged.

        Raises:
            ValueError: The content is not as `content` gives it; `storage.check` raises that.
        """

    @classmethod
    def epochs(cls, train: TrainParams) -> int:  # noqa: ARG003 - those are of networks
        """See `Classifier`; the one fit counts as an epoch."""
        return 1

    @classmethod
    def fit(
        cls,
        params: Params,
        data: TrainingData,
        workspace: Workspace,  # noqa: ARG003 - one fit has no checkpoint
        on_epoch: OnEpoch,
    ) -> tuple[Self, TrainingResult]:
        """See `Classifier`.

        The history has one row. `loss` (nats) and `accuracy` are those of a sample of the training part, augmented as
        in the fit; `seconds` are those of the fit.
        """
        started = time.perf_counter()
        fitted = cls.learn(params, data)
        seconds = time.perf_counter() - started
        sample = np.random.default_rng(params.train.seed).permutation(len(data.train))[:SAMPLE]
        training = data.train if data.augmented is None else data.augmented.in_epoch(0)
        scores = fitted.scores(training, sample)
        # abs: the log loss of certainty is -0.0
        metrics = {"epoch": 1.0, "loss": abs(scores["log_loss"]), "accuracy": scores["accuracy"]}
        if len(data.validation):
            validation = fitted.scores(data.validation, np.arange(len(data.validation)))
            metrics |= {"val_loss": abs(validation["log_loss"])}
            metrics |= {f"val_{name}": validation[name] for name in ("accuracy", "macro_f1")}
        metrics |= {"seconds": seconds, "images_per_second": len(data.train) / max(seconds, 1e-9)}
        on_epoch(1, metrics)
        result = TrainingResult(
            history=[metrics],
            kept_epoch=1,
            best_epoch=1 if len(data.validation) else 0,
            resumed_epochs=0,
            stopped_early=False,
            images_per_second=metrics["images_per_second"],
            accuracies={"inference_mode": scores["accuracy"]},
        )
        return fitted, result

    def predict_dataset(self, dataset: LabelledInputs) -> NDArray[np.float32]:
        """See `Classifier`."""
        return self._predict(dataset, np.arange(len(dataset)))

    def _predict(self, inputs: EpochInputs, positions: NDArray[np.int64]) -> NDArray[np.float32]:
        starts = range(0, len(positions), ROWS_AT_ONCE)
        parts = [self.predict_proba(inputs.read(positions[first : first + ROWS_AT_ONCE])) for first in starts]
        return np.concatenate(parts) if parts else np.zeros((0, len(self.classes)), np.float32)

    def scores(self, inputs: EpochInputs, positions: NDArray[np.int64]) -> dict[str, Any]:
        """The scores at some positions of inputs, as `xrdsym.evaluation.metrics.evaluate` gives them."""
        probabilities = self._predict(inputs, positions)
        return evaluate(inputs.labels[positions], probabilities, classes=self.classes, bootstrap=0)

    def save(self, folder: Path) -> Path:
        """See `Classifier`."""
        return storage.write(folder, self.name, self.classes, self.content())

    @classmethod
    def read(cls, file: Path) -> Self:
        """As `load`, without a recipe to compare the file with.

        Raises:
            XrdsymError: The file is missing, broken, or no such baseline, or it holds types that are not trusted.
        """
        return storage.read(file, cls.name, cls.trusted, cls.from_content)

    @classmethod
    def load(cls, file: Path, recipe: Recipe) -> Self:
        """See `Classifier`."""
        fitted = cls.read(file)
        if fitted.classes != recipe.classes:
            msg = (
                f"{file} does not fit the {FILE_NAME} beside it: expected {len(recipe.classes)} classes "
                f"({', '.join(recipe.classes[:3])}, …), received {len(fitted.classes)} "
                f"({', '.join(fitted.classes[:3])}, …). Fetch or train it again."
            )
            raise XrdsymError(msg)
        try:
            fitted.predict_proba(np.zeros((1, *encoder_of(recipe).shape), np.float32))
        except UsageError as error:
            msg = f"{file} does not fit the {FILE_NAME} beside it: {error}. Fetch or train it again."
            raise XrdsymError(msg) from error
        return fitted
