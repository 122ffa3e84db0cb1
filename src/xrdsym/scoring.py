"""A model's score on labelled structures or labelled measured patterns."""

from __future__ import annotations

import zipfile
from collections import deque
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import numpy as np

from xrdsym.diffraction.scans import Scan, scan_of
from xrdsym.errors import MaterialError, UsageError, XrdsymError
from xrdsym.evaluation import evaluate
from xrdsym.labels import label_rows
from xrdsym.parallel import map_batches
from xrdsym.progress import progress_bar
from xrdsym.skips import SkipCounts, Skipped
from xrdsym.sources.files import file_structures

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray
    from tqdm import tqdm

    from xrdsym.prediction import Model
    from xrdsym.structures import CrystalStructure

BATCH = 250
"""Structures or patterns that are in memory at a time."""

BOOTSTRAP = 1000
REQUIRED_ARRAYS = ("two_theta", "intensity", "crystal_system")


class _Answers:
    """What a model said of labelled patterns, and what was left out."""

    def __init__(self, model: Model) -> None:
        self.skipped = SkipCounts()
        self._model = model
        self._actual: list[int] = []
        self._groups: list[str] = []
        self._probabilities: list[NDArray[np.float64]] = []

    def add(self, rows: list[tuple[str, CrystalStructure | Scan, str, str]]) -> None:
        """Ask the model about rows of name, pattern, crystal system and group."""
        known = []
        for row in rows:
            if row[2] in self._model.recipe.classes:
                known.append(row)
            else:
                detail = f"{row[0]}: {row[2]!r} is none of {', '.join(self._model.recipe.classes)}"
                self.skipped.add(row[0], "unknown_crystal_system", detail)
        usable = []
        profiles = self._model.profiles([pattern for _, pattern, _, _ in known])
        for (name, _, system, group), profile in zip(known, profiles, strict=True):
            if isinstance(profile, MaterialError):
                self.skipped.add(name, profile.reason, str(profile))
                continue
            usable.append(profile)
            self._actual.append(self._model.recipe.classes.index(system))
            self._groups.append(group)
        self._probabilities.append(self._model.probabilities(usable))

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
        return scores | {"skipped": self.skipped.summary(), "model": self._model.name}


def score_structures(model: Model, source: Path) -> dict[str, Any]:
    """The model's score on structures, labelled by symmetry analysis with the tolerances of the model's recipe.

    Args:
        model: The model.
        source: A structure table, a structure file, or a folder of these.

    Returns:
        What `evaluation.evaluate` returns, with `skipped` (reason → count) and `model`. The bootstrap draws
        materials of one composition together.

    Raises:
        XrdsymError: There is no such file, or nothing in it could be scored.
    """
    answers = _Answers(model)
    tolerances = model.recipe.labels
    analyse = partial(label_rows, symprec=tolerances.symprec, angle_tolerance=tolerances.angle_tolerance)
    waiting: deque[list[CrystalStructure]] = deque()

    def remembered(batches: Iterable[list[CrystalStructure]]) -> Iterator[list[CrystalStructure]]:
        for batch in batches:
            waiting.append(batch)
            yield batch

    batches = _batches(file_structures(source), answers.skipped)
    first = next(batches, [])
    everything = remembered(chain([first], batches))
    # processes take seconds to start
    labelled = map_batches(analyse, everything) if len(first) == BATCH else map(analyse, everything)
    for labels in labelled:
        rows: list[tuple[str, CrystalStructure | Scan, str, str]] = []
        for structure, label in zip(waiting.popleft(), labels, strict=True):
            name = structure.material_id
            if label["skipped"] is None:
                rows.append((name, structure, label["crystal_system"], label["composition"]))
            else:
                answers.skipped.add(name, label["skipped"], label["detail"])
        answers.add(rows)
    return answers.scores(source)


