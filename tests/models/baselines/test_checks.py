import numpy as np
import pytest

from xrdsym.common.errors import UsageError
from xrdsym.models.baselines.checks import check_training, check_width

CLASSES = ("cubic", "hexagonal", "monoclinic", "triclinic")


@pytest.mark.parametrize(
    ("inputs", "labels", "fewest", "message"),
    [
        (np.zeros((2, 3)), [0, 1, 1], 1, r"one label an example.*\(2, 3\) and \(3,\)"),
        (np.zeros((2, 3)), [0, 4], 1, "labels from 0 to 4 for 4 classes"),
        (np.zeros((2, 3)), [-1, 0], 1, "labels from -1 to 0 for 4 classes"),
        (np.zeros((0, 3)), [], 1, "1 classes or more, received 0 examples of none"),
        (np.zeros((2, 3)), [2, 2], 2, "2 classes or more, received 2 examples of monoclinic"),
        (np.full((2, 3), np.nan), [0, 1], 1, "not finite in 2 examples"),
    ],
)
def test_unfit_examples_are_refused(inputs: np.ndarray, labels: list[int], fewest: int, message: str) -> None:
    with pytest.raises(UsageError, match=f"it.*{message}"):
        check_training("it", inputs.astype(np.float32), np.array(labels, np.int64), CLASSES, fewest)


def test_fit_examples_are_accepted() -> None:
    check_training("it", np.zeros((2, 3), np.float32), np.array([2, 2]), CLASSES, 1)
    check_width("it", np.zeros((2, 3), np.float32), 3)


def test_another_width_is_refused() -> None:
    with pytest.raises(UsageError, match=r"it was trained on rows of 4 numbers and received .*\(2, 3\)"):
        check_width("it", np.zeros((2, 3), np.float32), 4)
