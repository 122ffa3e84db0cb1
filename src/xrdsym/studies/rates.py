"""The time of a trial before it runs: rates measured on this machine, and how they scale."""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from xrdsym.config.model_specs import model_spec
from xrdsym.encoding.encoder import encoder_of
from xrdsym.training.optimisation import compile_network

if TYPE_CHECKING:
    from xrdsym.config.schema import Params
    from xrdsym.models.networks.cache import NetworkCache

TIMED_STEPS = 6
"""Training steps with which the rate is measured, after two that compile."""
VALIDATION_COST = 0.35
"""The time of a validation input, in training inputs."""
SCORING_SECONDS = 6.0
"""Of a trial after its last epoch: what it is scored and stored with."""
WIDTH_EXPONENT = 0.65
"""How the time of MobileNetV2 grows with its width on a processor; measured between 0.35 and 1.0."""
BASELINE_SECONDS = 0.02
"""Of a training structure of a baseline, its features included; a bound rather than a measurement."""


@dataclass(frozen=True)
class Rate:
    """How long a model takes on this machine.

    Attributes:
        an_input: Seconds of a training input.
        set_up: Seconds until the first step is done, most of it spent compiling; every trial compiles.
    """

    an_input: float
    set_up: float


def measured_rate(params: Params, classes: int, networks: NetworkCache) -> Rate:
    """The training rate of this machine for a model, measured on blank inputs; of a baseline a bound.

    Args:
        params: Which model, and of what size.
        classes: Number of classes.
        networks: Networks that this process has compiled already.

    Raises:
        UsageError: There can be no such network.
    """
    if not model_spec(params.train.model).network:
        return Rate(BASELINE_SECONDS, 0.0)
    import keras

    encoder, size = encoder_of(params), params.train.batch_size
    settings = dataclasses.replace(params.train, weights="none")
    started = time.perf_counter()
    network = networks.network(encoder.shape[0], classes, settings)
    compile_network(network, settings, head_only=False, steps=1)
    blank = np.zeros((size, *encoder.shape), dtype=encoder.dtype)
    one_hot = np.eye(classes, dtype=np.float32)[np.arange(size) % classes]
    inputs = keras.ops.convert_to_tensor(blank), keras.ops.convert_to_tensor(one_hot)
    for _ in range(2):
        network.train_on_batch(*inputs)
    compiled = time.perf_counter()
    for _ in range(TIMED_STEPS):
        network.train_on_batch(*inputs)
    return Rate((time.perf_counter() - compiled) / (TIMED_STEPS * size), compiled - started)


def relative_cost(params: Params, reference: Params) -> float:
    """How much longer an input takes than one of the reference: by its side and width, or by its points.

    Args:
        params: Of a trial with the model of the reference.
        reference: Those with which the rate was measured.
    """
    reads = model_spec(params.train.model).input
    if reads == "features":
        return 1.0
    if reads == "profile":
        return params.profile.grid.points / reference.profile.grid.points
    area = (params.images.side / reference.images.side) ** 2
    return float(area * (params.train.alpha / reference.train.alpha) ** WIDTH_EXPONENT)
