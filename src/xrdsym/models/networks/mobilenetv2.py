"""MobileNetV2 (Sandler et al., CVPR 2018, arXiv:1801.04381) with a new top, the network of the paper."""

from __future__ import annotations

import os
import warnings
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import urlopen

import keras

from xrdsym.common.errors import UsageError, XrdsymError
from xrdsym.common.files import atomic_path
from xrdsym.training.batchnorm import set_momentum
from xrdsym.training.optimisation import BACKBONE

if TYPE_CHECKING:
    from xrdsym.config.schema import TrainParams

SMALLEST_SIDE = 32
SCALINGS = {"symmetric": (1 / 127.5, -1.0), "unit": (1 / 255, 0.0), "none": (1.0, 0.0)}
IMAGENET_SIDES = (96, 128, 160, 192, 224)
IMAGENET_ALPHAS = (0.35, 0.5, 0.75, 1.0, 1.3, 1.4)
IMAGENET_FOLDER = "https://storage.googleapis.com/tensorflow/keras-applications/mobilenet_v2/"
TIMEOUT = 30.0  # seconds without an answer


def build(side: int, classes: int, params: TrainParams) -> keras.Model:
    """MobileNetV2 up to its global average, dropout, and a dense layer with softmax; not compiled.

    Args:
        side: Height and width of the images, 32 pixels or more.
        classes: Number of classes.
        params: Width, first weights, scaling of the pixels, dropout, momentum of BatchNorm.

    Returns:
        Input uint8 (batch, side, side, 3), output float32 (batch, classes).

    Raises:
        UsageError: The side is too small, or ImageNet weights of such a width do not exist.
        XrdsymError: The weights cannot be fetched, are missing, or belong to another width.
    """
    if side < SMALLEST_SIDE:
        msg = f"images.side: {side}: MobileNetV2 needs {SMALLEST_SIDE} pixels or more"
        raise UsageError(msg)
    backbone = keras.applications.MobileNetV2(
        input_shape=(side, side, 3), include_top=False, weights=None, alpha=params.alpha, pooling="avg", name=BACKBONE
    )
    if params.weights != "none":
        imagenet = params.weights == "imagenet"
        _load(backbone, _imagenet_file(side, params.alpha) if imagenet else Path(params.weights), params.alpha)
    scale, offset = SCALINGS[params.pixel_scaling]
    pixels = keras.Input((side, side, 3), dtype="uint8", name="pixels")
    features = backbone(keras.layers.Rescaling(scale, offset, name="scaling")(pixels))
    features = keras.layers.Dropout(params.dropout, name="dropout")(features)
    probabilities = keras.layers.Dense(classes, activation="softmax", name="probabilities")(features)
    network = keras.Model(pixels, probabilities, name="mobilenetv2")
    # Keras' own 0.999 forgets the start so slowly that inference lags a thousand steps behind training
    set_momentum(network, params.batchnorm_momentum)
    return network


def _load(backbone: keras.Model, path: Path, alpha: float) -> None:
    if not path.is_file():
        msg = f"train.weights: no file at {path}. Give the path of a .weights.h5 file, imagenet, or none."
        raise XrdsymError(msg)
    try:
        with warnings.catch_warnings():
            # Keras only warns of layers that a file has no weights for
            warnings.simplefilter("error", UserWarning)
            backbone.load_weights(path)
    except (ValueError, OSError, KeyError, UserWarning) as error:
        reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
        msg = (
            f"train.weights: {path} does not fit a MobileNetV2 without its top of width train.alpha {alpha:g} "
            f"({reason}). Expected a file for alpha {alpha:g}, ending in .weights.h5 or .h5: give another file, "
            "or set train.alpha to the one that it was made for."
        )
        raise XrdsymError(msg) from error


def _imagenet_file(side: int, alpha: float) -> Path:
    """The ImageNet weights where Keras keeps them, fetched when they are not there yet."""
    if alpha not in IMAGENET_ALPHAS:
        known = ", ".join(f"{width:g}" for width in IMAGENET_ALPHAS)
        msg = f"train.alpha: {alpha:g}: MobileNetV2 has ImageNet weights for {known}; choose one or train.weights=none"
        raise UsageError(msg)
    trained_side = side if side in IMAGENET_SIDES else 224
    name = f"mobilenet_v2_weights_tf_dim_ordering_tf_kernels_{float(alpha)}_{trained_side}_no_top.h5"
    home = os.environ.get("KERAS_HOME")
    path = (Path(home) if home else Path.home() / ".keras") / "models" / name
    if path.is_file():
        return path
    try:
        with urlopen(IMAGENET_FOLDER + name, timeout=TIMEOUT) as answer:  # noqa: S310 - a constant https address
            content = answer.read()
    except (OSError, HTTPException) as error:
        msg = (
            f"the ImageNet weights could not be fetched from {IMAGENET_FOLDER}{name} ({error}). Put that file at "
            f"{path}, set train.weights to the path of a weights file, or set train.weights=none."
        )
        raise XrdsymError(msg) from error
    with atomic_path(path) as temporary:
        temporary.write_bytes(content)
    return path
