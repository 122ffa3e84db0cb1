"""Vibration against pymatgen, preferred orientation against a plain sum over all reflections."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymatgen.analysis.diffraction.xrd import XRDCalculator
from pymatgen.core import Lattice, Structure

from xrdsym.crystal.structure_table import CrystalStructure, from_pymatgen, to_pymatgen
from xrdsym.diffraction.peaks import simulate_peaks
from xrdsym.diffraction.sample import Sample

CU = 1.54184
ZINCITE = from_pymatgen(
    Structure(
        Lattice.hexagonal(3.25, 5.2),
        ["Zn", "Zn", "O", "O"],
        [[1 / 3, 2 / 3, 0], [2 / 3, 1 / 3, 0.5], [1 / 3, 2 / 3, 0.38], [2 / 3, 1 / 3, 0.88]],
    ),
    "zincite",
)
ALBITE = from_pymatgen(
    Structure(
        Lattice.from_parameters(8.1, 12.9, 7.2, 94, 116, 88),
        ["Na", "Si", "Al"],
        [[0.3, 0, 0.1], [0.7, 0.2, 0.4], [0, 0.2, 0.2]],
    ),
    "albite",
)
INDICES = st.tuples(*[st.integers(-2, 2)] * 3).filter(any)


def weighed_sum(structure: CrystalStructure, direction: tuple[int, ...], r: float) -> tuple[np.ndarray, np.ndarray]:
    """2θ and intensity of the powder's peaks, each shared out by the weights of the reflections at its angle."""
    reciprocal = np.linalg.inv(structure.lattice).T
    axis = np.array(direction) @ reciprocal
    ideal = XRDCalculator(CU)
    form = {element.Z: np.array(scattering_of(element.symbol)) for element in to_pymatgen(structure).elements}
    angles, intensities = [], []
    for hkl in itertools.product(range(-15, 16), repeat=3):
        g = np.array(hkl) @ reciprocal
        length = np.linalg.norm(g)
        if not 0 < length <= 2 * np.sin(np.radians(30)) / ideal.wavelength:
            continue
        theta = np.arcsin(ideal.wavelength * length / 2)
        s2 = (length / 2) ** 2
        factors = [z - 41.78214 * s2 * np.sum(form[z][:, 0] * np.exp(-form[z][:, 1] * s2)) for z in structure.numbers]
        amplitude = np.sum(factors * np.exp(2j * np.pi * (structure.frac_coords @ np.array(hkl))))
        lorentz = (1 + np.cos(2 * theta) ** 2) / (np.sin(theta) ** 2 * np.cos(theta))
        cosine = g @ axis / (length * np.linalg.norm(axis))
        weight = (r**2 * cosine**2 + (1 - cosine**2) / r) ** -1.5
        angles.append(np.degrees(2 * theta))
        intensities.append(abs(amplitude) ** 2 * lorentz * weight)
    return np.array(angles), np.array(intensities)


def scattering_of(symbol: str) -> list[list[float]]:
    from pymatgen.analysis.diffraction import xrd

    return xrd.ATOMIC_SCATTERING_PARAMS[symbol]


@pytest.mark.parametrize("structure", [ZINCITE, ALBITE], ids=lambda one: one.material_id)
@pytest.mark.parametrize(("direction", "r"), [((0, 0, 1), 0.6), ((1, 1, 0), 1.4), ((1, -1, 2), 0.8)])
def test_preferred_orientation_is_the_sum_over_all_reflections(
    structure: CrystalStructure, direction: tuple[int, ...], r: float
) -> None:
    sample = Sample(0.0, np.array(direction, dtype=np.float64), r)
    own = simulate_peaks(structure, CU, (0.0, 59.9), sample)
    angles, intensities = weighed_sum(structure, direction, r)
    expected = np.array([intensities[np.abs(angles - peak) < 2e-5].sum() for peak in own.two_theta])
    np.testing.assert_allclose(own.intensity, expected / expected.max(), rtol=1e-5)
    assert own.intensity.sum() == pytest.approx(intensities[angles <= 59.9].sum() / expected.max(), rel=1e-3)


@pytest.mark.parametrize("structure", [ZINCITE, ALBITE], ids=lambda one: one.material_id)
@pytest.mark.parametrize("vibration", [0.4, 2.5])
def test_vibration_is_pymatgens(structure: CrystalStructure, vibration: float) -> None:
    own = simulate_peaks(structure, CU, (0.0, 90.0), Sample(vibration, np.array([1.0, 0, 0]), 1.0))
    cell = to_pymatgen(structure)
    factors = {element.symbol: vibration for element in cell.elements}
    pattern = XRDCalculator(CU, debye_waller_factors=factors).get_pattern(cell, two_theta_range=(0.0, 90.0))
    heights = np.interp(pattern.x, own.two_theta, own.intensity)
    strong = pattern.y > 0.01
    np.testing.assert_allclose(
        own.two_theta[np.searchsorted(own.two_theta, pattern.x[strong] - 1e-6)], pattern.x[strong]
    )
    np.testing.assert_allclose(heights[strong], pattern.y[strong] / 100, rtol=1e-4)


@settings(max_examples=20)
@given(INDICES)
def test_no_preference_and_no_vibration_is_the_powder(direction: tuple[int, ...]) -> None:
    plain = simulate_peaks(ALBITE, CU)
    own = simulate_peaks(ALBITE, CU, (0.0, 90.0), Sample(0.0, np.array(direction, dtype=np.float64), 1.0))
    np.testing.assert_array_equal(own.two_theta, plain.two_theta)
    np.testing.assert_allclose(own.intensity, plain.intensity, rtol=1e-6)


@settings(max_examples=20)
@given(INDICES, st.floats(0.5, 2.0), st.permutations([0, 1, 2]))
def test_the_order_of_axes_does_not_matter(direction: tuple[int, ...], r: float, axes: list[int]) -> None:
    turned = CrystalStructure(
        "turned", "X", ALBITE.lattice[axes], ALBITE.numbers, np.ascontiguousarray(ALBITE.frac_coords[:, axes])
    )
    indices = np.array(direction, dtype=np.float64)
    own = simulate_peaks(ALBITE, CU, (0.0, 60.0), Sample(0.0, indices, r))
    other = simulate_peaks(turned, CU, (0.0, 60.0), Sample(0.0, indices[axes], r))
    np.testing.assert_allclose(other.two_theta, own.two_theta, atol=1e-9)
    np.testing.assert_allclose(other.intensity, own.intensity, rtol=1e-5)
