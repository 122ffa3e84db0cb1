"""A model's score on labelled structures or labelled measured patterns."""

from __future__ import annotations

import logging
from collections import deque
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import numpy as np

from xrdsym.common.compilation import compilation_named
from xrdsym.common.errors import MaterialError, XrdsymError
from xrdsym.common.parallel import map_batches
from xrdsym.common.progress import progress_bar, working
from xrdsym.common.skips import SkipCounts, Skipped
from xrdsym.crystal.labels import label_rows
from xrdsym.crystal.targets.classes import CRYSTAL_SYSTEM, class_indices
from xrdsym.crystal.targets.definitions import DIMENSIONALITY, target_classes, target_of
from xrdsym.data.augmented import evaluated_with_augmentation, structure_profiles
from xrdsym.evaluation.metrics import evaluate
from xrdsym.measured.scan import Scan
from xrdsym.scoring.measured_npz import CLASSES, REQUIRED_ARRAYS, read_patterns
from xrdsym.sources.files import file_structures

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from tqdm import tqdm

    from xrdsym.crystal.structure_table import CrystalStructure
    from xrdsym.models.predictor import Model

_logger = logging.getLogger(__name__)

BATCH = 250
"""Structures or patterns that are in memory at a time."""

BOOTSTRAP = 1000


class _Predictions:
    """A model's predictions for labelled patterns, and the patterns that were left out."""

    def __init__(self, model: Model) -> None:
        self.skipped = SkipCounts()
        self._model = model
        self._actual: list[int] = []
        self._groups: list[str] = []
        self._probabilities: list[NDArray[np.float64]] = []

    def add(self, rows: list[tuple[str, CrystalStructure | Scan, str, str]]) -> None:
        """Predict rows of name, pattern, class and group."""
        recipe = self._model.recipe
        known = []
        labels = class_indices([row[2] for row in rows], recipe.classes)
        for row, label in zip(rows, labels.tolist(), strict=True):
            if label >= 0:
                known.append((row, label))
                continue
            if row[2] in target_classes(recipe.target.name):
                detail = f"{row[0]}: {row[2]} is no class of the model, because too few training structures had it"
                self.skipped.add(row[0], "rare_class", detail)
            else:
                detail = f"{row[0]}: {row[2]!r} is none of {', '.join(recipe.classes)}"
                self.skipped.add(row[0], f"unknown_{recipe.target.name}", detail)
        usable = []
        vectors = self._vectors([row[1] for row, _ in known])
        for ((name, _, _, group), label), vector in zip(known, vectors, strict=True):
            if isinstance(vector, MaterialError):
                self.skipped.add(name, vector.reason, str(vector))
                continue
            usable.append(vector)
            self._actual.append(label)
            self._groups.append(group)
        self._probabilities.append(self._model.predict_vectors(usable))

    def _vectors(self, patterns: list[CrystalStructure | Scan]) -> list[NDArray[np.float32] | MaterialError]:
        scans = [one for one in patterns if isinstance(one, Scan)]
        if scans:
            return self._model.encode(scans)
        return labelled_vectors(self._model, [one for one in patterns if not isinstance(one, Scan)])

    def scores(self, source: Path) -> dict[str, Any]:
        """The scores of all that was added.

        Raises:
            XrdsymError: Nothing was left to score.
        """
        self.skipped.report()
        if not self._actual:
            reasons = ", ".join(f"{count} {reason}" for reason, count in self.skipped.summary().items()) or "no entry"
            msg = f"nothing in {source} could be scored: {reasons}"
            raise XrdsymError(msg)
        scores = evaluate(
            self._actual,
            np.concatenate(self._probabilities),
            self._groups,
            classes=self._model.recipe.classes,
            bootstrap=BOOTSTRAP,
        )
        target = {"target": self._model.recipe.target.name}
        return scores | target | {"skipped": self.skipped.summary(), "model": self._model.name}


def labelled_vectors(model: Model, structures: Sequence[CrystalStructure]) -> list[NDArray[np.float32] | MaterialError]:
    """As `Model.encode`, of structures with labels, as the model is evaluated with them.

    Where its recipe evaluates with augmentation, the effects of a material are always the same. The pattern is plain
    where the effects leave no peak in range.
    """
    vectors = model.encode(structures)
    if not evaluated_with_augmentation(model.recipe):
        return vectors
    usable = [row for row, vector in enumerate(vectors) if not isinstance(vector, MaterialError)]
    augmented = structure_profiles([structures[row] for row in usable], model.recipe)
    for row, profile in zip(usable, augmented, strict=True):
        if profile is not None:
            vectors[row] = profile
    return vectors


