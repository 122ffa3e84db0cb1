"""The tables of the quadratic forms."""

import itertools

import numpy as np
import pytest

from xrdsym.indexing.quadratic_forms import (
    CENTRINGS,
    CUBIC_SUMS,
    FORMS,
    HEXAGONAL_BY_THREE,
    HEXAGONAL_SUMS,
    MAX_SUM,
    REFLECTION_SHARES,
    TETRAGONAL_SUMS,
)


def test_the_sums_are_those_of_small_indices() -> None:
    assert CUBIC_SUMS[:9].tolist() == [0, 1, 2, 3, 4, 5, 6, 8, 9]
    assert TETRAGONAL_SUMS[:9].tolist() == [0, 1, 2, 4, 5, 8, 9, 10, 13]
    assert HEXAGONAL_SUMS[:9].tolist() == [0, 1, 3, 4, 7, 9, 12, 13, 16]


def test_the_sums_are_complete() -> None:
    # a sum of three squares is any number that is not of the form 4^a (8 b + 7) (Legendre)
    excluded = {4**a * (8 * b + 7) for a, b in itertools.product(range(5), range(51))}
    assert set(CUBIC_SUMS) == set(range(MAX_SUM + 1)) - excluded


@pytest.mark.parametrize(("position", "share"), [(0, 1.0), (5, 0.5), (6, 0.5), (7, 0.25), (9, 0.5)])
def test_a_centring_allows_its_share_of_the_reflections(position: int, share: float) -> None:
    allowed = {
        0: lambda *_: True,
        5: lambda h, k, _: (h + k) % 2 == 0,
        6: lambda h, k, l: (h + k + l) % 2 == 0,  # noqa: E741
        7: lambda h, k, l: h % 2 == k % 2 == l % 2,  # noqa: E741
        9: lambda h, k, _: (h + k) % 2 == 0,
    }[position]
    assert np.mean([allowed(*hkl) for hkl in itertools.product(range(4), repeat=3)]) == share
    assert REFLECTION_SHARES[CENTRINGS[position]] == share
    assert FORMS[position].endswith({1.0: "cubic", 0.5: ("_c", "_i"), 0.25: "_f"}[share])


def test_three_divides_n_of_a_rhombohedral_reflection_with_l_zero() -> None:
    for h, k in itertools.product(range(-5, 6), repeat=2):
        n = h * h + h * k + k * k
        assert HEXAGONAL_BY_THREE[np.searchsorted(HEXAGONAL_SUMS, n)] == ((-h + k) % 3 == 0)
