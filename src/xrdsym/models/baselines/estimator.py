"""Baselines that are one classifier of scikit-learn on rows of numbers: profiles, or features of the peaks."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from xrdsym.common.progress import working
from xrdsym.models.baselines.baseline import Baseline
from xrdsym.models.baselines.checks import check_training, check_width
from xrdsym.models.baselines.storage import check

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from xrdsym.config.schema import Params
    from xrdsym.data.training_data import TrainingData


MOST_FEATURES = 1_000_000
SUM_TOLERANCE = 1e-3
"""Of the probabilities, which single precision sums up."""


class EstimatorBaseline(Baseline):
    """A fitted estimator of scikit-learn.

    Args:
        classes: Names of the classes.
        estimator: The estimator; its own classes are positions in `classes`.

    Attributes:
        fewest: How many classes must have a training example.
        estimator_type: The full name of the estimator's class, to which its files are held.
    """

    fewest: ClassVar[int] = 1
    estimator_type: ClassVar[str]

    def __init__(self, classes: tuple[str, ...], estimator: Any) -> None:  # noqa: ANN401 - scikit-learn is not typed
        self.classes = classes
        self.estimator = estimator

    @classmethod
    @abstractmethod
    def make(cls, classes: int, seed: int) -> Any:  # noqa: ANN401 - scikit-learn is not typed
        """The estimator before its fit, for so many classes."""

    @classmethod
    def learn(cls, params: Params, data: TrainingData) -> Self:
        """See `Baseline`."""
        train = data.train
        inputs = train.kept if train.source is None else train.read(np.arange(len(train)))
        with working(f"fitting {cls.name}"):
            return cls.fit_rows(inputs, train.labels, data.classes, params.train.seed)

    @classmethod
    def fit_rows(
        cls, inputs: NDArray[np.float32], labels: NDArray[np.int64], classes: Sequence[str], seed: int
    ) -> Self:
        """Fit to arrays.

        Args:
            inputs: One row an example, float32 (n, numbers).
            labels: Positions in `classes`, int64 (n,).
            classes: Names of the classes, the order of the probabilities; one may be without an example.
            seed: Of what the fit draws.

        Raises:
            UsageError: The examples are unfit: see `checks.check_training`.
        """
        check_training(cls.name, inputs, labels, classes, cls.fewest)
        return cls(tuple(classes), cls.make(len(classes), seed).fit(inputs, labels))

    def predict_proba(self, inputs: NDArray[Any]) -> NDArray[np.float32]:
        """See `Classifier`; 0 for classes without a training example."""
        check_width(self.name, inputs, self.estimator.n_features_in_)
        probabilities = np.zeros((len(inputs), len(self.classes)), np.float32)
        if len(inputs):
            probabilities[:, self.estimator.classes_] = self.probabilities(self.estimator, inputs)
        return probabilities

    @classmethod
    def probabilities(cls, estimator: Any, inputs: NDArray[Any]) -> NDArray[np.float64]:  # noqa: ANN401
        """What an estimator answers, one column a class that it was fitted to."""
        answered: NDArray[np.float64] = estimator.predict_proba(inputs)
        return answered

    def content(self) -> dict[str, Any]:
        """See `Baseline`."""
        return {"estimator": self.estimator}

    @classmethod
    def from_content(cls, content: dict[str, Any], classes: tuple[str, ...]) -> Self:
        """See `Baseline`."""
        return cls(classes, cls.checked(content["estimator"], len(classes)))

    @classmethod
    def checked(cls, estimator: Any, classes: int) -> Any:  # noqa: ANN401 - scikit-learn is not typed
        """An estimator of a file, which must be of this kind and for no more than so many classes.

        Raises:
            ValueError: It is of another kind, or has other classes.
        """
        kind = f"{type(estimator).__module__}.{type(estimator).__qualname__}"
        check(kind == cls.estimator_type, f"{cls.name} cannot be a {kind}")
        known = np.asarray(estimator.classes_)
        check(
            bool(np.issubdtype(known.dtype, np.integer) and known.min() >= 0 and known.max() < classes),
            "the estimator has other classes than are named",
        )
        width = estimator.n_features_in_
        check(isinstance(width, int) and 0 < width <= MOST_FEATURES, f"it was fitted to {width!r} features")
        cls.check_fitted(estimator)
        probabilities = cls.probabilities(estimator, np.zeros((1, width), np.float32))
        check(
            probabilities.shape == (1, len(known)) and abs(float(probabilities.sum()) - 1.0) < SUM_TOLERANCE,
            "its probabilities do not sum to 1",
        )
        return estimator

    @classmethod
    def check_fitted(cls, estimator: Any) -> None:  # noqa: ANN401 - scikit-learn is not typed
        """Check what scikit-learn follows without looking: in compiled code a wrong index ends the process.

        Args:
            estimator: An estimator of the right kind.

        Raises:
            ValueError: Its parts do not fit each other.
        """
