"""Random forest and boosted trees of scikit-learn on the features of peak lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from xrdsym.models.baselines.inputs import check_width

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

LEARNING_RATE = 0.1
"""scikit-learn's own."""
LEAVES = 31
"""Of each boosted tree; scikit-learn's own."""
L2 = 1.0
"""With 5,000 training structures leaves hold few; without it single ones decide."""
FEATURE_SHARE = 0.3
"""Of the features, those tried at each split: many say the same (the merits of ten metrics), and it is faster."""
ITERATIONS = 200
"""Most of them; see `TREES`."""
TREES = 10_000
"""Iterations times classes at most, as each adds one tree a class: 230 classes are left with 43 iterations. A tree of
31 leaves takes 6.2 kB in the file however many structures it was grown on: 8.7 MB for seven classes, 62 MB for 230."""
FOREST_TREES = 100
"""scikit-learn's own."""
FOREST_CELLS = 16384
"""Leaves times classes of each tree of the forest, which is what it takes to store: 2,340 leaves for seven classes."""


@dataclass(frozen=True, eq=False)
class Trees:
    """A fitted estimator of scikit-learn.

    Attributes:
        name: `random_forest` or `boosted_trees`.
        classes: Names of the classes; those of the estimator are positions in here.
        estimator: The estimator.
    """

    name: str
    classes: tuple[str, ...]
    estimator: Any

    def probabilities(self, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
        """The estimator's probabilities, float32 (n, classes), 0 for classes without a training example.

        Args:
            inputs: Features, float32 (n, features).

        Raises:
            UsageError: There is another number of features than in training.
        """
        check_width(self.name, inputs, self.estimator.n_features_in_)
        answers = np.zeros((len(inputs), len(self.classes)), np.float32)
        if len(inputs):
            answers[:, self.estimator.classes_] = self.estimator.predict_proba(inputs)
        return answers


def iterations(classes: int) -> int:
    """How many iterations of boosting so many classes are given."""
    return min(ITERATIONS, max(1, TREES // classes))


def boosted_trees(inputs: NDArray[np.float32], labels: NDArray[np.int64], classes: Sequence[str], seed: int) -> Trees:
    """Histogram gradient boosting (`HistGradientBoostingClassifier`); arguments as for `fit`."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    estimator = HistGradientBoostingClassifier(
        learning_rate=LEARNING_RATE,
        max_iter=iterations(len(classes)),
        max_leaf_nodes=LEAVES,
        l2_regularization=L2,
        max_features=FEATURE_SHARE,
        # it would take a part of the training structures for validation
        early_stopping=False,
        random_state=seed,
    )
    return Trees("boosted_trees", tuple(classes), estimator.fit(inputs, labels))


def random_forest(inputs: NDArray[np.float32], labels: NDArray[np.int64], classes: Sequence[str], seed: int) -> Trees:
    """A random forest (`RandomForestClassifier`); arguments as for `fit`."""
    from sklearn.ensemble import RandomForestClassifier

    estimator = RandomForestClassifier(
        FOREST_TREES, max_leaf_nodes=max(2, FOREST_CELLS // len(classes)), random_state=seed, n_jobs=-1
    ).fit(inputs, labels)
    # threads that ask one tree each empty the warning filters under each other (scikit-learn 1.9) and warn of that
    estimator.n_jobs = None
    return Trees("random_forest", tuple(classes), estimator)
