import threading

import numpy as np
import pytest
from sklearn.tree import DecisionTreeClassifier

from xrdsym.models.baselines import trees
from xrdsym.models.baselines.trees import RandomForest

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


def test_trees_for_more_classes_have_fewer_iterations() -> None:
    assert [trees.iterations(classes) for classes in (4, 7, 32, 230)] == [200, 200, 200, 43]
