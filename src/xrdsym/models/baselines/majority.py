"""The shares of the classes in training, whatever the pattern: the score that any other model must exceed."""

from __future__ import annotations

from typing import Any

from xrdsym.models.baselines.estimator import EstimatorBaseline


class Majority(EstimatorBaseline):
    """scikit-learn's `DummyClassifier` with the strategy `prior`."""

    name = "majority"
    estimator_type = "sklearn.dummy.DummyClassifier"

    @classmethod
    def make(cls, classes: int, seed: int) -> Any:  # noqa: ANN401, ARG003 - nothing is drawn
        """See `EstimatorBaseline`."""
        from sklearn.dummy import DummyClassifier

        return DummyClassifier(strategy="prior")
