"""Building blocks of the networks on profiles: input, backbone, output."""

from __future__ import annotations

from typing import TYPE_CHECKING

import keras

from xrdsym.common.errors import UsageError
from xrdsym.training.optimisation import BACKBONE

if TYPE_CHECKING:
    from collections.abc import Iterable


def require_points(architecture: str, points: int, fewest: int) -> None:
    """Refuse a profile that is too short for an architecture.

    Args:
        architecture: Name of the architecture, for the message.
        points: Number of points of the profiles.
        fewest: The smallest number of points that the architecture accepts.

    Raises:
        UsageError: There are too few points.
    """
    if points < fewest:
        msg = (
            f"profile: {points} points: {architecture} needs {fewest} points or more. "
            "Make profile.step smaller, or profile.two_theta_min to profile.two_theta_max wider."
        )
        raise UsageError(msg)


def backbone_of(points: int, layers: Iterable[keras.layers.Layer]) -> keras.Sequential:
    """The layers one after another on a profile of one channel, called `BACKBONE`.

    Args:
        points: Number of points of the profiles.
        layers: Layers on float32 (batch, points, 1) and what follows from it.

    Returns:
        Input float32 (batch, points).
    """
    return keras.Sequential([keras.Input((points,)), keras.layers.Reshape((points, 1)), *layers], name=BACKBONE)


def network_of(name: str, points: int, backbone: keras.Model, top: Iterable[keras.layers.Layer]) -> keras.Model:
    """A network on profiles: its backbone, then its top, whose last layer gives the probabilities.

    Args:
        name: Name of the network.
        points: Number of points of the profiles.
        backbone: From float32 (batch, points) to features.
        top: From those features to the probabilities of the classes.

    Returns:
        Input float32 (batch, points), output float32 (batch, classes).
    """
    profile = keras.Input((points,), dtype="float32", name="profile")
    outcome = backbone(profile)
    for layer in top:
        outcome = layer(outcome)
    return keras.Model(profile, outcome, name=name)


def probabilities(classes: int) -> keras.layers.Layer:
    """The last layer of a classifier: dense, softmax."""
    return keras.layers.Dense(classes, activation="softmax", name="probabilities")
