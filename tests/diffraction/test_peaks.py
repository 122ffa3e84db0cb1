from __future__ import annotations

import sys

import numpy as np
import pytest
from pymatgen.analysis.diffraction.xrd import XRDCalculator
from pymatgen.core import Lattice, Structure

from xrdsym.common.errors import UsageError
from xrdsym.crystal.structure_table import CrystalStructure
from xrdsym.diffraction.peaks import Peaks, SimulationError, SkipReason, simulate, simulate_batch, simulate_peaks

CU = 1.54184


def crystal(
    lattice: object = 4.0,
    numbers: tuple[int, ...] = (11, 17),
    coords: object = ((0, 0, 0), (0.5, 0.5, 0.5)),
    occupancies: object = None,
) -> CrystalStructure:
    matrix = np.eye(3) * lattice if np.isscalar(lattice) else np.array(lattice, dtype=float)
    return CrystalStructure(
        "mp-1",
        "NaCl",
        matrix,
        np.array(numbers, dtype=np.int16),
        np.array(coords, dtype=float).reshape(-1, 3),
        None if occupancies is None else np.array(occupancies, dtype=float),
    )


BAD = [
    (crystal(numbers=(), coords=()), "empty"),
    (crystal(coords=((0, 0, 0), (np.nan, 0, 0))), "not_finite"),
    (crystal(coords=((0, 0, 0), (np.inf, 0, 0))), "not_finite"),
    (crystal(lattice=((4, 0, 0), (0, np.nan, 0), (0, 0, 4))), "not_finite"),
    (crystal(occupancies=(1, np.nan)), "not_finite"),
    (crystal(lattice=0.0), "zero_volume"),
    (crystal(lattice=1e-200), "zero_volume"),
    (crystal(lattice=((4, 0, 0), (0, 4, 0), (4, 4, 0))), "zero_volume"),
    (crystal(lattice=((4, 0, 0), (4, 0, 0), (0, 0, 4))), "zero_volume"),
    (crystal(lattice=((0, 0, 0), (0, 4, 0), (0, 0, 4))), "zero_volume"),
    (crystal(lattice=1e300), "too_large"),
    (crystal(lattice=5000.0), "too_large"),
    (crystal(lattice=((1e9, 0, 0), (0, 1e-3, 0), (0, 0, 1e-3))), "too_large"),
    (crystal(lattice=100.0, numbers=(11,) * 50_000, coords=np.zeros((50_000, 3))), "too_large"),
    (crystal(numbers=(11, 99)), "no_scattering_factors"),
    (crystal(numbers=(0, 17)), "no_scattering_factors"),
    (crystal(lattice=0.5), "no_reflection_in_range"),
    (crystal(occupancies=(0, 0)), "no_reflection_in_range"),
]


@pytest.mark.parametrize(("structure", "reason"), BAD)
def test_bad_structures_are_reported_with_their_reason(structure: CrystalStructure, reason: str) -> None:
    with pytest.raises(SimulationError, match=r"^mp-1: ") as caught:
        simulate_peaks(structure, CU)
    assert caught.value.reason == reason
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "two_theta_range",
    [(90, 0), (-1, 90), (0, 181), (10, 10), (float("nan"), 90), 90, (0, 45, 90), "ab", ("a", "b"), (None, 90)],
)
def test_a_range_that_makes_no_sense_is_reported(two_theta_range: object) -> None:
    with pytest.raises(UsageError, match="2θ range"):
        simulate_peaks(crystal(), CU, two_theta_range)  # type: ignore[arg-type] - the fault


def test_without_a_range_all_peaks_are_simulated_as_in_pymatgen() -> None:
    structure = Structure(Lattice.cubic(4.1), ["Cs", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])
    two_theta, _ = simulate(structure, "Cu", None)
    reference = XRDCalculator("CuKa").get_pattern(structure, two_theta_range=None)
    np.testing.assert_allclose(two_theta, reference.x, atol=1e-6)
    assert two_theta.max() > 150


@pytest.mark.parametrize("radiation", [[1.54, 1.39], (1.54,), None, "CuKq", np.array([1.5, 1.4])])
def test_a_radiation_is_one_name_or_one_number(radiation: object) -> None:
    structure = Structure(Lattice.cubic(4.1), ["Cs", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])
    with pytest.raises(UsageError, match="radiation"):
        simulate(structure, radiation)  # type: ignore[arg-type] - the fault


@pytest.mark.parametrize("wavelength", [0.0, -1.0, float("nan"), float("inf")])
def test_a_wavelength_that_makes_no_sense_is_reported(wavelength: float) -> None:
    with pytest.raises(UsageError, match="wavelength"):
        simulate_peaks(crystal(), wavelength)


def test_a_pymatgen_structure_gives_the_same_peaks() -> None:
    two_theta, intensity = simulate(Structure(Lattice.cubic(4.0), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]]))
    peaks = simulate_peaks(crystal(), CU)
    np.testing.assert_array_equal(two_theta, peaks.two_theta)
    np.testing.assert_array_equal(intensity, peaks.intensity)
    assert intensity.max() == 1.0
    assert (np.diff(two_theta) > 0).all()
    d_100 = CU / (2 * np.sin(np.radians(two_theta[0] / 2)))
    assert d_100 == pytest.approx(4.0)


def test_entries_on_one_site_add_up() -> None:
    halves = crystal(numbers=(11, 17, 11), coords=((0, 0, 0), (0.5, 0.5, 0.5), (0, 0, 0)), occupancies=(0.5, 1, 0.5))
    whole = simulate_peaks(crystal(), CU)
    shared = simulate_peaks(halves, CU)
    np.testing.assert_allclose(shared.two_theta, whole.two_theta)
    np.testing.assert_allclose(shared.intensity, whole.intensity, atol=1e-7)


def test_a_batch_gives_what_one_by_one_gives_in_order() -> None:
    structures = [crystal(lattice=3 + 0.1 * i) for i in range(23)]
    structures[5] = BAD[0][0]
    results = simulate_batch(structures, CU, (10.0, 80.0))
    assert len(results) == len(structures)
    for i, (structure, result) in enumerate(zip(structures, results, strict=True)):
        if i == 5:
            assert isinstance(result, SimulationError)
            assert result.reason == SkipReason.EMPTY
        else:
            assert isinstance(result, Peaks)
            np.testing.assert_array_equal(result.two_theta, simulate_peaks(structure, CU, (10.0, 80.0)).two_theta)


def test_an_empty_batch_is_empty() -> None:
    assert simulate_batch([], CU) == []


def test_the_largest_accepted_cells_are_simulated() -> None:
    rng = np.random.default_rng(1)
    big = crystal(lattice=25.0, numbers=(14,) * 700, coords=rng.random((700, 3)))
    peaks = simulate_peaks(big, CU)
    assert len(peaks.two_theta) > 100


def test_simulation_needs_no_pymatgen() -> None:
    import subprocess

    code = (
        "import sys\n"
        "from xrdsym.diffraction import peaks, peaks_table\n"
        "from xrdsym.encoding import profile\n"
        "heavy = {'pymatgen', 'tensorflow', 'keras', 'pandas', 'mlflow'} & set(sys.modules)\n"
        "sys.exit(f'imported {heavy}' if heavy else 0)\n"
    )
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
