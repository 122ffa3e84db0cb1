"""Networks of Keras as models: built, trained epoch by epoch, stored and read."""

from __future__ import annotations

import dataclasses
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from xrdsym.common.errors import XrdsymError
from xrdsym.common.files import atomic_path
from xrdsym.common.quiet import import_keras
from xrdsym.config.model_specs import NETWORK_SUFFIX
from xrdsym.config.paths import project_root
from xrdsym.encoding.encoder import encoder_of
from xrdsym.encoding.recipe import FILE_NAME
from xrdsym.models.protocol import Classifier

if TYPE_CHECKING:
    import keras
    from numpy.typing import NDArray

    from xrdsym.config.paths import Paths
    from xrdsym.config.schema import Params, TrainParams
    from xrdsym.data.datasets import LabelledInputs
    from xrdsym.data.training_data import TrainingData, TrainingResult
    from xrdsym.encoding.recipe import Recipe
    from xrdsym.models.protocol import OnEpoch, Workspace

BATCH_SIZE = 64


class Network(Classifier):
    """A network of Keras.

    Args:
        keras_model: Built; its outputs are the probabilities of the classes.
        name: Its architecture.
        classes: Names of the classes.
    """

    def __init__(self, keras_model: keras.Model, name: str, classes: tuple[str, ...]) -> None:
        self.keras_model = keras_model
        self.name = name
        self.classes = classes

    @classmethod
    def epochs(cls, train: TrainParams) -> int:
        """See `Classifier`."""
        return train.epochs

    @classmethod
    def fit(
        cls, params: Params, data: TrainingData, workspace: Workspace, on_epoch: OnEpoch
    ) -> tuple[Self, TrainingResult]:
        """See `Classifier`."""
        keras = import_keras()
        from xrdsym.training.loop import train

        keras.utils.set_random_seed(params.train.seed)
        settings = dataclasses.replace(params.train, weights=weights_path(workspace.paths, params.train.weights))
        network = workspace.networks.network(encoder_of(params).shape[0], len(data.classes), settings)
        result = train(network, data, params.train, workspace.checkpoint, on_epoch, workspace.looks_every)
        return cls(network, params.train.model, data.classes), result

    def predict_proba(self, inputs: NDArray[Any]) -> NDArray[np.float32]:
        """See `Classifier`."""
        return np.asarray(self.keras_model.predict(inputs, batch_size=BATCH_SIZE, verbose=0), dtype=np.float32)

    def predict_dataset(self, dataset: LabelledInputs) -> NDArray[np.float32]:
        """See `Classifier`."""
        from xrdsym.training.batches import predict

        return predict(self.keras_model, dataset, np.arange(len(dataset)))

    def save(self, folder: Path) -> Path:
        """See `Classifier`; without the optimizer, which is twice the size of the network and no part of prediction."""
        import keras

        network = self.keras_model
        bare = keras.Model(network.inputs, network.outputs[0], name=network.name)
        file = folder / f"model{NETWORK_SUFFIX}"
        with atomic_path(file) as temporary:
            bare.save(temporary)
        return file

    @classmethod
    def load(cls, file: Path, recipe: Recipe) -> Self:
        """See `Classifier`; code within the file is never run."""
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
        return cls(network, recipe.train.model, recipe.classes)


def weights_path(paths: Paths, weights: str) -> str:
    """`train.weights` with an absolute path: below the working tree, else (in a clone of DVC's) below the project."""
    if weights in {"none", "imagenet"} or Path(weights).is_absolute():
        return weights
    here = paths.root / weights
    return str(here if here.is_file() else project_root(paths) / weights)
