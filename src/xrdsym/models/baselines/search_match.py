"""Search–match for measured patterns: the lines found in a pattern, looked up and judged.

Two answers to the lines of a pattern are brought together: the classes of the training structures whose lines are most
alike (`library`), which knows again what it has seen, and boosted trees on the features of the lines, which tell what
lattice they fit. Search–match is how a phase is identified by hand: W. Parrish and J. I. Langford in International
Tables for Crystallography C, 2.3 (2006).
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from xrdsym.common.parallel import core_count
from xrdsym.common.progress import progress_bar
from xrdsym.diffraction.peaks_table import PeakArrays
from xrdsym.encoding.features import feature_matrix
from xrdsym.encoding.features.settings import FeatureSettings
from xrdsym.measured.peak_finding import find_scan_peaks
from xrdsym.models.baselines.inputs import check_training, check_width
from xrdsym.models.baselines.library import Library, packed_lines
from xrdsym.models.baselines.trees import Trees, boosted_trees

if TYPE_CHECKING:
    from collections.abc import Sequence

PeakList = tuple[NDArray[np.float64], NDArray[np.float64]]

RESOLUTION = 0.06
"""Degrees within which the lines of a laboratory's pattern are one; see `FeatureSettings`."""
FLOOR = 0.004
LATTICE_FLOOR = 0.01
SHARPNESS = 0.02
"""A structure that is less alike than the best one by this much has 1/e of its say."""
DOUBT = 0.02
"""Share that a class has which no alike structure is of, and which"""
TREES_DOUBT = 0.01
"""the trees are sure that it is not: neither answer rules a class out by itself."""
AT_ONCE = 128
"""Patterns whose lines are looked for at a time."""


@dataclass(frozen=True)
class PatternGrid:
    """How the rows of patterns are to be read.

    Attributes:
        two_theta_min: Angle of the first point, degrees.
        step: Degrees between two.
        points: How many there are.
        wavelength: Å.
        doublet: Wavelengths of Kα1 and Kα2 where patterns show both, Å.
    """

    two_theta_min: float
    step: float
    points: int
    wavelength: float
    doublet: tuple[float, float] | None

    @property
    def two_theta_max(self) -> float:
        """Angle of the last point, degrees."""
        return self.two_theta_min + (self.points - 1) * self.step

    @property
    def ends(self) -> tuple[float, float]:
        """Of the axis of ln sin θ, which cannot begin at 0, degrees."""
        return max(self.two_theta_min, 1.0), self.two_theta_max

    def lines(self, row: NDArray[np.floating], *, plain: bool = False) -> PeakList:
        """The lines of one pattern; a plain one, as calculated, has no doublets."""
        return find_scan_peaks(row, self.two_theta_min, self.step, None if plain else self.doublet, calculated=plain)


@dataclass(frozen=True, eq=False)
class SearchMatch:
    """Answers with the geometric mean of what the classes of alike structures and what trees say.

    Attributes:
        classes: Names of the classes.
        grid: What the patterns are.
        library: The training structures.
        trees: On the features of the lines.
    """

    name: ClassVar[str] = "search_match"
    classes: tuple[str, ...]
    grid: PatternGrid
    library: Library
    trees: Trees

    def probabilities(self, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
        """The probability of every class, float32 (n, classes); evenly spread where a pattern has no line.

        Args:
            inputs: Patterns at even angles, linear in intensity, their background taken away, float32 (n, points).

        Raises:
            UsageError: They have another number of points.
        """
        check_width(self.name, inputs, self.grid.points)
        answers = np.full((len(inputs), len(self.classes)), 1 / len(self.classes), np.float32)
        lines = [self.grid.lines(row) for row in inputs]
        rows = [row for row, (two_theta, _) in enumerate(lines) if len(two_theta)]
        if not rows:
            return answers
        usable = [lines[row] for row in rows]
        trees = self.trees.probabilities(_features(usable, self.grid))
        product = np.sqrt((trees + TREES_DOUBT) * (self._shares(usable) + DOUBT))
        answers[rows] = product / product.sum(axis=1, keepdims=True)
        return answers

    def _shares(self, lines: Sequence[PeakList]) -> NDArray[np.float64]:
        """What share of the say of the alike structures each class has, float64 (n, classes)."""
        rows, similarity = self.library.alike(lines)
        say = np.exp((similarity - similarity[:, :1]) / SHARPNESS)
        shares = np.zeros((len(lines), len(self.classes)))
        np.add.at(shares, (np.arange(len(lines))[:, None], self.library.labels[rows]), say)
        return np.asarray(shares / shares.sum(axis=1, keepdims=True), np.float64)


@dataclass(frozen=True, eq=False)
class Examples:
    """What a search–match is fitted to.

    Attributes:
        plain: The patterns of the training structures at these positions as calculated, float32 (m, points).
        drawn: The same with what an instrument and a sample add.
        labels: The class of each structure, int64 (n,).
    """

    plain: Callable[[NDArray[np.int64]], NDArray[np.float32]]
    drawn: Callable[[NDArray[np.int64]], NDArray[np.float32]]
    labels: NDArray[np.int64]


def search_match(examples: Examples, classes: Sequence[str], grid: PatternGrid, seed: int) -> SearchMatch:
    """Fit one: the plain patterns make the library, and the trees learn from the drawn ones.

    Args:
        examples: Patterns and classes.
        classes: Names of the classes.
        grid: What the patterns are.
        seed: Of the trees.

    Raises:
        UsageError: The labels are unfit: see `inputs.check_training`.
    """
    labels = examples.labels
    check_training(SearchMatch.name, np.zeros((len(labels), 1), np.float32), labels, classes, fewest=2)
    plain = _found(partial(grid.lines, plain=True), examples.plain, len(labels))
    known = np.stack([packed_lines(*one, *grid.ends) for one in plain])
    learnt = _found(grid.lines, examples.drawn, len(labels))
    usable = [row for row, (two_theta, _) in enumerate(learnt) if len(two_theta)]
    features = _features([learnt[row] for row in usable], grid)
    trees = boosted_trees(features, labels[usable], classes, seed)
    return SearchMatch(tuple(classes), grid, Library(*grid.ends, known, labels.astype(np.uint8)), trees)


def _found(
    lines: Callable[[NDArray[np.float32]], PeakList],
    read: Callable[[NDArray[np.int64]], NDArray[np.float32]],
    count: int,
) -> list[PeakList]:
    """The lines of all training patterns, read and looked through a few at a time."""
    chunks = [np.arange(first, min(first + AT_ONCE, count)) for first in range(0, count, AT_ONCE)]
    found: list[PeakList] = []
    with (
        ThreadPoolExecutor(core_count()) as pool,
        progress_bar(total=count, description="lines", unit="pattern") as bar,
    ):
        for some in pool.map(lambda chunk: [lines(row) for row in read(chunk)], chunks):
            found += some
            bar.update(len(some))
    return found


def _features(lines: Sequence[PeakList], grid: PatternGrid) -> NDArray[np.float32]:
    """What the trees are given, float32 (n, features)."""
    offsets = np.append(0, np.cumsum([len(two_theta) for two_theta, _ in lines])).astype(np.int64)
    two_theta = np.concatenate([one for one, _ in lines])
    height = np.concatenate([one for _, one in lines]).astype(np.float32)
    peaks = PeakArrays([f"pattern {row}" for row in range(len(lines))], offsets, two_theta, height)
    return feature_matrix(peaks, FeatureSettings(grid.wavelength, RESOLUTION, FLOOR, LATTICE_FLOOR))
