import numpy as np

from xrdsym.models.baselines.rows import unit_rows


def test_rows_have_length_one_and_empty_ones_stay_empty() -> None:
    rows = np.array([[3.0, 4.0], [0.0, 0.0], [1e-20, 0.0]], np.float32)
    np.testing.assert_allclose(unit_rows(rows), [[0.6, 0.8], [0, 0], [1, 0]], rtol=1e-6)
    assert unit_rows(rows).dtype == np.float32
