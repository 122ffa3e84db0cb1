"""Search–match for measured patterns: peaks are found in a pattern, and compared with those of known structures.

Two estimates are combined: the classes of the training structures whose peaks are most similar (`library`), which
recognises what it has seen, and boosted trees on the features of the peaks, which say what lattice these fit.
Search–match is how a phase is identified by hand: W. Parrish and J. I. Langford in International Tables for
Crystallography C, 2.3 (2006).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from xrdsym.common.errors import UsageError, XrdsymError
from xrdsym.common.parallel import core_count
from xrdsym.common.progress import progress_bar
from xrdsym.diffraction.peaks_table import PeakArrays
from xrdsym.diffraction.scattering import doublet, wavelength
from xrdsym.encoding.encoder import encoder_of
from xrdsym.encoding.features import feature_matrix, feature_names
from xrdsym.encoding.features.settings import FeatureSettings
from xrdsym.encoding.recipe import FILE_NAME
from xrdsym.measured.peak_finding import find_scan_peaks
from xrdsym.models.baselines.baseline import Baseline
from xrdsym.models.baselines.checks import check_training, check_width
from xrdsym.models.baselines.library import STRONGEST, Library, packed_peaks
from xrdsym.models.baselines.storage import check
from xrdsym.models.baselines.trees import BoostedTrees

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from xrdsym.config.schema import Params
    from xrdsym.data.training_data import TrainingData
    from xrdsym.encoding.recipe import Recipe

PeakList = tuple[NDArray[np.float64], NDArray[np.float64]]

RESOLUTION = 0.06
"""Degrees within which the peaks of a laboratory's pattern are one; see `FeatureSettings`."""
MIN_RELATIVE_INTENSITY = 0.004
"""Of peaks that count, relative to the strongest."""
LATTICE_MIN_RELATIVE_INTENSITY = 0.01
"""Of peaks from which lattices are sought."""
SHARPNESS = 0.02
"""A structure that is less similar than the best one by this much has 1/e of its weight."""
SEARCH_MINIMUM = 0.02
"""Probability of a class, from the search, that no similar structure has: the search alone rules no class out."""
TREES_MINIMUM = 0.01
"""Least probability of a class, from the trees: these alone rule no class out either."""
AT_ONCE = 128
"""Patterns in which peaks are sought at a time."""


