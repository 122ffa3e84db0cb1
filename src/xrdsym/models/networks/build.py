"""A new network of the architecture that `train.model` names."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from xrdsym.common.errors import UsageError
from xrdsym.config.model_specs import model_spec

if TYPE_CHECKING:
    import keras

    from xrdsym.config.schema import TrainParams


def build(size: int, classes: int, params: TrainParams) -> keras.Model:
    """A new network of the architecture `params.model`, not compiled.

    Each module of networks has `build(size, classes, params) -> keras.Model`, whose output are the probabilities of
    the classes, float32 (batch, classes). Images are uint8 and scaled inside the network. Where training is to begin
    with a new top alone (`train.head_epochs`), all that comes before it is one layer called `BACKBONE`.

    Args:
        size: Height and width of the images in pixels, or the number of points of the profiles.
        classes: Number of classes.
        params: The architecture and what decides its shape and first weights.

    Raises:
        UsageError: There is no such architecture, or it cannot take such a size, width or weights.
        XrdsymError: The weights cannot be fetched or read.
    """
    spec = model_spec(params.model)
    if not spec.network:
        msg = f"train.model: {params.model} is a baseline: it is fitted, not built"
        raise UsageError(msg)
    if spec.input == "profile" and params.weights != "none":
        msg = f"train.weights: {params.weights}: {params.model} starts from none. Set train.weights=none."
        raise UsageError(msg)
    module, _, function = spec.implementation.rpartition(".")
    network: keras.Model = getattr(import_module(f"xrdsym.models.{module}"), function)(size, classes, params)
    if not network.built or tuple(network.output_shape) != (None, classes):
        received = tuple(network.output_shape) if network.built else "unknown: it lacks a keras.Input"
        msg = (
            f"train.model: {params.model}: expected a network with output (None, {classes}), one probability a class, "
            f"received {received}. Mend {spec.implementation}."
        )
        raise UsageError(msg)
    return network
