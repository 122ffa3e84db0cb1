"""The paper's fingerprint follows from its table, and no cause is named that does not bring it about."""

from __future__ import annotations

import math

import numpy as np
import pytest

from made_trials import OCCURRENCE, made_materials, paper_answers, trial, trial_of
from research.why54.verdict import (
    EXPLAINS,
    FARTHEST,
    FEWEST_TRAINED,
    HELPS,
    HURTS,
    NOTHING,
    ErrorProfile,
    error_profile,
    mean_confusion,
    paper_error_profile,
    paper_shares,
    verdict,
)
from xrdsym.crystal.symmetry import CRYSTAL_SYSTEMS
from xrdsym.reporting.paper import PAPER_TABLE
from xrdsym.studies.effect_sizes import Estimate

GAIN, LOSS = Estimate(0.25, 0.01, math.inf), Estimate(-0.25, 0.01, math.inf)
# shares of the systems among the paper's 87,989, as the symmetry analysis of this project finds them
SHARES = np.array([12787, 6760, 19365, 18444, 10628, 12275, 7730]) / 87989


@pytest.fixture(scope="module")
def like_the_paper() -> ErrorProfile:
    materials = made_materials(8000)
    return error_profile([trial(materials, paper_answers(materials.labels, seed)) for seed in (0, 1)])


@pytest.fixture(scope="module")
def good() -> ErrorProfile:
    return error_profile([trial_of(made_materials(8000), 0.8)])


def test_the_papers_answers_are_a_third_orthorhombic_and_hardly_triclinic() -> None:
    shares = dict(zip(CRYSTAL_SYSTEMS, paper_shares(SHARES), strict=True))
    assert shares["orthorhombic"] == pytest.approx(0.345, abs=0.012)
    assert shares["tetragonal"] == pytest.approx(0.17, abs=0.01)
    assert shares["monoclinic"] == pytest.approx(0.15, abs=0.01)
    assert shares["triclinic"] == pytest.approx(0.056, abs=0.005)
    assert sum(shares.values()) == pytest.approx(1)


def test_the_papers_table_agrees_with_its_accuracy() -> None:
    recall = np.array([PAPER_TABLE[name].recall for name in CRYSTAL_SYSTEMS])
    assert (recall * SHARES).sum() == pytest.approx(0.54, abs=0.005)


def test_the_paper_is_marked_and_a_model_that_answers_as_systems_occur_is_not(good: ErrorProfile) -> None:
    paper = paper_error_profile(SHARES)
    assert paper.distance == 0
    assert paper.marked
    assert paper.near
    fair = ErrorProfile(0.54, SHARES, SHARES, paper.recall, paper.precision)
    assert fair.distance == pytest.approx(0.20, abs=0.01)
    assert fair.distance > 1.5 * FARTHEST
    assert not fair.marked
    assert not good.near
    assert not good.marked


def test_answers_of_that_kind_have_the_marks(like_the_paper: ErrorProfile) -> None:
    assert like_the_paper.distance < 0.03
    assert like_the_paper.marked
    assert like_the_paper.near


def test_54_per_cent_of_another_kind_have_not() -> None:
    found = error_profile([trial_of(made_materials(8000), 0.54)])
    assert found.near
    assert not found.marked


def test_shares_recall_and_precision_are_those_of_the_confusion_matrix() -> None:
    materials = made_materials(1000)
    run = trial_of(materials, 0.6)
    found = error_profile([run])
    assert found.shares == pytest.approx(np.bincount(run.predicted, minlength=7) / 1000)
    assert found.occurrence == pytest.approx(np.bincount(materials.labels, minlength=7) / 1000)
    matrix = mean_confusion([run, run])
    assert matrix.sum() == 1000
    assert found.recall == pytest.approx(np.diagonal(matrix) / matrix.sum(axis=1))
    assert found.precision == pytest.approx(np.diagonal(matrix) / matrix.sum(axis=0))


def test_a_system_that_is_never_answered_has_no_precision_and_no_mark() -> None:
    materials = made_materials(1000)
    found = error_profile([trial(materials, np.zeros(1000, dtype=np.int64))])
    assert found.precision[5] == 0
    assert not found.marked


def test_a_cause_explains_it_from_either_side(like_the_paper: ErrorProfile, good: ErrorProfile) -> None:
    assert verdict(like_the_paper, good, GAIN, 0.001, FEWEST_TRAINED) == EXPLAINS
    assert verdict(good, like_the_paper, LOSS, 0.001, FEWEST_TRAINED) == EXPLAINS


def test_nothing_explains_it_without_size_effect_or_profile(like_the_paper: ErrorProfile, good: ErrorProfile) -> None:
    assert verdict(like_the_paper, good, GAIN, 0.001, FEWEST_TRAINED - 1) == HELPS
    assert verdict(like_the_paper, good, GAIN, 0.06, FEWEST_TRAINED) == NOTHING
    assert verdict(like_the_paper, like_the_paper, GAIN, 0.001, FEWEST_TRAINED) == HELPS
    near = error_profile([trial_of(made_materials(8000), 0.54)])
    assert verdict(near, good, GAIN, 0.001, FEWEST_TRAINED) == HELPS
    assert verdict(good, near, LOSS, 0.001, FEWEST_TRAINED) == HURTS


def test_the_shares_of_this_project_and_of_the_made_materials_are_alike() -> None:
    assert pytest.approx(SHARES, abs=0.01) == OCCURRENCE