@dataclass(frozen=True)
class PatternGrid:
    """How the rows of patterns are to be read.

    Attributes:
        two_theta_min: Angle of the first point, degrees.
        step: Degrees between two points.
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

    def peaks(self, row: NDArray[np.floating], *, calculated: bool = False) -> PeakList:
        """The peaks of one pattern; a calculated one has no doublets."""
        return find_scan_peaks(
            row, self.two_theta_min, self.step, None if calculated else self.doublet, calculated=calculated
        )


@dataclass(frozen=True, eq=False)
class Examples:
    """What a search–match is fitted to.

    Attributes:
        calculated: Reads the patterns of the training structures at these positions, float32 (m, points).
        augmented: The same with what an instrument and a sample add.
        labels: The class of each structure, int64 (n,).
    """

    calculated: Callable[[NDArray[np.int64]], NDArray[np.float32]]
    augmented: Callable[[NDArray[np.int64]], NDArray[np.float32]]
    labels: NDArray[np.int64]


class SearchMatch(Baseline):
    """The geometric mean of the probabilities from the search and from the trees.

    Args:
        classes: Names of the classes.
        grid: How patterns are to be read.
        library: The training structures.
        trees: On the features of the peaks.
    """

    name = "search_match"
    trusted = BoostedTrees.trusted

    def __init__(self, classes: tuple[str, ...], grid: PatternGrid, library: Library, trees: BoostedTrees) -> None:
        self.classes = classes
        self.grid = grid
        self.library = library
        self.trees = trees

    @classmethod
    def learn(cls, params: Params, data: TrainingData) -> Self:
        """See `Baseline`."""
        if data.augmented is None:
            msg = "search_match learns from patterns as measured: turn effects on"
            raise UsageError(msg)
        grid = encoder_of(params).grid
        read_as = PatternGrid(
            two_theta_min=grid.two_theta_min,
            step=grid.step,
            points=grid.points,
            wavelength=wavelength(params.peaks.radiation),
            doublet=doublet(params.peaks.radiation) if params.effects.kalpha2 else None,
        )
        examples = Examples(data.train.read, data.augmented.in_epoch(0).read, data.train.labels)
        return cls.fit_examples(examples, data.classes, read_as, params.train.seed)

    @classmethod
    def fit_examples(cls, examples: Examples, classes: Sequence[str], grid: PatternGrid, seed: int) -> Self:
        """Fit: the calculated patterns make the library, and the trees learn from the augmented ones.

        Args:
            examples: Patterns and classes.
            classes: Names of the classes.
            grid: How patterns are to be read.
            seed: Of the trees.

        Raises:
            UsageError: The labels are unfit: see `checks.check_training`.
        """
        labels = examples.labels
        check_training(cls.name, np.zeros((len(labels), 1), np.float32), labels, classes, fewest=2)
        calculated = _peaks_of(partial(grid.peaks, calculated=True), examples.calculated, len(labels))
        packed = np.stack([packed_peaks(*one, *grid.ends) for one in calculated])
        augmented = _peaks_of(grid.peaks, examples.augmented, len(labels))
        usable = [row for row, (two_theta, _) in enumerate(augmented) if len(two_theta)]
        features = _features([augmented[row] for row in usable], grid)
        trees = BoostedTrees.fit_rows(features, labels[usable], classes, seed)
        return cls(tuple(classes), grid, Library(*grid.ends, packed, labels.astype(np.uint8)), trees)

    def predict_proba(self, inputs: NDArray[Any]) -> NDArray[np.float32]:
        """See `Classifier`; every class is equally probable where a pattern has no peak.

        Args:
            inputs: Patterns at even angles, linear in intensity, without background, float32 (n, points).
        """
        check_width(self.name, inputs, self.grid.points)
        probabilities = np.full((len(inputs), len(self.classes)), 1 / len(self.classes), np.float32)
        peaks = [self.grid.peaks(row) for row in inputs]
        rows = [row for row, (two_theta, _) in enumerate(peaks) if len(two_theta)]
        if not rows:
            return probabilities
        usable = [peaks[row] for row in rows]
        trees = self.trees.predict_proba(_features(usable, self.grid))
        product = np.sqrt((trees + TREES_MINIMUM) * (self._search(usable) + SEARCH_MINIMUM))
        probabilities[rows] = product / product.sum(axis=1, keepdims=True)
        return probabilities

    def _search(self, peaks: Sequence[PeakList]) -> NDArray[np.float64]:
        """Share of each class in the weight of the most similar structures, float64 (n, classes)."""
        rows, similarity = self.library.most_similar(peaks)
        weights = np.exp((similarity - similarity[:, :1]) / SHARPNESS)
        shares = np.zeros((len(peaks), len(self.classes)))
        np.add.at(shares, (np.arange(len(peaks))[:, None], self.library.labels[rows]), weights)
        return np.asarray(shares / shares.sum(axis=1, keepdims=True), np.float64)

    def peak_count(self, vector: NDArray[np.float32]) -> int | None:
        """See `Classifier`."""
        return len(self.grid.peaks(vector)[0])

    def content(self) -> dict[str, Any]:
        """See `Baseline`; `lines` is what files of 0.1.0 call the peaks of the library."""
        library = {"lines": self.library.peaks, "labels": self.library.labels}
        return {"estimator": self.trees.estimator, "grid": dataclasses.asdict(self.grid), "library": library}

    @classmethod
    def from_content(cls, content: dict[str, Any], classes: tuple[str, ...]) -> Self:
        """See `Baseline`."""
        grid = PatternGrid(**content["grid"])
        peaks, labels = content["library"]["lines"], content["library"]["labels"]
        check(peaks.dtype == np.uint16 and peaks.shape[1:] == (STRONGEST,), "the library is no table of peaks")
        check(labels.dtype == np.uint8 and labels.shape == peaks.shape[:1], "one label a structure is missing")
        check(bool(len(labels) and labels.max() < len(classes)), "a label is of no class")
        estimator = BoostedTrees.checked(content["estimator"], len(classes))
        check(estimator.n_features_in_ == len(feature_names()), "the trees were fitted to other features")
        return cls(classes, grid, Library(*grid.ends, peaks, labels), BoostedTrees(classes, estimator))

    @classmethod
    def load(cls, file: Path, recipe: Recipe) -> Self:
        """See `Classifier`."""
        fitted = super().load(file, recipe)
        encoder, grid = encoder_of(recipe), fitted.grid
        expected = (encoder.grid.two_theta_min, encoder.grid.step, encoder.grid.points, encoder.wavelength)
        if (grid.two_theta_min, grid.step, grid.points, grid.wavelength) != expected:
            msg = f"{file} reads patterns at other angles than the {FILE_NAME} beside it says. Fetch or train it again."
            raise XrdsymError(msg)
        return fitted


def _peaks_of(
    peaks: Callable[[NDArray[np.float32]], PeakList],
    read: Callable[[NDArray[np.int64]], NDArray[np.float32]],
    count: int,
) -> list[PeakList]:
    """The peaks of all training patterns, a few patterns in memory at a time."""
    chunks = [np.arange(first, min(first + AT_ONCE, count)) for first in range(0, count, AT_ONCE)]
    collected: list[PeakList] = []
    with (
        ThreadPoolExecutor(core_count()) as pool,
        progress_bar(total=count, description="peaks", unit="pattern") as bar,
    ):
        for some in pool.map(lambda chunk: [peaks(row) for row in read(chunk)], chunks):
            collected += some
            bar.update(len(some))
    return collected


def _features(peaks: Sequence[PeakList], grid: PatternGrid) -> NDArray[np.float32]:
    """The features of peak lists, float32 (n, features)."""
    offsets = np.append(0, np.cumsum([len(two_theta) for two_theta, _ in peaks])).astype(np.int64)
    two_theta = np.concatenate([one for one, _ in peaks])
    height = np.concatenate([one for _, one in peaks]).astype(np.float32)
    arrays = PeakArrays([f"pattern {row}" for row in range(len(peaks))], offsets, two_theta, height)
    settings = FeatureSettings(grid.wavelength, RESOLUTION, MIN_RELATIVE_INTENSITY, LATTICE_MIN_RELATIVE_INTENSITY)
    return feature_matrix(arrays, settings)
