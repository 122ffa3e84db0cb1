"""A trained model with the recipe it carries: from structures and measured patterns to what it predicts of them."""

from __future__ import annotations

import math
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from xrdsym.checking import nearest
from xrdsym.classes import CRYSTAL_SYSTEM
from xrdsym.diffraction.measured import scan_profile
from xrdsym.diffraction.peaks import simulate_batch
from xrdsym.diffraction.profile import profile
from xrdsym.diffraction.scans import Scan
from xrdsym.diffraction.scattering import wavelength
from xrdsym.drawing import drawing_of
from xrdsym.errors import MaterialError, UsageError, XrdsymError
from xrdsym.paths import working_tree
from xrdsym.quiet import import_keras
from xrdsym.recipe import FILE_NAME, MODEL_FILE, Recipe, read_recipe
from xrdsym.released import KINDS, Kind, answering, released_name
from xrdsym.structures import CrystalStructure, from_pymatgen
from xrdsym.symmetry import CRYSTAL_SYSTEMS
from xrdsym.targets import systems_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from pymatgen.core import Structure

INPUT_BYTES = 64 * 2**20
"""Pixels, or points of profiles, that are in memory at a time."""

BATCH_SIZE = 64


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
    """A network and the recipe that makes its input."""

    def __init__(self, name: str, recipe: Recipe, network: Any) -> None:  # noqa: ANN401 - Keras is not typed
        self.name = name
        self.recipe = recipe
        self._network = network
        self._wavelength = wavelength(recipe.peaks.radiation)
        self._drawing = drawing_of(recipe)

    def predict(self, patterns: Sequence[CrystalStructure | Structure | Scan]) -> list[Prediction]:
        """What the model says of structures and measured patterns, which may come mixed.

        Structures are simulated with the model's own radiation; a measured pattern is converted from the
        wavelength that its `Scan` tells.

        Raises:
            UsageError: There is one pattern where a list of patterns was expected.
            MaterialError: One of them cannot be used; the message names it or says what is wrong with it.
        """
        if hasattr(patterns, "lattice") or isinstance(patterns, Scan):
            msg = f"expected a list of patterns, received one {type(patterns).__name__}: write predict([pattern])"
            raise UsageError(msg)
        profiles = self.profiles(patterns)
        for one in profiles:
            if isinstance(one, MaterialError):
                raise one
        vectors = [one for one in profiles if not isinstance(one, MaterialError)]
        return self.predictions(self.probabilities(vectors))

    def profiles(
        self, patterns: Sequence[CrystalStructure | Structure | Scan]
    ) -> list[NDArray[np.float32] | MaterialError]:
        """The vector that the model's recipe makes of each pattern, or why it makes none.

        Args:
            patterns: Structures and measured patterns; some thousands at a time.

        Returns:
            float32 (points,) for each, 0 to 1, or the error.
        """
        structures = [_row(one) for one in patterns if not isinstance(one, Scan)]
        simulated = iter(self._simulated(structures))
        return [self._measured(one) if isinstance(one, Scan) else next(simulated) for one in patterns]

    def probabilities(self, profiles: Sequence[NDArray[np.float32]]) -> NDArray[np.float64]:
        """The probability of every class of every profile, float64 (n, classes).

        Raises:
            XrdsymError: The network gives numbers that are not finite.
        """
        drawing = self._drawing
        at_once = max(1, INPUT_BYTES // (math.prod(drawing.shape) * drawing.dtype.itemsize))
        answers = [np.zeros((0, len(self.recipe.classes)))]
        for start in range(0, len(profiles), at_once):
            inputs = drawing.inputs(np.stack(profiles[start : start + at_once]))
            answers.append(self._network.predict(inputs, batch_size=BATCH_SIZE, verbose=0))
        found = np.concatenate(answers).astype(np.float64)
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
        """The same peaks and the same profiles as those of the training."""
        part = self.recipe.profile
        found: list[NDArray[np.float32] | MaterialError] = []
        for peaks in simulate_batch(structures, self._wavelength, (0.0, self.recipe.peaks.two_theta_max)):
            if isinstance(peaks, MaterialError):
                found.append(peaks)
                continue
            try:
                found.append(profile(peaks, self._drawing.grid, part.sigma, part.scale))
            except MaterialError as error:
                found.append(error)
        return found

    def _measured(self, scan: Scan) -> NDArray[np.float32] | MaterialError:
        if scan.wavelength is None:
            return MaterialError("no_wavelength", NO_WAVELENGTH)
        try:
            return scan_profile(scan, self._drawing.grid, self.recipe.profile.scale, scan.wavelength, self._wavelength)
        except MaterialError as error:
            return error


NO_WAVELENGTH = "the wavelength is not told: give it with --radiation CuKa or --wavelength 1.5406 (Å)"


def load_model(name_or_path: str | Path | None = None, kind: Kind = "ideal") -> Model:
    """A trained model by its name, or from a folder or file.

    Args:
        name_or_path: `ideal` or `measured` for a released model, a name below `models/` of the working tree, a
            folder with `model.keras` and `recipe.json`, or a `.keras` file with `recipe.json` beside it.
        kind: Without a name, the kind of pattern that the model is for: the released one of this kind where the
            working tree has it, else the one that `dvc repro` makes.

    Raises:
        UsageError: There is no model of that name.
        XrdsymError: The model was never made, or its files are broken.
    """
    name, weights = _find(name_or_path, kind)
    recipe = read_recipe(weights.parent)
    return Model(name, recipe, _read_network(weights, recipe))


def _find(name_or_path: str | Path | None, kind: Kind) -> tuple[str, Path]:
    """The model's name and its file of weights."""
    if name_or_path is None:
        name = answering(kind)
        return name, working_tree().models / name / MODEL_FILE
    for known_kind in KINDS:
        # before any path: a folder of patterns may well be called `measured`
        if name_or_path == known_kind:
            name_or_path = released_name(known_kind)
    path = Path(name_or_path)
    if path.is_dir():
        return str(name_or_path), path / MODEL_FILE
    if path.is_file():
        return str(name_or_path), path
    try:
        models = working_tree().models
    except XrdsymError as error:
        msg = f"no model {str(name_or_path)!r}: no such folder or file, and {error}"
        raise UsageError(msg) from error
    weights = models / path / MODEL_FILE
    if not weights.is_file():
        known = sorted(file.parent.relative_to(models).as_posix() for file in models.rglob(MODEL_FILE))
        hint = nearest(str(name_or_path), known) if known else "run `make repro` to train one, or `dvc pull`"
        msg = f"no model {str(name_or_path)!r}: no such folder or file, and none of that name in {models}; {hint}"
        raise UsageError(msg)
    return str(name_or_path), weights


def _read_network(weights: Path, recipe: Recipe) -> Any:  # noqa: ANN401 - Keras is not typed
    """The network, checked against the recipe beside it."""
    if weights.suffix != ".keras":
        msg = f"{weights} is no .keras file. Give a model's folder, or its {MODEL_FILE}."
        raise XrdsymError(msg)
    try:
        network = import_keras().saving.load_model(weights, compile=False, safe_mode=True)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RuntimeError, zipfile.BadZipFile) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        msg = f"{weights} cannot be read as a Keras model ({reason[:200]}). Fetch or train it again."
        raise XrdsymError(msg) from error
    expected = ((None, *drawing_of(recipe).shape), (None, len(recipe.classes)))
    received = (tuple(network.input_shape), tuple(network.output_shape))
    if received != expected:
        msg = (
            f"{weights} does not fit the {FILE_NAME} beside it: expected input and output {expected}, received "
            f"{received}. Fetch or train it again."
        )
        raise XrdsymError(msg)
    return network


def _row(pattern: CrystalStructure | Structure) -> CrystalStructure:
    if isinstance(pattern, CrystalStructure):
        return pattern
    return from_pymatgen(pattern, pattern.composition.reduced_formula)
