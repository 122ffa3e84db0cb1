import threading

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.tree import DecisionTreeClassifier
from threadpoolctl import threadpool_info, threadpool_limits

from xrdsym.models.baselines import trees
from xrdsym.models.baselines.trees import BoostedTrees, RandomForest

CLASSES = ("cubic", "hexagonal", "monoclinic", "triclinic")


def test_a_forest_predicts_without_threads_that_warn_of_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trees, "FOREST_TREES", 5)
    inputs = np.random.default_rng(0).random((40, 6), np.float32)
    fitted = RandomForest.fit_rows(inputs, np.arange(40) % 4, CLASSES, 0)
    one_tree, threads = DecisionTreeClassifier.predict_proba, []

    def recording(*args: object, **keywords: object) -> np.ndarray:
        threads.append(threading.current_thread())
        return one_tree(*args, **keywords)

    monkeypatch.setattr(DecisionTreeClassifier, "predict_proba", recording)
    fitted.predict_proba(inputs)
    assert threads == [threading.main_thread()] * 5


def test_boosted_trees_predict_few_rows_on_one_thread_and_many_on_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trees, "ITERATIONS", 3)
    monkeypatch.setattr(trees, "FEW_ROWS", 10)
    inputs = np.random.default_rng(0).random((40, 6), np.float32)
    fitted = BoostedTrees.fit_rows(inputs, np.arange(40) % 4, CLASSES, 0)
    one_fit, threads = HistGradientBoostingClassifier.predict_proba, []

    def recording(*args: object, **keywords: object) -> np.ndarray:
        threads.append({pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "openmp"})
        return one_fit(*args, **keywords)

    monkeypatch.setattr(HistGradientBoostingClassifier, "predict_proba", recording)
    with threadpool_limits(limits=2, user_api="openmp"):
        few, many = fitted.predict_proba(inputs[:10]), fitted.predict_proba(inputs)
        fitted.predict_proba(inputs[:11])
    assert threads == [{1}, {2}, {2}]
    np.testing.assert_array_equal(few, many[:10])


def test_trees_for_more_classes_have_fewer_iterations() -> None:
    assert [trees.iterations(classes) for classes in (4, 7, 32, 230)] == [200, 200, 200, 43]
