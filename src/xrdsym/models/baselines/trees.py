"""Random forest and boosted trees of scikit-learn on the features of peak lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from xrdsym.models.baselines.estimator import EstimatorBaseline

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

LEARNING_RATE = 0.1
"""scikit-learn's default."""
LEAVES = 31
"""Of each boosted tree; scikit-learn's default."""
L2 = 1.0
"""With 5,000 training structures leaves hold few; without it single ones decide."""
FEATURE_SHARE = 0.3
"""Share of the features that each split tries: many are alike (the merits of ten lattices), and fewer are faster."""
ITERATIONS = 200
"""Most of them; see `TREES`."""
TREES = 10_000
"""Iterations times classes at most, as each adds one tree a class: 230 classes are left with 43 iterations. A tree of
31 leaves takes 6.2 kB in the file however many structures it was grown on: 8.7 MB for seven classes, 62 MB for 230."""
FEW_ROWS = 1000
"""Up to so many, threads cost boosted trees more than they save: each of a thousand trees waits for all of them, and on
a busy machine that takes longer than all the rest of a prediction."""
FOREST_TREES = 100
"""scikit-learn's default."""
FOREST_CELLS = 16384
"""Leaves times classes of each tree of the forest, which is what it takes to store: 2,340 leaves for seven classes."""


class BoostedTrees(EstimatorBaseline):
    """Histogram gradient boosting (`HistGradientBoostingClassifier`)."""

    name = "boosted_trees"
    fewest = 2
    estimator_type = "sklearn.ensemble._hist_gradient_boosting.gradient_boosting.HistGradientBoostingClassifier"
    trusted = ("sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",)

    @classmethod
    def make(cls, classes: int, seed: int) -> Any:  # noqa: ANN401 - scikit-learn is not typed
        """See `EstimatorBaseline`."""
        from sklearn.ensemble import HistGradientBoostingClassifier

        return HistGradientBoostingClassifier(
            learning_rate=LEARNING_RATE,
            max_iter=iterations(classes),
            max_leaf_nodes=LEAVES,
            l2_regularization=L2,
            max_features=FEATURE_SHARE,
            # it would use a part of the training structures for validation
            early_stopping=False,
            random_state=seed,
        )

    def predict_proba(self, inputs: NDArray[Any]) -> NDArray[np.float32]:
        """See `Classifier`."""
        if len(inputs) > FEW_ROWS:
            return super().predict_proba(inputs)
        from threadpoolctl import threadpool_limits

        with threadpool_limits(limits=1, user_api="openmp"):
            return super().predict_proba(inputs)


class RandomForest(EstimatorBaseline):
    """A random forest (`RandomForestClassifier`)."""

    name = "random_forest"
    fewest = 2
    estimator_type = "sklearn.ensemble._forest.RandomForestClassifier"
    trusted = ("sklearn.tree._tree.Tree",)

    @classmethod
    def make(cls, classes: int, seed: int) -> Any:  # noqa: ANN401 - scikit-learn is not typed
        """See `EstimatorBaseline`."""
        from sklearn.ensemble import RandomForestClassifier

        leaves = max(2, FOREST_CELLS // classes)
        return RandomForestClassifier(FOREST_TREES, max_leaf_nodes=leaves, random_state=seed, n_jobs=-1)

    @classmethod
    def fit_rows(
        cls, inputs: NDArray[np.float32], labels: NDArray[np.int64], classes: Sequence[str], seed: int
    ) -> Self:
        """See `EstimatorBaseline`."""
        fitted = super().fit_rows(inputs, labels, classes, seed)
        # threads that predict with one tree each empty the warning filters under each other (scikit-learn 1.9)
        fitted.estimator.n_jobs = None
        return fitted


def iterations(classes: int) -> int:
    """How many iterations of boosting so many classes get."""
    return min(ITERATIONS, max(1, TREES // classes))
