"""The score of a cell."""

import math

import numpy as np
import pytest

from known_lattices import peaks_of, q_of
from xrdsym.indexing.candidates import NO_CELL, Candidate, SearchPeaks, search_peaks
from xrdsym.indexing.quadratic_forms import CUBIC, ORTHORHOMBIC
from xrdsym.indexing.scoring import MAX_UNEXPLAINED, SEARCH_PEAKS, better_cell, cell_score, first_unexplained

CELL = (4.85, 6.81, 8.29, 90, 90, 90)
TRUE = (1 / 4.85**2, 1 / 6.81**2, 1 / 8.29**2, 0.0)
TOLERANCE = 1e-4
Q = q_of(peaks_of(CELL)[0])[:SEARCH_PEAKS]
# as a candidate from low angles: off by half a standard error
NEAR = Candidate((TRUE[0] + 2e-5, TRUE[1] + 2e-5, TRUE[2] + 2e-5, 0.0), (4e-5, 4e-5, 4e-5, 0.0))
FAR = Candidate((0.03, 0.021, 0.017, 0.0), (4e-5, 4e-5, 4e-5, 0.0))


def peaks(q: np.ndarray = Q, max_unexplained: int = MAX_UNEXPLAINED) -> SearchPeaks:
    return search_peaks(q, np.full(len(q), TOLERANCE), max_unexplained)


def test_the_cell_of_a_pattern_explains_it_and_is_refined() -> None:
    misfits = np.empty(len(Q))
    score, g = cell_score(ORTHORHOMBIC, NEAR, peaks(), -math.inf, misfits)
    assert score > 2.5 * len(Q)
    assert np.isfinite(misfits).all()
    assert np.abs(np.subtract(g, TRUE)).max() < 5e-6


def test_another_cell_scores_less() -> None:
    misfits = np.empty(len(Q))
    own, other = (cell_score(ORTHORHOMBIC, one, peaks(), -math.inf, misfits)[0] for one in (NEAR, FAR))
    assert other < own / 2


def test_a_peak_of_another_phase_costs_its_gain_and_a_penalty() -> None:
    foreign = np.sort(np.append(Q, (Q[14] + Q[15]) / 2))
    misfits = np.empty(len(foreign))
    score, g = cell_score(ORTHORHOMBIC, NEAR, peaks(foreign), -math.inf, misfits)
    assert np.flatnonzero(np.isinf(misfits)).tolist() == [15]
    assert 0 < score < cell_score(ORTHORHOMBIC, NEAR, peaks(), -math.inf, misfits[:-1])[0]
    assert np.abs(np.subtract(g, TRUE)).max() < 5e-6


def test_a_score_that_cannot_be_beaten_rejects_a_cell() -> None:
    misfits = np.empty(len(Q))
    score, _ = cell_score(ORTHORHOMBIC, NEAR, peaks(), -math.inf, misfits)
    assert cell_score(ORTHORHOMBIC, NEAR, peaks(), score - 1e-6, misfits)[0] == score
    assert cell_score(ORTHORHOMBIC, NEAR, peaks(), score, misfits)[0] == -math.inf


@pytest.mark.parametrize("axis", [0.5, 0.0005])
def test_a_cell_of_too_few_or_too_many_peaks_is_rejected(axis: float) -> None:
    candidate = Candidate((axis, 0.0, 0.0, 0.0), (1e-5, 0.0, 0.0, 0.0))
    misfits = np.empty(len(Q))
    assert cell_score(CUBIC, candidate, peaks(), -math.inf, misfits)[0] == -math.inf
    # but not where every peak may stay unexplained, as in the figures of merit
    assert cell_score(CUBIC, candidate, peaks(max_unexplained=len(Q)), -math.inf, misfits)[0] > -math.inf


def test_the_better_of_two_cells_is_kept() -> None:
    misfits = np.empty(len(Q))
    best = better_cell(ORTHORHOMBIC, NEAR, peaks(), NO_CELL, misfits)
    assert best.errors == NEAR.errors
    assert better_cell(ORTHORHOMBIC, FAR, peaks(), best, misfits) == best


def test_the_first_two_unexplained_peaks_are_named() -> None:
    assert first_unexplained(ORTHORHOMBIC, NEAR, peaks()) == (-1, -1)
    between = (Q[[2, 7, 15]] + Q[[3, 8, 16]]) / 2
    assert first_unexplained(ORTHORHOMBIC, NEAR, peaks(np.sort(np.append(Q, between)))) == (3, 9)
    assert first_unexplained(ORTHORHOMBIC, NEAR, peaks(np.sort(np.append(Q, between[:1])))) == (3, -1)
