"""Form factors against their formula."""

from __future__ import annotations

import numpy as np
import pytest
from pymatgen.analysis.diffraction.xrd import ATOMIC_SCATTERING_PARAMS
from pymatgen.core import Element

from xrdsym.diffraction.form_factors import form_factors
from xrdsym.diffraction.scattering import form_factor_table


@pytest.mark.parametrize("symbol", ["H", "O", "Cs", "U", "Cf"])
def test_form_factors_follow_the_formula(symbol: str) -> None:
    number = Element(symbol).Z
    g = np.linspace(0, 4, 500)
    s2 = (g / 2) ** 2
    a, b = np.array(ATOMIC_SCATTERING_PARAMS[symbol]).T
    expected = number - 41.78214 * s2 * (a * np.exp(-b * s2[:, None])).sum(axis=1)
    np.testing.assert_allclose(form_factors(g**2, form_factor_table([number])[0]), expected, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("symbol", ["H", "O", "Cs", "U", "Cf"])
def test_all_electrons_scatter_forwards_and_fewer_at_larger_angles(symbol: str) -> None:
    number = Element(symbol).Z
    factors = form_factors(np.linspace(0, 1, 50), form_factor_table([number])[0])
    assert factors[0] == number
    assert (np.diff(factors) < 0).all()
