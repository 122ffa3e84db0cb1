"""Search–match on patterns of cubic and tetragonal lattices with noise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from xrdsym.common.errors import UsageError, XrdsymError
from xrdsym.diffraction.scattering import doublet
from xrdsym.models.baselines import trees
from xrdsym.models.baselines.library import Library
from xrdsym.models.baselines.search_match import Examples, PatternGrid, SearchMatch
from xrdsym.models.baselines.trees import BoostedTrees

if TYPE_CHECKING:
    from pathlib import Path

CLASSES = ("cubic", "hexagonal", "tetragonal")
GRID = PatternGrid(5.0, 0.05, 1701, 1.5406, doublet("CuKa"))
ANGLES = 5.0 + 0.05 * np.arange(1701)
WAVELENGTH = 1.5406


def pattern(a: float, c: float, noise: float, seed: int) -> np.ndarray:
    """Primitive tetragonal peaks with random heights."""
    generator = np.random.default_rng(seed)
    hkl = np.stack([part.ravel() for part in np.mgrid[0:5, 0:5, 0:8]])
    inverse = np.unique(((hkl / np.array([[a], [a], [c]])) ** 2).sum(axis=0).round(9))[1:]
    sine = WAVELENGTH / 2 * np.sqrt(inverse)
    angles = np.degrees(2 * np.arcsin(sine[sine < 0.7]))
    heights = generator.uniform(0.05, 1, len(angles))
    drawn = sum(y * np.exp(-0.5 * ((ANGLES - x) / 0.06) ** 2) for x, y in zip(angles, heights, strict=True))
    return np.asarray(np.clip(drawn + generator.normal(0, noise, len(ANGLES)), 0, None), np.float32)


def example(number: int, noise: float) -> np.ndarray:
    a = 3.5 + 0.03 * (number // 2)
    return pattern(a, a if number % 2 == 0 else 1.37 * a, noise, number)


@pytest.fixture(scope="module")
def fitted() -> SearchMatch:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trees, "ITERATIONS", 10)
        return SearchMatch.fit_examples(
            Examples(
                calculated=lambda positions: np.stack([example(number, 0.0) for number in positions]),
                augmented=lambda positions: np.stack([example(number, 0.01) for number in positions]),
                labels=np.arange(80) % 2 * 2,
            ),
            CLASSES,
            GRID,
            0,
        )


def test_new_patterns_are_classified(fitted: SearchMatch) -> None:
    lengths = 3.51 + 0.05 * np.arange(20)
    inputs = np.stack([pattern(a, a * (1, 1.37)[i % 2], 0.01, 500 + i) for i, a in enumerate(lengths)])
    answers = fitted.predict_proba(inputs)
    assert answers.dtype == np.float32
    np.testing.assert_allclose(answers.sum(axis=1), 1, rtol=1e-5)
    assert (answers.argmax(axis=1) == np.arange(20) % 2 * 2).mean() >= 0.9
    # nothing is ruled out by itself
    assert np.all(answers > 0)


def test_a_known_structure_is_found_in_the_library(fitted: SearchMatch) -> None:
    rows, similarity = fitted.library.most_similar([GRID.peaks(example(12, 0.01))])
    assert rows[0, 0] == 12
    assert similarity[0, 0] > 0.9


def test_a_pattern_without_a_peak_has_equal_probabilities(fitted: SearchMatch) -> None:
    answers = fitted.predict_proba(np.zeros((2, GRID.points), np.float32))
    np.testing.assert_allclose(answers, 1 / 3, rtol=1e-6)
    assert fitted.predict_proba(np.zeros((0, GRID.points), np.float32)).shape == (0, 3)


def test_patterns_of_another_length_are_refused(fitted: SearchMatch) -> None:
    with pytest.raises(UsageError, match="trained on rows of 1701 numbers"):
        fitted.predict_proba(np.zeros((1, 7), np.float32))


def test_it_is_stored_with_its_library(fitted: SearchMatch, tmp_path: Path) -> None:
    again = SearchMatch.read(fitted.save(tmp_path))
    assert (again.classes, again.grid) == (CLASSES, GRID)
    inputs = np.stack([example(number, 0.02) for number in range(6)])
    np.testing.assert_array_equal(again.predict_proba(inputs), fitted.predict_proba(inputs))


def test_one_class_is_not_enough() -> None:
    def unread(_positions: np.ndarray) -> np.ndarray:
        raise AssertionError

    with pytest.raises(UsageError, match="2 classes or more, received 30 examples of hexagonal"):
        SearchMatch.fit_examples(Examples(unread, unread, np.ones(30, np.int64)), CLASSES, GRID, 0)


def test_trees_of_other_features_are_refused(fitted: SearchMatch, tmp_path: Path) -> None:
    inputs = np.random.default_rng(0).random((30, 5), np.float32)
    other = BoostedTrees.fit_rows(inputs, np.arange(30) % 3, CLASSES, 0)
    path = SearchMatch(CLASSES, GRID, fitted.library, other).save(tmp_path)
    with pytest.raises(XrdsymError, match="fitted to other features"):
        SearchMatch.read(path)


def test_a_library_that_does_not_fit_is_refused(fitted: SearchMatch, tmp_path: Path) -> None:
    short = Library(*GRID.ends, fitted.library.peaks, fitted.library.labels[:-1])
    path = SearchMatch(CLASSES, GRID, short, fitted.trees).save(tmp_path)
    with pytest.raises(XrdsymError, match="one label a structure is missing"):
        SearchMatch.read(path)


def test_the_peaks_of_a_pattern_are_counted(fitted: SearchMatch) -> None:
    two = sum(np.exp(-0.5 * ((ANGLES - angle) / 0.06) ** 2) for angle in (20.0, 40.0))
    assert fitted.peak_count(np.asarray(two, np.float32)) == 2
    assert fitted.peak_count(np.zeros(GRID.points, np.float32)) == 0
