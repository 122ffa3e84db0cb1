"""The nearest pattern, against brute force."""

from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.distance import cdist, pdist

from research.near_duplicates.neighbours import every_point, nearest, similarity
from xrdsym.config.params_file import load_params
from xrdsym.diffraction.peaks_table import PeakArrays
from xrdsym.encoding.encoder import encoder_of


def test_nearest_is_that_of_brute_force() -> None:
    generator = np.random.default_rng(0)
    rows = generator.normal(100.0, 30.0, (1200, 50)).astype(np.float32)
    queries = generator.choice(1200, 700, replace=False)
    some = generator.random(1200) < 0.5
    distances = cdist(rows[queries], rows)
    distances[np.arange(700), queries] = np.inf
    among_some, among_all = nearest(rows.copy(), queries, [some, np.ones(1200, dtype=bool)])
    assert np.array_equal(among_all, distances.argmin(axis=1))
    assert np.array_equal(among_some, np.where(some, distances, np.inf).argmin(axis=1))


def test_every_fourth_point_gives_the_distances_of_all() -> None:
    generator = np.random.default_rng(1)
    paper = load_params(Path(__file__).resolve().parents[3] / "presets" / "paper.yaml")
    encoder = encoder_of(paper)
    offsets = np.arange(0, 41 * 30, 30)
    two_theta = np.sort(generator.uniform(5.0, 85.0, (40, 30)), axis=1).ravel()
    peaks = PeakArrays([str(i) for i in range(40)], offsets, two_theta, generator.random(1200).astype(np.float32))
    full = encoder.profiles(peaks.offsets, peaks.two_theta, peaks.intensity)
    assert 2 * pdist(every_point(peaks, encoder, 4)) == pytest.approx(pdist(full), rel=1e-3)


def test_similarity_counts_by_part_and_system() -> None:
    """One validation material has its like in the training part, the other one in the test part only."""
    labels = np.array([0, 3, 3, 4, 4])
    parts = np.array(["train", "train", "validation", "validation", "test"])
    rows = np.array([[0.0], [5.0], [6.0], [1.0], [1.1]], dtype=np.float32)
    answers = similarity(labels, parts, rows)
    assert answers["train"]["accuracy"] == 0.5
    assert answers["all"]["accuracy"] == 1.0
    assert answers["train"]["recall"]["orthorhombic"] == 1.0
    assert answers["train"]["confusion"][4][0] == 1
    assert np.sum(answers["train"]["confusion"]) == answers["train"]["count"] == 2
