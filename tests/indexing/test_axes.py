"""Candidates for the squared reciprocal axes."""

import numpy as np
import pytest

from known_lattices import peaks_of, q_of
from xrdsym.indexing.axes import axis_excess, candidate_axes
from xrdsym.indexing.repeated_differences import repeated_differences

CELL = (4.85, 6.81, 8.29, 90, 90, 90)
Q = q_of(peaks_of(CELL)[0])[:40]
TOLERANCE = np.full(40, 1e-4)


@pytest.mark.parametrize("length", CELL[:3])
def test_the_axes_of_a_lattice_recur_more_than_other_numbers(length: float) -> None:
    others = np.random.default_rng(0).uniform(0.01, 0.06, 50)
    by_chance = [axis_excess(axis, 1e-5, Q, TOLERANCE) for axis in others]
    assert axis_excess(1 / length**2, 1e-5, Q, TOLERANCE) > np.quantile(by_chance, 0.95)


def test_the_axes_of_a_lattice_are_among_the_candidates() -> None:
    axes, excess = candidate_axes(Q, TOLERANCE, repeated_differences(Q, TOLERANCE), 12)
    for axis in 1 / np.square(CELL[:3]):
        at = np.abs(axes.values - axis).argmin()
        assert axes.values[at] == pytest.approx(axis, abs=3 * axes.errors[at] + 1e-6)
    assert (np.diff(excess) <= 0).all()
    assert len(axes.values) == len(axes.errors) == len(excess) <= 12


def test_the_number_of_candidates_is_limited() -> None:
    differences = repeated_differences(Q, TOLERANCE)
    some, every = (candidate_axes(Q, TOLERANCE, differences, limit)[0].values for limit in (2, 12))
    assert some.tolist() == every[:2].tolist()


def test_a_single_peak_has_candidates() -> None:
    q, tolerance = np.array([0.2]), np.array([1e-4])
    axes, _ = candidate_axes(q, tolerance, repeated_differences(q, tolerance), 12)
    np.testing.assert_allclose(sorted(axes.values), [0.05, 0.2])
