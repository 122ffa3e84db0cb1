"""What a search starts from."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from xrdsym.indexing.candidates import MAX_SCORE, TOLERANCE, Candidate, Q, search_peaks, with_parameter

FOUR = st.tuples(*[st.floats(-10, 10)] * 4)


@given(FOUR, FOUR, st.integers(0, 3), st.floats(-10, 10), st.floats(0, 1))
def test_one_parameter_is_replaced(
    g: tuple[float, ...], errors: tuple[float, ...], at: int, value: float, error: float
) -> None:
    result = with_parameter(Candidate(g, errors), at, value, error)
    for number in range(4):
        expected = (value, error) if number == at else (g[number], errors[number])
        assert (result.g[number], result.errors[number]) == expected


@given(st.lists(st.floats(0.01, 1), min_size=1, max_size=20), st.floats(1e-6, 1e-3))
def test_what_is_left_to_score_decreases_with_the_peaks(positions: list[float], tolerance: float) -> None:
    q = np.sort(positions)
    table = search_peaks(q, np.full(len(q), tolerance), 5).table
    assert table[Q].tolist() == q.tolist()
    assert (table[TOLERANCE] == tolerance).all()
    assert (np.diff(table[MAX_SCORE]) <= 0).all()
    # the chance that the one peak predicted up to q[-1] lies within the tolerance of the last one: 3 t / q
    assert table[MAX_SCORE, -1] == max(0.0, -math.log(3 * tolerance / q[-1]))
