"""A trained model with the recipe it carries: from structures and measured patterns to what it predicts of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from xrdsym.common.errors import MaterialError, UsageError, XrdsymError
from xrdsym.common.suggestions import nearest
from xrdsym.config.paths import working_tree
from xrdsym.crystal.structure_table import CrystalStructure, from_pymatgen
from xrdsym.crystal.symmetry import CRYSTAL_SYSTEMS
from xrdsym.crystal.targets.classes import CRYSTAL_SYSTEM
from xrdsym.crystal.targets.definitions import systems_of
from xrdsym.diffraction.peaks import Peaks, simulate_batch
from xrdsym.diffraction.scattering import wavelength
from xrdsym.encoding.encoder import encoder_of
from xrdsym.encoding.profile import profile, scan_profile
from xrdsym.encoding.recipe import MODEL_FILES, Recipe, model_file, read_recipe
from xrdsym.measured.preprocessing import converted
from xrdsym.measured.scan import Scan
from xrdsym.models.baselines import SearchMatch
from xrdsym.models.loading import read_predictor
from xrdsym.models.released import KINDS, Kind, answering, released_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from pymatgen.core import Structure

    from xrdsym.models.loading import Predictor

INPUT_BYTES = 64 * 2**20
"""Pixels, or numbers of vectors, that are in memory at a time."""


NEARLY = 1.0
"""Degrees that a measured pattern may lack at either end of a model's range before it is told."""


@dataclass(frozen=True)
class Prediction:
    """What a model says of one pattern.

    Attributes:
        target: What the model predicts.
        label: The most probable class of the target.
        class_probabilities: The probability of every class, in the order of the model's classes.
        crystal_system: The most probable crystal system; None where the classes of the target do not settle it.
        probabilities: The probability of every crystal system: of the model's classes where they are such, else the
            sum over the classes of each system.
    """

    target: str
    label: str
    class_probabilities: dict[str, float]
    crystal_system: str | None
    probabilities: dict[str, float] | None


