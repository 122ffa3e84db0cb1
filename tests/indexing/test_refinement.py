"""Recursive least squares, against the solution of all equations at once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from xrdsym.indexing.refinement import diagonal, dot, refined, times

INDICES = arrays(np.float64, st.tuples(st.integers(1, 12), st.just(4)), elements=st.integers(0, 9).map(float))


def full(triangle: tuple[float, ...]) -> np.ndarray:
    matrix = np.zeros((4, 4))
    matrix[np.triu_indices(4)] = triangle
    return matrix + np.triu(matrix, 1).T


@given(arrays(np.float64, 10, elements=st.floats(-5, 5)), arrays(np.float64, (2, 4), elements=st.floats(-5, 5)))
def test_products_are_those_of_numpy(triangle: np.ndarray, vectors: np.ndarray) -> None:
    one, other = vectors
    np.testing.assert_allclose(times(tuple(triangle), tuple(one)), full(tuple(triangle)) @ one, atol=1e-12)
    assert dot(tuple(one), tuple(other)) == pytest.approx(one @ other, abs=1e-12)


@given(INDICES, st.integers(0, 2**32 - 1))
def test_peak_by_peak_gives_the_least_squares_of_all_peaks(rows: np.ndarray, seed: int) -> None:
    generator = np.random.default_rng(seed)
    start, errors = generator.uniform(0.01, 0.1, 4), generator.uniform(1e-3, 1e-2, 4)
    observed = rows @ generator.uniform(0.01, 0.1, 4)
    noise = 1e-3
    g, covariance = tuple(start), diagonal(tuple(errors))
    for row, q in zip(rows, observed, strict=True):
        gain = times(covariance, tuple(row))
        g, covariance = refined(g, covariance, gain, q - dot(tuple(row), g), dot(tuple(row), gain) + noise**2)
    normal = np.diag(errors**-2.0) + rows.T @ rows / noise**2
    np.testing.assert_allclose(
        g, np.linalg.solve(normal, start * errors**-2.0 + rows.T @ observed / noise**2), rtol=1e-6
    )
    np.testing.assert_allclose(full(covariance), np.linalg.inv(normal), rtol=1e-5, atol=1e-12)
