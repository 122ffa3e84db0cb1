"""Structure factors against their sum over the atoms."""

from __future__ import annotations

import numpy as np

from xrdsym.diffraction.form_factors import form_factors
from xrdsym.diffraction.reflections import cell_frame, half_space_columns, squared_lengths
from xrdsym.diffraction.scattering import form_factor_table
from xrdsym.diffraction.structure_factors import SITE_BLOCK, Sites, structure_factors

LATTICE = np.array([[6.0, 0.3, -0.7], [1.1, 4.2, 0.4], [-0.8, 2.0, 5.1]])


def check_sum(counts: tuple[int, int], seed: int) -> None:
    """Compare with the sum over sites of two elements in a triclinic cell."""
    rng = np.random.default_rng(seed)
    total = sum(counts)
    parameters = form_factor_table([8, 26])
    sites = Sites(
        rng.uniform(-1, 2, (total, 3)), rng.uniform(0.1, 1, total), np.array([0, counts[0], total]), parameters
    )
    order, rows = cell_frame(LATTICE)
    columns = half_space_columns(rows, 1.0)
    squared = squared_lengths(rows, columns)
    amplitudes = structure_factors(columns, squared, order, sites)
    hkl = np.array([(h, k, one) for h, k, first, end, _ in columns.tolist() for one in range(first, end)])
    factors = np.repeat([form_factors(squared, row) for row in parameters], counts, axis=0)
    phases = np.exp(2j * np.pi * (sites.frac_coords[:, order] @ hkl.T))
    expected = (sites.shares[:, None] * factors * phases).sum(axis=0)
    np.testing.assert_allclose(amplitudes[0] + 1j * amplitudes[1], expected, atol=1e-9 * total)


def test_structure_factors_are_the_sum_over_the_sites() -> None:
    check_sum((5, 3), 0)


def test_more_sites_than_a_block_are_summed_too() -> None:
    check_sum((SITE_BLOCK + 7, 2), 1)