def score_structures(model: Model, source: Path, wanted: frozenset[str] | None = None) -> dict[str, Any]:
    """The model's score on structures, labelled by symmetry analysis with the tolerances of the model's recipe.

    Patterns are augmented where the recipe says so, as in the evaluate stage.

    Args:
        model: The model.
        source: A structure table, a structure file, or a folder of these.
        wanted: Ids of the materials to score; None scores all.

    Returns:
        What `metrics.evaluate` returns, with `skipped` (reason → count) and `model`. The bootstrap
        resamples whole compositions.

    Raises:
        XrdsymError: There is no such file, or nothing in it could be scored.
    """
    predictions = _Predictions(model)
    tolerances, target = model.recipe.labels, model.recipe.target.name
    analyse = partial(
        label_rows,
        symprec=tolerances.symprec,
        angle_tolerance=tolerances.angle_tolerance,
        bonds=target == DIMENSIONALITY,
    )
    unlabelled: deque[list[CrystalStructure]] = deque()

    def remembered(batches: Iterable[list[CrystalStructure]]) -> Iterator[list[CrystalStructure]]:
        for batch in batches:
            unlabelled.append(batch)
            yield batch

    entries = file_structures(source)
    if wanted is not None:
        entries = (one for one in entries if (one.name if isinstance(one, Skipped) else one.material_id) in wanted)
    batches = _batches(entries, predictions.skipped)
    first = next(batches, [])
    everything = remembered(chain([first], batches))
    # processes take seconds to start
    labelled = map_batches(analyse, everything) if len(first) == BATCH else map(analyse, everything)
    for labels in labelled:
        rows: list[tuple[str, CrystalStructure | Scan, str, str]] = []
        for structure, label in zip(unlabelled.popleft(), labels, strict=True):
            name = structure.material_id
            if label["skipped"] is None:
                by_name = target in {CRYSTAL_SYSTEM, DIMENSIONALITY}
                value = label[target] if by_name else target_of(target, label["space_group"])
                rows.append((name, structure, value, label["composition"]))
            else:
                predictions.skipped.add(name, label["skipped"], label["detail"])
        with working("scoring") as line, compilation_named(line):
            predictions.add(rows)
    return predictions.scores(source)


def score_patterns(model: Model, source: Path, wavelength: float | None) -> dict[str, Any]:
    """The model's score on an `.npz` of measured patterns.

    Args:
        model: The model.
        source: A file with `two_theta` (m,) in degrees, `intensity` (n, m), the class of each pattern (n,) in an array
            named like the model's target, such as `crystal_system`, and where it is known `wavelength`, one number in
            Å. Instead of the class, `space_group` (n,), numbers from 1 to 230, is enough where it settles the class.
        wavelength: What the patterns were measured with, Å; None means that of the file.

    Returns:
        What `metrics.evaluate` returns, with `skipped` (reason → count) and `model`.

    Raises:
        UsageError: Neither the file nor the caller gives the wavelength.
        XrdsymError: The file is missing, broken or lacks an array, or nothing in it could be scored.
    """
    arrays, wavelength = read_patterns(source, model.recipe.target.name, wavelength)
    two_theta, intensity, classes = (arrays[name] for name in (*REQUIRED_ARRAYS, CLASSES))
    predictions = _Predictions(model)
    short: list[str] = []
    bar: tqdm[Any] = progress_bar(total=len(classes), description="scoring", unit="pattern")
    with bar, compilation_named(bar):
        for start in range(0, len(classes), BATCH):
            rows: list[tuple[str, CrystalStructure | Scan, str, str]] = []
            for index in range(start, min(start + BATCH, len(classes))):
                name = f"{source.name}, pattern {index}"
                try:
                    scan = Scan(two_theta, intensity[index], wavelength, name, wavelength_known=True)
                except MaterialError as error:
                    predictions.skipped.add(name, error.reason, str(error))
                else:
                    rows.append((name, scan, str(classes[index]), str(index)))
                    if missing := model.encoder.missing_angles(scan):
                        short.append(f"pattern {index}: {missing}")
            predictions.add(rows)
            bar.update(min(BATCH, len(classes) - start))
    if short:
        _logger.warning(
            "%s: %d of %d patterns do not cover the whole range of %s (%s%s).",
            *(source, len(short), len(classes), model.name, short[0], ", …" if len(short) > 1 else ""),
        )
    return predictions.scores(source)


def _batches(entries: Iterable[CrystalStructure | Skipped], skipped: SkipCounts) -> Iterator[list[CrystalStructure]]:
    """Structures in full lists; entries that are none are counted."""

    def structures() -> Iterator[CrystalStructure]:
        for entry in entries:
            if isinstance(entry, Skipped):
                skipped.add(entry.name, entry.reason, entry.detail)
            else:
                yield entry

    source = structures()
    while batch := list(islice(source, BATCH)):
        yield batch
