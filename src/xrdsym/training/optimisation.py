"""How a network learns: which layers, by which optimizer, at which rate, on which loss."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal
from weakref import WeakKeyDictionary

import keras

from xrdsym.common.errors import UsageError
from xrdsym.training.batchnorm import batchnorm_layers
from xrdsym.training.weighting import loss_function

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from xrdsym.config.schema import TrainParams

BACKBONE = "backbone"
"""Name of the layer that holds all of a network before its new top, so that training can keep it fixed."""
SGD_MOMENTUM = 0.9
_compiled: WeakKeyDictionary[keras.Model, tuple[tuple[object, ...], list[NDArray[Any]]]] = WeakKeyDictionary()
"""How each network was last compiled, and the first state of its optimizer."""


def compile_network(network: keras.Model, params: TrainParams, *, head_only: bool, steps: int) -> None:
    """Choose the layers that learn, and compile with a new optimizer, its variables built.

    A network that was last compiled in the same way keeps its compiled functions, because compiling takes ten seconds;
    its optimizer starts again from its first state.

    Args:
        network: Has a layer called `BACKBONE` where the top is to learn alone.
        params: Optimizer, learning rate, schedule, loss, BatchNorm.
        head_only: Only what comes after the backbone learns, at a constant rate.
        steps: Training steps until the end, over which the cosine falls.

    Raises:
        UsageError: The top is to learn alone, and the network does not say which layers are its top.
    """
    cosine = params.schedule == "cosine" and not head_only
    settings = (params.batchnorm, params.optimizer, params.learning_rate, cosine and steps, params.loss, head_only)
    known_settings, first = _compiled.get(network, (None, []))
    if settings == known_settings:
        for variable, value in zip(network.optimizer.variables, first, strict=True):
            variable.assign(value)
        return
    _set_trainable(network, params, head_only=head_only)
    if params.batchnorm == "frozen":
        for layer in batchnorm_layers(network):
            layer.trainable = False
    rate: float | keras.optimizers.schedules.LearningRateSchedule = params.learning_rate
    if cosine:
        rate = keras.optimizers.schedules.CosineDecay(params.learning_rate, decay_steps=steps)
    optimizers: dict[str, Callable[[], keras.optimizers.Optimizer]] = {
        "adam": lambda: keras.optimizers.Adam(rate),
        "adamw": lambda: keras.optimizers.AdamW(rate),
        "sgd": lambda: keras.optimizers.SGD(rate, momentum=SGD_MOMENTUM),
        "rmsprop": lambda: keras.optimizers.RMSprop(rate),
    }
    network.compile(
        optimizer=optimizers[params.optimizer](),
        loss=loss_function(params.loss),
        metrics=["accuracy"],
        jit_compile=_jit_compile(),
    )
    network.optimizer.build(network.trainable_variables)
    _compiled[network] = settings, [variable.numpy() for variable in network.optimizer.variables]


def _set_trainable(network: keras.Model, params: TrainParams, *, head_only: bool) -> None:
    backbone = next((layer for layer in network.layers if layer.name == BACKBONE), None)
    if backbone is not None:
        backbone.trainable = not head_only
    elif head_only:
        msg = (
            f"train.head_epochs: {params.head_epochs}: {params.model} has no layer called `{BACKBONE}`, so that its "
            f"top cannot learn alone. Set train.head_epochs: 0, or put all layers before the top into one keras.Model "
            f"called `{BACKBONE}`."
        )
        raise UsageError(msg)


def _jit_compile() -> Literal["auto", False]:
    """Whether to compile by XLA; TensorFlow's XLA makes the depthwise convolutions eight times slower on a CPU."""
    if keras.backend.backend() != "tensorflow":
        return "auto"
    return "auto" if any(not name.startswith("cpu") for name in keras.distribution.list_devices()) else False
