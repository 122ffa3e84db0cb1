"""Trains a network on made-up images; run by test_training.py, which kills it.

Arguments: the folder of checkpoints, the file of the history, epochs with the head alone, the kind of network.
"""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path

import keras
import numpy as np

from params_of import preset_params
from xrdsym.config.schema import TrainParams
from xrdsym.data.datasets import LabelledInputs
from xrdsym.data.training_data import TrainingData, TrainingResult
from xrdsym.models.networks.build import build
from xrdsym.training.loop import train
from xrdsym.training.optimisation import BACKBONE

SIDE = 32
CLASSES = tuple("abcdefg")


def images(count: int, seed: int) -> LabelledInputs:
    random = np.random.default_rng(seed)
    labels = random.integers(0, 3, count)
    pixels = random.integers(0, 200, (count, SIDE, SIDE, 3)) + 15 * labels[:, None, None, None]
    return LabelledInputs(tuple(f"mp-{i}" for i in range(count)), labels, pixels.astype(np.uint8), None)


def data() -> TrainingData:
    return TrainingData(CLASSES, images(60, 1), images(30, 2))


def tiny_network(params: TrainParams) -> keras.Model:
    """A backbone that learns and is compiled in a second."""
    keras.utils.set_random_seed(params.seed)
    pixels = keras.Input((SIDE, SIDE, 3), dtype="uint8")
    backbone = keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 3)),
            keras.layers.Conv2D(8, 4, strides=4),
            keras.layers.BatchNormalization(momentum=params.batchnorm_momentum),
            keras.layers.ReLU(),
            keras.layers.GlobalAveragePooling2D(),
        ],
        name=BACKBONE,
    )
    features = keras.layers.Dropout(params.dropout)(backbone(keras.layers.Rescaling(1 / 127.5, -1.0)(pixels)))
    return keras.Model(pixels, keras.layers.Dense(len(CLASSES), activation="softmax")(features))


def mobilenet(params: TrainParams) -> keras.Model:
    keras.utils.set_random_seed(params.seed)
    return build(SIDE, len(CLASSES), params)


DEFAULTS = {
    "epochs": 5,
    "batch_size": 8,
    "learning_rate": 0.01,
    "dropout": 0.2,
    "patience": None,
    "monitor": "val_loss",
}


def make_params(**changes: object) -> TrainParams:
    """Those of the preset `embedded` with few epochs and small batches."""
    read = preset_params().train
    return dataclasses.replace(read, **(DEFAULTS | changes))


def result_of(folder: Path, params: TrainParams, network: keras.Model) -> TrainingResult:
    return train(network, data(), params, folder, lambda epoch, _: print(f"epoch {epoch}", flush=True))


def main() -> None:
    folder, history, head_epochs, kind = sys.argv[1:]
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()
    params = make_params(head_epochs=int(head_epochs), batchnorm="reestimate", class_weight="balanced")
    make = {"tiny": tiny_network, "mobilenet": mobilenet}[kind]
    result = result_of(Path(folder), params, make(params))
    Path(history).write_text(json.dumps([result.history, result.accuracies, result.resumed_epochs]), encoding="utf-8")


if __name__ == "__main__":
    main()
