"""The class of the training profile with the largest cosine similarity."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from xrdsym.common.errors import UsageError
from xrdsym.models.baselines.checks import check_training, check_width
from xrdsym.models.baselines.estimator import EstimatorBaseline
from xrdsym.models.baselines.rows import unit_rows
from xrdsym.models.baselines.storage import check

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

QUERIES = 512
"""Profiles that are compared at a time."""


class NearestNeighbour(EstimatorBaseline):
    """scikit-learn's `KNeighborsClassifier` on profiles of length 1, of which it sees each but once.

    For profiles of length 1 the Euclidean distance has the order of the cosine, which the height of a profile does
    not change. Of equal profiles the first gives the class. A profile that has no point in common with any of the
    training, such as an empty one, is given the majority.

    Args:
        classes: Names of the classes.
        estimator: See `EstimatorBaseline`.
        majority: The most frequent class of the training part, a position in `classes`.
        covered: bool (points,): where any training profile is above 0.
    """

    name = "nearest_neighbour"
    estimator_type = "sklearn.neighbors._classification.KNeighborsClassifier"

    def __init__(
        self,
        classes: tuple[str, ...],
        estimator: Any,  # noqa: ANN401 - scikit-learn is not typed
        majority: int,
        covered: NDArray[np.bool_],
    ) -> None:
        super().__init__(classes, estimator)
        self.majority = majority
        self.covered = covered

    @classmethod
    def make(cls, classes: int, seed: int) -> Any:  # noqa: ANN401, ARG003 - nothing is drawn
        """See `EstimatorBaseline`."""
        from sklearn.neighbors import KNeighborsClassifier

        return KNeighborsClassifier(1, metric="euclidean", algorithm="brute")

    @classmethod
    def fit_rows(
        cls, inputs: NDArray[np.float32], labels: NDArray[np.int64], classes: Sequence[str], seed: int
    ) -> Self:
        """See `EstimatorBaseline`; it keeps a copy of the profiles, 4 bytes a point.

        Args:
            inputs: Profiles, 0 or more, float32 (n, points).
            labels: Positions in `classes`, int64 (n,).
            classes: Names of the classes.
            seed: Not used.

        Raises:
            UsageError: The examples are unfit, or no profile has a peak.
        """
        check_training(cls.name, inputs, labels, classes, cls.fewest)
        rows = unit_rows(inputs)
        firsts: dict[bytes, int] = {}
        for position, row in enumerate(rows):
            if row.any():
                firsts.setdefault(sha256(row.tobytes()).digest(), position)
        if not firsts:
            msg = f"{cls.name} needs a training profile with a peak, received {len(rows)} empty ones"
            raise UsageError(msg)
        first = np.array(list(firsts.values()))
        # indexing copies, and profiles may fill half of the memory
        distinct = rows if len(first) == len(rows) else rows[first]
        estimator = cls.make(len(classes), seed).fit(distinct, labels[first])
        majority = int(np.bincount(labels, minlength=len(classes)).argmax())
        covered: NDArray[np.bool_] = np.any(rows > 0, axis=0)
        return cls(tuple(classes), estimator, majority, covered)

    def predict_proba(self, inputs: NDArray[Any]) -> NDArray[np.float32]:
        """See `Classifier`: 1 for the class of the nearest profile, 0 for the others."""
        check_width(self.name, inputs, self.estimator.n_features_in_)
        probabilities = np.zeros((len(inputs), len(self.classes)), np.float32)
        for first in range(0, len(inputs), QUERIES):
            part = inputs[first : first + QUERIES]
            known = ((part > 0) & self.covered).any(axis=1)
            probabilities[first : first + QUERIES][~known, self.majority] = 1
            if known.any():
                columns = np.ix_(first + np.flatnonzero(known), self.estimator.classes_)
                probabilities[columns] = self.estimator.predict_proba(unit_rows(part[known]))
        return probabilities

    def content(self) -> dict[str, Any]:
        """See `Baseline`."""
        return {"estimator": self.estimator, "majority": self.majority, "covered": self.covered}

    @classmethod
    def from_content(cls, content: dict[str, Any], classes: tuple[str, ...]) -> Self:
        """See `Baseline`."""
        estimator = cls.checked(content["estimator"], len(classes))
        majority, covered = content["majority"], content["covered"]
        check(isinstance(majority, int) and 0 <= majority < len(classes), "the majority is of no class")
        width = estimator.n_features_in_
        check(covered.shape == (width,) and covered.dtype == bool, "the covered points are of other profiles")
        return cls(classes, estimator, majority, covered)

    @classmethod
    def check_fitted(cls, estimator: Any) -> None:  # noqa: ANN401 - scikit-learn is not typed
        """See `EstimatorBaseline`."""
        fitted = vars(estimator)
        rows, labels = fitted["_fit_X"], fitted["_y"]
        check(fitted["_fit_method"] == "brute", "it searches with another method")
        check(rows.ndim == 2 and rows.dtype == np.float32 and len(rows) > 0, "the profiles are no table of float32")
        check(rows.shape[1] == estimator.n_features_in_, "the profiles have another length")
        check(labels.shape == rows.shape[:1], "one label a profile is missing")
        check(
            bool(np.issubdtype(labels.dtype, np.integer) and labels.min() >= 0)
            and labels.max() < len(estimator.classes_),
            "a label is of no class",
        )