class Model:
    """A network or a baseline, and the recipe that makes its input."""

    def __init__(self, name: str, recipe: Recipe, predictor: Predictor) -> None:
        self.name = name
        self.recipe = recipe
        self._predictor = predictor
        self._wavelength = wavelength(recipe.peaks.radiation)
        self._encoder = encoder_of(recipe)

    def predict(self, patterns: Sequence[CrystalStructure | Structure | Scan]) -> list[Prediction]:
        """What the model says of structures and measured patterns, which may come mixed.

        Structures are simulated with the model's own radiation; a measured pattern is converted from the
        wavelength that its `Scan` tells.

        Raises:
            UsageError: There is one pattern where a list of patterns was expected, or something that is no pattern.
            MaterialError: One of them cannot be used; the message names it or says what is wrong with it.
        """
        if hasattr(patterns, "lattice") or isinstance(patterns, Scan):
            msg = f"expected a list of patterns, received one {type(patterns).__name__}: write predict([pattern])"
            raise UsageError(msg)
        for one in patterns:
            if not (hasattr(one, "lattice") or isinstance(one, CrystalStructure | Scan)):
                msg = (
                    f"expected structures of pymatgen's and measured patterns, received {type(one).__name__}: read a "
                    "file with pymatgen.core.Structure.from_file or xrdsym.read_scan, or make an xrdsym.Scan of arrays"
                )
                raise UsageError(msg)
        vectors = []
        for one in self.vectors(patterns):
            if isinstance(one, MaterialError):
                raise one
            vectors.append(one)
        return self.predictions(self.probabilities(vectors))

    def vectors(
        self, patterns: Sequence[CrystalStructure | Structure | Scan]
    ) -> list[NDArray[np.float32] | MaterialError]:
        """The profile, or the features, that the model's recipe makes of each pattern, or why it makes none.

        Args:
            patterns: Structures and measured patterns; some thousands at a time.

        Returns:
            float32 (numbers,) for each, a profile from 0 to 1, or the error.
        """
        structures = [_row(one) for one in patterns if not isinstance(one, Scan)]
        simulated = iter(self._simulated(structures))
        return [self._measured(one) if isinstance(one, Scan) else next(simulated) for one in patterns]

    def missing_angles(self, scan: Scan) -> str:
        """What of the model's range a measured pattern has not, as `5 to 20.01° (CuKa)`; empty where it is all there.

        Up to `NEARLY` degrees at an end do not count. What is missing is read as if no line were there.
        """
        if scan.wavelength is None or self.recipe.features is not None:
            return ""
        grid = self._encoder.grid
        angles, _ = converted(scan, scan.wavelength, self._wavelength)
        low, high = grid.two_theta_min, grid.two_theta_max
        first, last = (min(max(angles[end], low), high) for end in (0, -1)) if len(angles) else (high, high)
        spans = [(one, other) for one, other in ((low, first), (last, high)) if other - one > NEARLY]
        told = " and ".join(f"{one:.4g} to {other:.4g}°" for one, other in spans)
        return f"{told} ({self.recipe.peaks.radiation})" if told else ""

    def line_count(self, vector: NDArray[np.float32]) -> int | None:
        """How many lines the model sees in a measured pattern, of `vectors`; None where it does not look for lines."""
        predictor = self._predictor
        return len(predictor.grid.lines(vector)[0]) if isinstance(predictor, SearchMatch) else None

    def probabilities(self, vectors: Sequence[NDArray[np.float32]]) -> NDArray[np.float64]:
        """The probability of every class for each of `vectors`, float64 (n, classes).

        Raises:
            XrdsymError: The model gives numbers that are not finite.
        """
        encoder = self._encoder
        at_once = max(1, INPUT_BYTES // (math.prod(encoder.shape) * encoder.dtype.itemsize))
        answers = [np.zeros((0, len(self.recipe.classes)))]
        for start in range(0, len(vectors), at_once):
            inputs = encoder.inputs(np.stack(vectors[start : start + at_once]))
            answers.append(self._predictor.probabilities(inputs).astype(np.float64))
        found = np.concatenate(answers)
        if not np.isfinite(found).all():
            msg = f"model {self.name} gives probabilities that are not finite: its weights are broken. Train it again."
            raise XrdsymError(msg)
        return found

    def predictions(self, probabilities: NDArray[np.float64]) -> list[Prediction]:
        """The answer that each row of probabilities, float64 (n, classes), stands for."""
        return [self._prediction(row) for row in probabilities]

    def _prediction(self, row: NDArray[np.float64]) -> Prediction:
        target, classes = self.recipe.target.name, self.recipe.classes
        label = classes[int(np.argmax(row))]
        by_class = dict(zip(classes, row.tolist(), strict=True))
        if target == CRYSTAL_SYSTEM:
            return Prediction(target, label, by_class, label, by_class)
        known = systems_of(target)
        if known is None:
            return Prediction(target, label, by_class, None, None)
        by_system = dict.fromkeys(CRYSTAL_SYSTEMS, 0.0)
        for name, share in by_class.items():
            # who was merged into the rest may be of any system
            if name in known:
                by_system[known[name]] += share
        return Prediction(target, label, by_class, max(by_system, key=by_system.__getitem__), by_system)

    def _simulated(self, structures: list[CrystalStructure]) -> list[NDArray[np.float32] | MaterialError]:
        """The same peaks and the same vectors as those of the training."""
        found: list[NDArray[np.float32] | MaterialError] = []
        for peaks in simulate_batch(structures, self._wavelength, (0.0, self.recipe.peaks.two_theta_max)):
            if isinstance(peaks, MaterialError):
                found.append(peaks)
                continue
            try:
                found.append(self._vector(peaks))
            except MaterialError as error:
                found.append(error)
        return found

    def _vector(self, peaks: Peaks) -> NDArray[np.float32]:
        if self.recipe.features is None:
            part = self.recipe.profile
            return profile(peaks, self._encoder.grid, part.sigma, part.scale)
        # the table of peaks, which training reads, has intensities of this type
        intensity = peaks.intensity.astype(np.float32)
        ends = np.array([0, len(intensity)])
        return np.asarray(self._encoder.vectors(ends, peaks.two_theta, intensity)[0])

    def _measured(self, scan: Scan) -> NDArray[np.float32] | MaterialError:
        if self.recipe.features is not None:
            msg = (
                f"the model {self.name} reads the lines of a calculated pattern, told apart at "
                f"{self.recipe.features.resolution:g}°, which a measured pattern does not show: give it the structure, "
                "or leave the choice to xrdsym, which has another model for measured patterns"
            )
            return MaterialError("no_lines", msg)
        if scan.wavelength is None:
            return MaterialError("no_wavelength", NO_WAVELENGTH)
        try:
            return scan_profile(scan, self._encoder.grid, self.recipe.profile.scale, scan.wavelength, self._wavelength)
        except MaterialError as error:
            return error


NO_WAVELENGTH = (
    "the wavelength is not told: give it with --radiation CuKa or --wavelength 1.5406 (Å); in Python, to the Scan"
)


def load_model(name_or_path: str | Path | None = None, kind: Kind = "ideal") -> Model:
    """A trained model by its name, or from a folder or file.

    Args:
        name_or_path: `ideal` or `measured` for a released model, a name below `models/` of the working tree, a
            folder with a model's file and `recipe.json`, or such a file (`.keras`, `.skops`, `.npz`, `.json`) with
            `recipe.json` beside it.
        kind: Without a name, the kind of pattern that the model is for: the released one of this kind where the
            working tree has it, else the one that `dvc repro` makes.

    Raises:
        UsageError: There is no model of that name.
        XrdsymError: The model was never made, or its files are broken.
    """
    name, file = _find(name_or_path, kind)
    recipe = read_recipe(file.parent)
    return Model(name, recipe, read_predictor(file, recipe))


def _find(name_or_path: str | Path | None, kind: Kind) -> tuple[str, Path]:
    """The model's name and its file."""
    if name_or_path is None:
        name = answering(kind)
        return name, model_file(working_tree().models / name)
    for known_kind in KINDS:
        # before any path: a folder of patterns may well be called `measured`
        if name_or_path == known_kind:
            name_or_path = released_name(known_kind)
    path = Path(name_or_path)
    if path.is_dir():
        return str(name_or_path), model_file(path)
    if path.is_file():
        return str(name_or_path), path
    try:
        models = working_tree().models
    except XrdsymError as error:
        msg = f"no model {str(name_or_path)!r}: no such folder or file, and {error}"
        raise UsageError(msg) from error
    weights = model_file(models / path)
    if not weights.is_file():
        files = [file for name in MODEL_FILES for file in models.rglob(name)]
        known = sorted({file.parent.relative_to(models).as_posix() for file in files})
        hint = "run `dvc repro` to train the one that params.yaml names"
        hint = f"{nearest(str(name_or_path), known)}; or {hint}" if known else hint
        msg = f"no model {str(name_or_path)!r}: no such folder or file, and none of that name in {models}; {hint}"
        raise UsageError(msg)
    return str(name_or_path), weights


def _row(pattern: CrystalStructure | Structure) -> CrystalStructure:
    if isinstance(pattern, CrystalStructure):
        return pattern
    return from_pymatgen(pattern, pattern.composition.reduced_formula)
