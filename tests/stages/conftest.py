"""The project, reproduced once for the tests of a module; a network small enough to be trained by them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from repository import Repository, make_repository

if TYPE_CHECKING:
    from pathlib import Path

    import keras


@pytest.fixture(scope="module")
def reproduced(tmp_path_factory: pytest.TempPathFactory, project_root: Path) -> Repository:
    """A repository in which `dvc repro` has run once and its results are committed."""
    repository = make_repository(project_root, tmp_path_factory.mktemp("project"))
    repository.run("dvc", "repro")
    repository.run("git", "add", "--all")
    repository.run("git", "commit", "--quiet", "--message", "Results")
    return repository


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
