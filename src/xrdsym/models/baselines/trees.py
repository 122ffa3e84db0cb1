"""Random forest and boosted trees of scikit-learn on the features of peak lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from xrdsym.models.baselines.estimator import EstimatorBaseline
from xrdsym.models.baselines.storage import check

if TYPE_CHECKING:
    from collections.abc import Sequence

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

    @classmethod
    def check_fitted(cls, estimator: Any) -> None:  # noqa: ANN401 - scikit-learn is not typed
        """See `EstimatorBaseline`."""
        iterations = estimator._predictors  # noqa: SLF001 - scikit-learn shows its trees nowhere else
        trees = [tree for iteration in iterations for tree in iteration]
        check(all(len(one) == estimator.n_trees_per_iteration_ for one in iterations), "an iteration lacks trees")
        check(
            estimator._preprocessor is None and estimator.is_categorical_ is None,  # noqa: SLF001
            "its features are not all numbers",
        )
        check(all(type(tree).__name__ == "TreePredictor" for tree in trees), "it holds something other than trees")
        nodes = np.concatenate([tree.nodes for tree in trees])
        check(not nodes["is_categorical"].any(), "its features are not all numbers")
        sizes = [len(tree.nodes) for tree in trees]
        inner = nodes["is_leaf"] == 0
        _check_links(sizes, inner, [nodes["left"], nodes["right"]], nodes["feature_idx"], estimator.n_features_in_)

    @classmethod
    def probabilities(cls, estimator: Any, inputs: NDArray[Any]) -> NDArray[np.float64]:  # noqa: ANN401
        """See `EstimatorBaseline`."""
        if len(inputs) > FEW_ROWS:
            return super().probabilities(estimator, inputs)
        from threadpoolctl import threadpool_limits

        with threadpool_limits(limits=1, user_api="openmp"):
            return super().probabilities(estimator, inputs)


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

    @classmethod
    def check_fitted(cls, estimator: Any) -> None:  # noqa: ANN401 - scikit-learn is not typed
        """See `EstimatorBaseline`."""
        from sklearn.tree import DecisionTreeClassifier

        single = estimator.estimators_
        check(all(type(one) is DecisionTreeClassifier for one in single), "it holds something other than trees")
        trees = [one.tree_ for one in single]
        classes = len(estimator.classes_)
        check(
            all(
                tree.value.shape == (tree.node_count, 1, classes) and tree.n_features == estimator.n_features_in_
                for tree in trees
            ),
            "a tree is for other classes or features",
        )
        left, right, feature = (
            np.concatenate([getattr(tree, name) for tree in trees])
            for name in ("children_left", "children_right", "feature")
        )
        _check_links([tree.node_count for tree in trees], left != -1, [left, right], feature, estimator.n_features_in_)


def _check_links(
    sizes: Sequence[int], inner: NDArray[np.bool_], children: Sequence[NDArray[Any]], features: NDArray[Any], width: int
) -> None:
    """Check that inner nodes lead to later nodes of their own tree and ask for features that there are.

    Args:
        sizes: Nodes of each tree; the arrays hold those of all trees one after the other.
        inner: bool (nodes,), which nodes have children.
        children: Two arrays (nodes,) of positions within the node's own tree.
        features: (nodes,) positions of features.
        width: Number of features.

    Raises:
        ValueError: One leads elsewhere.
    """
    check(min(sizes, default=0) > 0, "a tree has no node")
    place = np.concatenate([np.arange(size) for size in sizes])[inner]
    size = np.repeat(sizes, sizes)[inner]
    for child in children:
        # trees are stored from the root on, so that one whose nodes lead back would never end
        later = (child[inner].astype(np.int64) > place) & (child[inner].astype(np.int64) < size)
        check(bool(later.all()), "a node of a tree leads to no later node")
    asked = features[inner]
    check(bool(((asked >= 0) & (asked < width)).all()), "a node of a tree asks for a feature that does not exist")


def iterations(classes: int) -> int:
    """How many iterations of boosting so many classes get."""
    return min(ITERATIONS, max(1, TREES // classes))