def score_patterns(model: Model, source: Path, wavelength: float | None) -> dict[str, Any]:
    """The model's score on an `.npz` of measured patterns.

    Args:
        model: The model.
        source: A file with `two_theta` (m,) in degrees, `intensity` (n, m), `crystal_system` (n,), and where it is
            known `wavelength`, one number in Å.
        wavelength: What the patterns were measured with, Å; None takes that of the file.

    Returns:
        What `evaluation.evaluate` returns, with `skipped` (reason → count) and `model`.

    Raises:
        UsageError: Neither the file nor the caller tells the wavelength.
        XrdsymError: The file is missing, broken or lacks an array, or nothing in it could be scored.
    """
    arrays = _read_arrays(source)
    if wavelength is None:
        if "wavelength" not in arrays:
            msg = f"{source} does not tell the wavelength of its patterns: give --radiation CuKa or --wavelength 1.5406"
            raise UsageError(msg)
        wavelength = _stored_wavelength(source, arrays["wavelength"])
    two_theta, intensity, systems = (arrays[name] for name in REQUIRED_ARRAYS)
    answers = _Answers(model)
    bar: tqdm[Any] = progress_bar(total=len(systems), description="scoring", unit="pattern")
    with bar:
        for start in range(0, len(systems), BATCH):
            rows: list[tuple[str, CrystalStructure | Scan, str, str]] = []
            for index in range(start, min(start + BATCH, len(systems))):
                name = f"{source.name}, pattern {index}"
                try:
                    scan = scan_of(two_theta, intensity[index], wavelength, name)
                except MaterialError as error:
                    answers.skipped.add(name, error.reason, str(error))
                else:
                    rows.append((name, scan, str(systems[index]), str(index)))
            answers.add(rows)
            bar.update(min(BATCH, len(systems) - start))
    return answers.scores(source)


def _read_arrays(source: Path) -> dict[str, NDArray[Any]]:
    """The arrays of an `.npz`, checked; nothing is unpickled."""
    expected = "expected an .npz with two_theta (m,), intensity (n, m) and crystal_system (n,)"
    try:
        with np.load(source, allow_pickle=False) as file:
            wanted = [name for name in (*REQUIRED_ARRAYS, "wavelength") if name in file.files]
            arrays = {name: file[name] for name in wanted}
    except (OSError, ValueError, EOFError, AttributeError, TypeError, zipfile.BadZipFile) as error:
        # numpy's own words tell how to read pickles all the same
        reason = "it holds pickled objects, which are never read" if "pickle" in str(error) else error
        msg = f"{source} cannot be read ({reason}); {expected}"
        raise XrdsymError(msg) from error
    missing = [name for name in REQUIRED_ARRAYS if name not in arrays]
    if missing:
        msg = f"{source} lacks {', '.join(missing)}; {expected}"
        raise XrdsymError(msg)
    two_theta, intensity, systems = (arrays[name] for name in REQUIRED_ARRAYS)
    if two_theta.ndim != 1 or intensity.shape != (len(systems), len(two_theta)) or systems.ndim != 1:
        shapes = ", ".join(f"{name} {arrays[name].shape}" for name in REQUIRED_ARRAYS)
        msg = f"{source} has {shapes}; {expected}"
        raise XrdsymError(msg)
    if not all(np.issubdtype(values.dtype, np.number) for values in (two_theta, intensity)):
        msg = f"{source} has two_theta of {two_theta.dtype} and intensity of {intensity.dtype}; expected numbers"
        raise XrdsymError(msg)
    # texts of one byte a letter would otherwise show as b'cubic'
    return arrays | {"crystal_system": systems.astype(str)}


def _stored_wavelength(source: Path, value: NDArray[Any]) -> float:
    if value.size != 1 or not np.issubdtype(value.dtype, np.number) or not np.isfinite(value).all() or value.min() <= 0:
        msg = f"{source} has the wavelength {value}; expected one positive number of Å"
        raise XrdsymError(msg)
    return float(value.item())


def _batches(entries: Iterable[CrystalStructure | Skipped], skipped: SkipCounts) -> Iterator[list[CrystalStructure]]:
    """Structures in full lists; what is none is counted."""

    def structures() -> Iterator[CrystalStructure]:
        for entry in entries:
            if isinstance(entry, Skipped):
                skipped.add(entry.name, entry.reason, entry.detail)
            else:
                yield entry

    source = structures()
    while batch := list(islice(source, BATCH)):
        yield batch
