"""The figures of merit of the best cell of each form."""

import math

import numpy as np
import pytest

from known_lattices import WAVELENGTH, peaks_of, q_of
from xrdsym.indexing.cells import MERITS, MISSING, cell_merits, cell_names
from xrdsym.indexing.peak_list import PeakList, merge_peaks
from xrdsym.indexing.quadratic_forms import CUBIC, FORMS, TETRAGONAL
from xrdsym.indexing.repeated_differences import repeated_differences

SALT = (5.64, 5.64, 5.64, 90, 90, 90)


def peak_list(two_theta: np.ndarray, intensity: np.ndarray) -> PeakList:
    return merge_peaks(two_theta, intensity, resolution=0.01, min_relative_intensity=0.0, wavelength=WAVELENGTH)


def merits_of(peaks: PeakList) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return cell_merits(peaks, repeated_differences(peaks.q, peaks.tolerance))


def test_the_cell_of_rock_salt_is_found() -> None:
    peaks = peak_list(*peaks_of(SALT, "F"))
    merits, g, _ = merits_of(peaks)
    assert g[CUBIC, 0] == pytest.approx(1 / 5.64**2, rel=1e-4)
    own = dict(zip(MERITS, merits[CUBIC], strict=True))
    for name in ("explained_10", "explained_20", "explained_40", "first_miss", "explained_intensity"):
        assert own[name] == 1
    assert own["oblique"] == MISSING
    assert own["ln_g0"] == pytest.approx(math.log(1 / 3), abs=1e-3)
    assert own["ln_g1"] == MISSING


def test_the_figure_of_merit_is_that_of_de_wolff() -> None:
    two_theta, intensity = peaks_of((4.59, 4.59, 2.96, 90, 90, 90))
    q = q_of(two_theta)
    merits, _, _ = merits_of(PeakList(q, np.full(len(q), 1e-4), intensity))
    own = dict(zip(MERITS, merits[TETRAGONAL], strict=True))
    # exact positions have the smallest error, a tenth of the tolerance, and the cell predicts the 20 peaks and no other
    assert own["ln_merit_20"] == pytest.approx(math.log(q[19] / (2 * 1e-5 * 20)), abs=0.2)
    assert own["ln_expected_20"] == pytest.approx(0, abs=0.2)


def test_a_foreign_peak_is_counted() -> None:
    two_theta, intensity = peaks_of((4.85, 6.81, 8.29, 90, 90, 90))
    foreign = (two_theta[11] + two_theta[12]) / 2
    heights = np.append(intensity, 0.5)
    merits, _, _ = merits_of(peak_list(np.append(two_theta, foreign), heights))
    own = dict(zip(MERITS, merits[FORMS.index("orthorhombic")], strict=True))
    assert own["explained_10"] == 1
    assert own["explained_20"] == pytest.approx(19 / 20)
    assert own["first_miss"] == pytest.approx(12 / 40)


def test_a_form_without_a_cell_has_no_merits() -> None:
    # one peak and no axis beside it
    merits, g, excess = merits_of(peak_list(np.array([20.0]), np.array([1.0])))
    assert merits.shape == (len(FORMS), len(MERITS))
    for row, parameters in zip(merits, g, strict=True):
        if not parameters.any():
            assert (row == MISSING).all()
    assert not g[FORMS.index("monoclinic")].any()
    assert (excess[2:] == MISSING).all()


def test_the_names_are_those_of_the_merits_by_form() -> None:
    names = cell_names()
    assert len(names) == len(set(names)) == len(FORMS) * len(MERITS)
    assert names[:2] == ["cubic_score", "cubic_explained_10"]
    assert names[-1] == "monoclinic_c_explained_intensity"
