"""What answers: a network of Keras or a baseline, read from its file and held against the recipe beside it."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from xrdsym.common.errors import UsageError, XrdsymError
from xrdsym.common.quiet import import_keras
from xrdsym.config.model_specs import model_spec
from xrdsym.diffraction.scattering import wavelength
from xrdsym.encoding.encoder import encoder_of
from xrdsym.encoding.recipe import FILE_NAME, MODEL_FILES
from xrdsym.models import baselines as classical

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from xrdsym.encoding.recipe import Recipe

BATCH_SIZE = 64


class Predictor(Protocol):
    """Answers for inputs that `InputEncoder.inputs` made; the baselines of `xrdsym.models.baselines` do."""

    def probabilities(self, inputs: NDArray[Any], /) -> NDArray[np.float32]:
        """The probability of every class of every input, float32 (n, classes)."""


class Network:
    """A network of Keras as a predictor."""

    def __init__(self, network: Any) -> None:  # noqa: ANN401 - Keras is not typed
        self._network = network

    def probabilities(self, inputs: NDArray[Any], /) -> NDArray[np.float32]:
        """See `Predictor`."""
        return np.asarray(self._network.predict(inputs, batch_size=BATCH_SIZE, verbose=0), dtype=np.float32)


def read_predictor(file: Path, recipe: Recipe) -> Predictor:
    """The network or the baseline of a file.

    Keras is imported for networks alone, and scikit-learn for trees alone.

    Raises:
        XrdsymError: The file is missing or broken, is of another kind than its recipe says, or does not fit it.
    """
    expected = model_spec(recipe.train.model).suffix
    if file.suffix != expected:
        msg = (
            f"{file} is no {expected} file, as the model {recipe.train.model} of the {FILE_NAME} beside it has. Give a "
            f"model's folder, or its file ({', '.join(MODEL_FILES)})."
        )
        raise XrdsymError(msg)
    return _read_network(file, recipe) if expected == ".keras" else _read_baseline(file, recipe)


def _read_baseline(file: Path, recipe: Recipe) -> Predictor:
    classifier = classical.load(file)
    expected = (recipe.train.model, recipe.classes)
    if (classifier.name, classifier.classes) != expected:
        msg = (
            f"{file} does not fit the {FILE_NAME} beside it: expected {expected[0]} for {len(expected[1])} classes, "
            f"received {classifier.name} for {len(classifier.classes)}. Fetch or train it again."
        )
        raise XrdsymError(msg)
    if isinstance(classifier, classical.SearchMatch) and not _reads_as(classifier.grid, recipe):
        msg = f"{file} reads patterns at other angles than the {FILE_NAME} beside it says. Fetch or train it again."
        raise XrdsymError(msg)
    try:
        # trees and neighbours know how many numbers they were fitted to
        classifier.probabilities(np.zeros((1, *encoder_of(recipe).shape), np.float32))
    except UsageError as error:
        msg = f"{file} does not fit the {FILE_NAME} beside it: {error}. Fetch or train it again."
        raise XrdsymError(msg) from error
    return classifier


def _reads_as(read: classical.PatternGrid, recipe: Recipe) -> bool:
    """Whether a search–match reads the points of a pattern as its recipe draws them."""
    drawn = encoder_of(recipe).grid
    expected = (drawn.two_theta_min, drawn.step, drawn.points, wavelength(recipe.peaks.radiation))
    return (read.two_theta_min, read.step, read.points, read.wavelength) == expected


def _read_network(file: Path, recipe: Recipe) -> Predictor:
    try:
        network = import_keras().saving.load_model(file, compile=False, safe_mode=True)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RuntimeError, zipfile.BadZipFile) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        msg = f"{file} cannot be read as a Keras model ({reason[:200]}). Fetch or train it again."
        raise XrdsymError(msg) from error
    expected = ((None, *encoder_of(recipe).shape), (None, len(recipe.classes)))
    received = (tuple(network.input_shape), tuple(network.output_shape))
    if received != expected:
        msg = (
            f"{file} does not fit the {FILE_NAME} beside it: expected input and output {expected}, received "
            f"{received}. Fetch or train it again."
        )
        raise XrdsymError(msg)
    return Network(network)
