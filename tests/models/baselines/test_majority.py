import numpy as np

from xrdsym.models.baselines.majority import Majority

CLASSES = ("cubic", "hexagonal", "monoclinic", "triclinic")


def test_the_shares_of_the_classes_are_the_probabilities() -> None:
    fitted = Majority.fit_rows(np.zeros((5, 1), np.float32), np.array([3, 0, 3, 2, 3]), CLASSES, 0)
    np.testing.assert_allclose(fitted.predict_proba(np.zeros((2, 1), np.float32)), [[0.2, 0, 0.2, 0.6]] * 2)
