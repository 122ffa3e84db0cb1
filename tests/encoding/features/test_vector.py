"""The feature vector of known lattices."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from known_lattices import peaks_of, q_of
from xrdsym.common.errors import UsageError
from xrdsym.diffraction.peaks_table import PeakArrays
from xrdsym.encoding.features import (
    GROUPS,
    FeatureSettings,
    feature_columns,
    feature_matrix,
    feature_names,
    peak_features,
)
from xrdsym.indexing.cells import MISSING, cell_merits
from xrdsym.indexing.peak_list import PeakList
from xrdsym.indexing.repeated_differences import repeated_difference_features, repeated_differences

NAMES = feature_names()
NACL = (5.64, 5.64, 5.64, 90, 90, 90)
CELLS = {
    "cubic": (NACL, "F"),
    "tetragonal": ((4.59, 4.59, 2.96, 90, 90, 90), "P"),
    "hexagonal": ((3.25, 3.25, 5.21, 90, 90, 120), "P"),
    "rhombohedral": ((4.76, 4.76, 12.99, 90, 90, 120), "R"),
    "orthorhombic": ((4.85, 6.81, 8.29, 90, 90, 90), "P"),
    "orthorhombic_c": ((4.13, 9.36, 7.27, 90, 90, 90), "C"),
    "orthorhombic_i": ((4.13, 9.36, 7.27, 90, 90, 90), "I"),
    "orthorhombic_f": ((8.13, 10.47, 12.87, 90, 90, 90), "F"),
    "monoclinic": ((5.15, 5.21, 5.32, 90, 99.2, 90), "P"),
    "monoclinic_c": ((9.75, 8.90, 5.25, 90, 105.6, 90), "C"),
}
TRICLINIC = (5.1, 6.3, 7.2, 82.0, 97.0, 105.0)


def value(features: np.ndarray, name: str) -> float:
    return float(features[NAMES.index(name)])


@pytest.mark.parametrize("form", CELLS)
def test_a_lattice_is_explained_by_its_own_form(form: str) -> None:
    features = peak_features(*peaks_of(*CELLS[form]))
    assert value(features, f"{form}_explained_40") == 1
    assert value(features, f"{form}_first_miss") == 1
    assert value(features, f"{form}_score") > 2


@pytest.mark.parametrize("form", ["tetragonal", "hexagonal", "orthorhombic", "monoclinic"])
def test_higher_symmetry_explains_less(form: str) -> None:
    features = peak_features(*peaks_of(*CELLS[form]))
    own = value(features, f"{form}_score")
    assert value(features, "cubic_score") < own - 1
    if form == "monoclinic":
        for higher in ("tetragonal", "hexagonal", "orthorhombic"):
            assert value(features, f"{higher}_score") < own - 1


def test_no_form_explains_a_triclinic_lattice() -> None:
    features = peak_features(*peaks_of(TRICLINIC))
    assert value(features, "best_score") < 1
    orthorhombic = peak_features(*peaks_of(*CELLS["orthorhombic"]))
    assert value(orthorhombic, "family_excess_1") > 2 * value(features, "family_excess_1")


def test_the_cell_of_rock_salt_is_found() -> None:
    two_theta, intensity = peaks_of(NACL, "F")
    features = peak_features(two_theta, intensity)
    # the first peak is 111, Q = 3 / a²
    assert value(features, "cubic_ln_g0") == pytest.approx(np.log(1 / 3), abs=1e-3)
    assert value(features, "ln_q_first") == pytest.approx(np.log(3 / 5.64**2), abs=1e-3)


@pytest.mark.parametrize("form", ["cubic", "rhombohedral", "orthorhombic_i", "monoclinic_c"])
@settings(max_examples=10, deadline=None)
@given(exponent=st.integers(-6, 6))
def test_relative_features_do_not_depend_on_the_size_of_the_cell(form: str, exponent: int) -> None:
    # a power of two, so that rounding is the same for both sizes
    factor = 2.0**exponent
    two_theta, intensity = peaks_of(*CELLS[form])
    q = q_of(two_theta[:40])
    tolerance = np.full(len(q), 1e-4)
    results = []
    for scale in (1.0, factor):
        differences = repeated_differences(q * scale, tolerance * scale)
        merits, _, excess = cell_merits(PeakList(q * scale, tolerance * scale, intensity[:40]), differences)
        results.append(
            np.concatenate([repeated_difference_features(differences, q[0] * scale), merits.ravel(), excess])
        )
    np.testing.assert_allclose(*results, rtol=1e-6, atol=1e-6)


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(25)))
def test_neither_the_order_of_peaks_nor_the_scale_of_intensities_matters(order: list[int]) -> None:
    two_theta, intensity = (array[:25] for array in peaks_of(*CELLS["monoclinic"]))
    np.testing.assert_array_equal(
        peak_features(two_theta, intensity), peak_features(two_theta[order], 4 * intensity[order])
    )


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(0.5, 175), st.floats(1e-3, 1)), min_size=1, max_size=80))
def test_every_feature_is_finite(peaks: list[tuple[float, float]]) -> None:
    features = peak_features(*(np.array(column) for column in zip(*peaks, strict=True)))
    assert features.shape == (len(NAMES),)
    assert features.dtype == np.float32
    assert np.isfinite(features).all()


@pytest.mark.parametrize("count", [1, 2, 3])
def test_short_lists_have_features(count: int) -> None:
    features = peak_features(np.array([20.0, 30.0, 47.0])[:count], np.ones(count))
    assert value(features, "peaks") == count
    assert (value(features, "difference_excess_1") == MISSING) == (count == 1)


def test_a_material_of_a_table_has_the_features_of_its_peaks() -> None:
    first, second = peaks_of(NACL, "F"), peaks_of(TRICLINIC)
    peaks = PeakArrays(
        ["a", "b"],
        np.array([0, len(first[0]), len(first[0]) + len(second[0])]),
        np.concatenate([first[0], second[0]]),
        np.concatenate([first[1], second[1]]).astype(np.float32),
    )
    steps: list[int] = []
    table = feature_matrix(peaks, advance=steps.append)
    assert sum(steps) == 2
    for row, (two_theta, intensity) in zip(table, (first, second), strict=True):
        np.testing.assert_array_equal(row, peak_features(two_theta, intensity.astype(np.float32)))


def test_groups_are_the_whole_vector() -> None:
    assert len(set(NAMES)) == len(NAMES)
    np.testing.assert_array_equal(feature_columns(GROUPS), np.arange(len(NAMES)))
    assert len(feature_columns(["peak_statistics"])) == 115


def test_a_coarse_resolution_blurs_the_lattice() -> None:
    peaks = peaks_of(TRICLINIC)
    fine, coarse = (peak_features(*peaks, FeatureSettings(resolution=width)) for width in (0.01, 0.2))
    assert value(coarse, "peaks") < value(fine, "peaks")


def test_no_peaks_are_refused() -> None:
    with pytest.raises(UsageError, match="none of the 0 peaks"):
        peak_features(np.empty(0), np.empty(0))


def test_a_material_without_peaks_is_named() -> None:
    peaks = PeakArrays(["a", "b"], np.array([0, 1, 1]), np.array([20.0]), np.ones(1, np.float32))
    with pytest.raises(UsageError, match="b: none of the 0 peaks"):
        feature_matrix(peaks)


def test_a_table_of_many_materials_keeps_their_order() -> None:
    cells = [peaks_of((a, a, a, 90, 90, 90), "F") for a in np.linspace(3, 9, 150)]
    peaks = PeakArrays(
        [str(number) for number in range(150)],
        np.append(0, np.cumsum([len(two_theta) for two_theta, _ in cells])),
        np.concatenate([two_theta for two_theta, _ in cells]),
        np.concatenate([intensity for _, intensity in cells]).astype(np.float32),
    )
    table = feature_matrix(peaks)
    assert np.all(np.diff(table[:, NAMES.index("ln_q_first")]) < 0)


@pytest.mark.parametrize("form", ["cubic", "rhombohedral", "orthorhombic_i", "monoclinic_c", "triclinic"])
def test_the_search_for_cells_gives_the_stored_merits(form: str) -> None:
    # released models hold thresholds on these numbers, so the search must not change them
    stored = json.loads((Path(__file__).parent / "merits.json").read_text(encoding="utf-8"))[form]
    result = peak_features(*peaks_of(*CELLS.get(form, (TRICLINIC,))))[feature_columns(["cells", "axes"])]
    np.testing.assert_allclose(result, stored, rtol=1e-4, atol=1e-4)
