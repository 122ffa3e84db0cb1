"""A trained model with its recipe: from structures and measured patterns to predictions."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from xrdsym.common.errors import MaterialError, UsageError, XrdsymError
from xrdsym.crystal.structure_table import CrystalStructure, from_pymatgen
from xrdsym.crystal.symmetry import CRYSTAL_SYSTEMS
from xrdsym.crystal.targets.classes import CRYSTAL_SYSTEM
from xrdsym.crystal.targets.definitions import systems_of
from xrdsym.encoding.encoder import encoder_of
from xrdsym.encoding.recipe import read_recipe
from xrdsym.measured.scan import Scan
from xrdsym.models.loading import find_model, read_classifier

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from pymatgen.core import Structure

    from xrdsym.config.model_specs import PatternType
    from xrdsym.encoding.recipe import Recipe
    from xrdsym.models.protocol import Classifier

_logger = logging.getLogger(__name__)
INPUT_BYTES = 64 * 2**20
"""Bytes of inputs in memory at a time."""


@dataclass(frozen=True)
class Prediction:
    """A model's prediction for one pattern.

    Attributes:
        target: What the model predicts.
        label: The most probable class of the target.
        class_probabilities: The probability of every class, in the order of the model's classes.
        crystal_system: The most probable crystal system; None where the classes of the target do not settle it.
        probabilities: The probability of every crystal system: of the model's classes where they are such, else the
            sum over the classes of each system.
        error: Why there is no prediction, where the pattern cannot be used: `label` and `class_probabilities` are empty
            then, and `crystal_system` and `probabilities` are None.
    """

    target: str
    label: str
    class_probabilities: dict[str, float]
    crystal_system: str | None
    probabilities: dict[str, float] | None
    error: MaterialError | None = None


class Model:
    """A network or a baseline, and the recipe that its inputs follow.

    Attributes:
        name: Its name, or the path that it was read from.
        recipe: What it was trained with.
        encoder: From patterns to its inputs.
    """

    def __init__(self, name: str, recipe: Recipe, classifier: Classifier) -> None:
        self.name = name
        self.recipe = recipe
        self.encoder = encoder_of(recipe)
        self._classifier = classifier

    def predict(self, patterns: Sequence[CrystalStructure | Structure | Scan]) -> list[Prediction]:
        """Predict structures and measured patterns, which may be mixed.

        Structures are simulated with the model's own radiation. A measured pattern is converted from the wavelength
        of its `Scan`.

        Returns:
            One for each pattern. The `error` of one that cannot be used says why, which is logged as well.

        Raises:
            UsageError: There is one pattern where a list of patterns was expected, or something that is no pattern.
            MaterialError: None of the patterns can be used: the reason of the first.
        """
        vectors = self._checked_vectors(patterns)
        errors = [one for one in vectors if isinstance(one, MaterialError)]
        if errors and len(errors) == len(vectors):
            raise errors[0]
        usable = [one for one in vectors if not isinstance(one, MaterialError)]
        predictions = iter(self.predictions(self.predict_vectors(usable)))
        answers = []
        for place, one in enumerate(vectors):
            if isinstance(one, MaterialError):
                _logger.warning("pattern %d of %d has no prediction: %s", place, len(vectors), one)
                answers.append(Prediction(self.recipe.target.name, "", {}, None, None, one))
            else:
                answers.append(next(predictions))
        return answers

    def predict_proba(self, patterns: Sequence[CrystalStructure | Structure | Scan]) -> NDArray[np.float64]:
        """The probability of every class of `recipe.classes`, float64 (n, classes); see `predict`.

        Raises:
            MaterialError: One of the patterns cannot be used; the message names it or says what is wrong with it.
        """
        vectors = []
        for one in self._checked_vectors(patterns):
            if isinstance(one, MaterialError):
                raise one
            vectors.append(one)
        return self.predict_vectors(vectors)

    def _checked_vectors(
        self, patterns: Sequence[CrystalStructure | Structure | Scan]
    ) -> list[NDArray[np.float32] | MaterialError]:
        """As `encode`, of what may be no list of patterns."""
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
        return self.encode(patterns)

    def accepts(self, pattern_type: PatternType) -> bool:
        """Whether the model predicts patterns of a type: `ideal` (structures) or `measured` (scans)."""
        return self._classifier.accepts(pattern_type) and self.encoder.refusal(pattern_type) is None

    def encode(
        self, patterns: Sequence[CrystalStructure | Structure | Scan]
    ) -> list[NDArray[np.float32] | MaterialError]:
        """The vectors from which the model's inputs are made, some thousands at a time.

        Returns:
            For each pattern float32 (numbers,), or why it has none.
        """
        rows = [one if isinstance(one, Scan) else _row_or_error(one) for one in patterns]
        structures = [one for one in rows if isinstance(one, CrystalStructure)]
        simulated = iter(self.encoder.from_structures(structures))
        vectors = []
        for one in rows:
            if isinstance(one, Scan):
                vectors.append(self._encode_scan(one))
            else:
                vectors.append(one if isinstance(one, MaterialError) else next(simulated))
        return vectors

    def _encode_scan(self, scan: Scan) -> NDArray[np.float32] | MaterialError:
        try:
            vector = self.encoder.from_scan(scan)
        except MaterialError as error:
            return error
        if not np.isfinite(vector).all():
            low, high = float(scan.intensity.min()), float(scan.intensity.max())
            msg = f"the intensities of the pattern, {low:g} to {high:g}, have no finite profile; expected counts"
            return MaterialError("not_finite", msg)
        return vector

    def peak_count(self, vector: NDArray[np.float32]) -> int | None:
        """How many peaks the model finds in a vector of a scan; None where it does not look for peaks."""
        return self._classifier.peak_count(vector)

    def predict_vectors(self, vectors: Sequence[NDArray[np.float32]]) -> NDArray[np.float64]:
        """The probability of every class for each vector of `encode`, float64 (n, classes).

        Raises:
            XrdsymError: The model gives numbers that are not finite.
        """
        encoder = self.encoder
        at_once = max(1, INPUT_BYTES // (math.prod(encoder.shape) * encoder.dtype.itemsize))
        parts = [np.zeros((0, len(self.recipe.classes)))]
        for start in range(0, len(vectors), at_once):
            inputs = encoder.inputs(np.stack(vectors[start : start + at_once]))
            parts.append(self._classifier.predict_proba(inputs).astype(np.float64))
        probabilities = np.concatenate(parts)
        if not np.isfinite(probabilities).all():
            msg = f"model {self.name} gives probabilities that are not finite: its weights are broken. Train it again."
            raise XrdsymError(msg)
        return probabilities

    def predictions(self, probabilities: NDArray[np.float64]) -> list[Prediction]:
        """The prediction of each row of probabilities, float64 (n, classes)."""
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
            # structures of the merged rare classes may be of any system
            if name in known:
                by_system[known[name]] += share
        return Prediction(target, label, by_class, max(by_system, key=by_system.__getitem__), by_system)


def load_model(name_or_path: str | Path | None = None, pattern_type: PatternType = "ideal") -> Model:
    """A trained model by its name, or from a folder or file.

    Args:
        name_or_path: `ideal` or `measured` for a released model, a name below `models/` of the working tree (outside
            of a project: of the clone that xrdsym is installed from), a folder with a model's file and `recipe.json`,
            or such a file (`.keras`, `.skops`) with `recipe.json` beside it.
        pattern_type: Without a name, what the model is for: the released one for this type of pattern where the
            working tree has it, else the one that `dvc repro` makes.

    Raises:
        UsageError: There is no model of that name.
        XrdsymError: The model was never made, or its files are broken.
    """
    name, file = find_model(name_or_path, pattern_type)
    recipe = read_recipe(file.parent)
    return Model(name, recipe, read_classifier(file, recipe))


def _row_or_error(pattern: CrystalStructure | Structure) -> CrystalStructure | MaterialError:
    if isinstance(pattern, CrystalStructure):
        return pattern
    try:
        return from_pymatgen(pattern, pattern.composition.reduced_formula)
    except MaterialError as error:
        return error
