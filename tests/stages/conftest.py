"""A network small enough to be trained by tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import keras


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """A network that is compiled in a second in the place of MobileNetV2."""
    import keras

    from xrdsym.training.optimisation import BACKBONE

    def build(side: int, classes: int, _params: object) -> keras.Model:
        pixels = keras.Input((side, side, 3), dtype="uint8")
        backbone = keras.Sequential(
            [keras.Input((side, side, 3)), keras.layers.Conv2D(4, 8, strides=8), keras.layers.Flatten()], name=BACKBONE
        )
        features = backbone(keras.layers.Rescaling(1 / 255)(pixels))
        return keras.Model(pixels, keras.layers.Dense(classes, activation="softmax")(features))

    monkeypatch.setattr("xrdsym.models.networks.cache.build", build)
