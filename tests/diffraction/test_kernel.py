"""The peaks against those of pymatgen, and the laws that hold for any crystal."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymatgen.analysis.diffraction.xrd import XRDCalculator
from pymatgen.core import Lattice, Structure

from xrdsym.cli.benchmarks.simulate import difference, evenly_spaced
from xrdsym.crystal.structure_table import CrystalStructure, from_pymatgen, to_pymatgen
from xrdsym.diffraction.peaks import simulate, simulate_peaks

if TYPE_CHECKING:
    from pathlib import Path

    from xrdsym.cli.benchmarks.simulate import Difference

CU = 1.54184
FULL = (0.0, 90.0)


def against_pymatgen(
    structure: CrystalStructure, wavelength: float = CU, two_theta_range: tuple[float, float] = FULL
) -> Difference:
    own = simulate_peaks(structure, wavelength, two_theta_range)
    pattern = XRDCalculator(wavelength).get_pattern(to_pymatgen(structure), two_theta_range=two_theta_range)
    assert len(pattern.x) > 0
    return difference((own.two_theta, own.intensity), (np.asarray(pattern.x), np.asarray(pattern.y) / 100))


def assert_same(found: Difference) -> None:
    assert found.unmatched == 0
    assert found.position < 1e-6
    assert found.intensity < 1e-6


def structure(lattice: Lattice | np.ndarray, species: list[object], coords: list[list[float]]) -> CrystalStructure:
    return from_pymatgen(Structure(lattice, species, coords), "made")


MADE = {
    "cubic": structure(Lattice.cubic(5.64), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]]),
    "hexagonal": structure(Lattice.hexagonal(3.2, 5.2), ["Zn", "O"], [[1 / 3, 2 / 3, 0], [1 / 3, 2 / 3, 0.38]]),
    "monoclinic": structure(
        Lattice.monoclinic(5.1, 5.2, 5.3, 99),
        ["Zr", "O", "O"],
        [[0.27, 0.04, 0.21], [0.07, 0.33, 0.34], [0.45, 0.7, 0.5]],
    ),
    "orthorhombic": structure(Lattice.orthorhombic(4.1, 5.3, 7.7), ["Fe", "S"], [[0, 0.1, 0.2], [0.5, 0.3, 0.9]]),
    "tetragonal": structure(Lattice.tetragonal(4.6, 2.96), ["Ti", "O"], [[0, 0, 0], [0.3, 0.3, 0]]),
    "triclinic": structure(
        Lattice.from_parameters(8.1, 12.9, 7.2, 94, 116, 88),
        ["Na", "Si", "Al"],
        [[0.3, 0, 0.1], [0.7, 0.2, 0.4], [0, 0.2, 0.2]],
    ),
    "trigonal": structure(Lattice.rhombohedral(5.1, 55.3), ["Al", "O"], [[0.352, 0.352, 0.352], [0.556, 0.944, 0.25]]),
    "shared sites": structure(
        Lattice.cubic(3.6),
        [{"Cu": 0.5, "Au": 0.25, "Ag": 0.125}, {"Cu": 0.75}],
        [[0, 0, 0], [0.5, 0.5, 0.5]],
    ),
    "left-handed": structure(
        np.array([[0, 5.1, 0.3], [4.2, 0, 0], [0.4, 1, 6.3]]), ["K", "I"], [[0, 0, 0], [0.4, 0.5, 0.6]]
    ),
    "skewed": structure(
        np.array([[4.0, 0, 0], [43.0, 5.0, 0], [-61.0, 37.0, 6.0]]), ["K", "I"], [[0, 0, 0], [0.4, 0.5, 0.6]]
    ),
    "needle": structure(Lattice.orthorhombic(3.1, 90.0, 3.3), ["Pb", "O"], [[0, 0.017, 0], [7.4, -3.3, 0.6]]),
}


@pytest.mark.parametrize("name", MADE)
def test_made_structures_have_pymatgens_peaks(name: str) -> None:
    assert_same(against_pymatgen(MADE[name]))


@pytest.mark.parametrize("wavelength", [2.291, 0.71073, 0.559421])
@pytest.mark.parametrize("name", ["trigonal", "triclinic", "skewed"])
def test_other_wavelengths_have_pymatgens_peaks(name: str, wavelength: float) -> None:
    assert_same(against_pymatgen(MADE[name], wavelength, (0.0, 60.0)))


@pytest.mark.parametrize("two_theta_range", [(20.0, 50.0), (5.0, 179.0), (0.0, 15.0)])
def test_other_ranges_have_pymatgens_peaks(two_theta_range: tuple[float, float]) -> None:
    assert_same(against_pymatgen(MADE["triclinic"], CU, two_theta_range))


def test_many_sites_of_one_element_are_summed_in_blocks() -> None:
    rng = np.random.default_rng(0)
    random_cell = structure(Lattice.orthorhombic(14, 15, 16), ["Si"] * 300 + ["O"] * 20, rng.random((320, 3)).tolist())
    assert_same(against_pymatgen(random_cell, CU, (0.0, 40.0)))


def test_near_equal_reflections_are_merged_where_pymatgen_merges_them() -> None:
    almost_cubic = structure(
        Lattice.orthorhombic(5.0, 5.0000002, 5.0000013), ["Ga", "As"], [[0, 0, 0], [0.25, 0.2, 0.1]]
    )
    own_two_theta, own_intensity = simulate(almost_cubic)
    pattern = XRDCalculator("CuKa").get_pattern(to_pymatgen(almost_cubic))
    np.testing.assert_allclose(own_two_theta, pattern.x, atol=1e-9)
    np.testing.assert_allclose(own_intensity, np.asarray(pattern.y) / 100, atol=1e-7)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_real_structures_have_pymatgens_peaks(shared_data: Path, number: int) -> None:
    for one in evenly_spaced(shared_data / "mp" / f"structures-{number}.parquet", 25):
        assert_same(against_pymatgen(one))


@pytest.mark.slow
@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_thousand_real_structures_have_pymatgens_peaks(shared_data: Path, number: int) -> None:
    rng = np.random.default_rng(number)
    for row, one in enumerate(evenly_spaced(shared_data / "mp" / f"structures-{number}.parquet", 350)):
        shares = rng.choice([0.25, 0.5, 1.0], len(one.numbers)) if row % 10 == 0 else None
        assert_same(
            against_pymatgen(
                CrystalStructure(one.material_id, one.formula, one.lattice, one.numbers, one.frac_coords, shares)
            )
        )


@st.composite
def crystals(draw: st.DrawFn) -> CrystalStructure:
    lengths = [draw(st.floats(2.5, 7.0)) for _ in range(3)]
    angles = [draw(st.floats(65.0, 115.0)) for _ in range(3)]
    sites = draw(st.integers(1, 6))
    numbers = draw(st.lists(st.integers(3, 98), min_size=sites, max_size=sites))
    fractions = st.floats(0, 1, allow_subnormal=False)
    coords = [[draw(fractions) for _ in range(3)] for _ in range(sites)]
    return CrystalStructure(
        "drawn", "X", Lattice.from_parameters(*lengths, *angles).matrix, np.array(numbers, np.int16), np.array(coords)
    )


def changed(original: CrystalStructure, **values: np.ndarray) -> CrystalStructure:
    fields = {name: getattr(original, name) for name in ("material_id", "formula", "lattice", "numbers", "frac_coords")}
    return CrystalStructure(**(fields | values))


def compared(one: CrystalStructure, other: CrystalStructure) -> Difference:
    first, second = simulate_peaks(one, CU), simulate_peaks(other, CU)
    return difference((first.two_theta, first.intensity), (second.two_theta, second.intensity))


@settings(max_examples=40, deadline=None)
@given(crystals(), st.lists(st.floats(-3, 3), min_size=3, max_size=3))
def test_the_origin_does_not_matter(crystal: CrystalStructure, shift: list[float]) -> None:
    assert_same(compared(crystal, changed(crystal, frac_coords=crystal.frac_coords + np.array(shift))))


@settings(max_examples=40, deadline=None)
@given(crystals(), st.randoms(use_true_random=False))
def test_the_order_of_sites_and_axes_does_not_matter(crystal: CrystalStructure, random: object) -> None:
    sites, axes = list(range(len(crystal.numbers))), [0, 1, 2]
    random.shuffle(sites)  # type: ignore[attr-defined]
    random.shuffle(axes)  # type: ignore[attr-defined]
    other = changed(
        crystal,
        lattice=crystal.lattice[axes],
        numbers=crystal.numbers[sites],
        frac_coords=crystal.frac_coords[np.ix_(sites, axes)],
    )
    assert_same(compared(crystal, other))


@settings(max_examples=30, deadline=None)
@given(crystals(), st.integers(0, 2), st.integers(2, 3))
def test_a_supercell_has_the_same_peaks(crystal: CrystalStructure, axis: int, times: int) -> None:
    lattice = crystal.lattice.copy()
    lattice[axis] *= times
    copies = []
    for cell in range(times):
        coords = crystal.frac_coords.copy()
        coords[:, axis] = (coords[:, axis] + cell) / times
        copies.append(coords)
    other = changed(
        crystal, lattice=lattice, numbers=np.tile(crystal.numbers, times), frac_coords=np.concatenate(copies)
    )
    found = compared(crystal, other)
    assert found.unmatched == 0
    assert found.intensity < 1e-6
    # an absent reflection of the supercell may come first in a bin and lend it its position
    assert found.position < 1.1e-5


@settings(max_examples=30, deadline=None)
@given(crystals(), st.floats(1.0, 2.0))
def test_the_wavelength_moves_peaks_by_braggs_law(crystal: CrystalStructure, wavelength: float) -> None:
    last = 2 * math.degrees(math.asin(math.sin(math.radians(45)) * wavelength / 2.0))
    at_two = simulate_peaks(crystal, 2.0)
    moved = simulate_peaks(crystal, wavelength, (0.0, last + 1e-7))
    expected = 2 * np.degrees(np.arcsin(np.sin(np.radians(at_two.two_theta / 2)) * wavelength / 2.0))
    strong = expected[at_two.intensity > 1e-3]
    distance = np.abs(strong[:, None] - moved.two_theta[None, :]).min(axis=1)
    assert distance.max() < 3e-5
