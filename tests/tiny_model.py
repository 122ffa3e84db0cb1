"""A small network with random weights and the recipe beside it, as training would leave them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from params_of import preset_params
from xrdsym.crystal.symmetry import CRYSTAL_SYSTEMS
from xrdsym.encoding.recipe import Recipe, recipe_of, write_recipe

if TYPE_CHECKING:
    from pathlib import Path

SIDE = 32


def tiny_recipe(**sections: dict[str, Any]) -> Recipe:
    """The recipe of the project's parameters with a small side and the given keys of the given sections."""
    recipe = recipe_of(preset_params(), {}, {}, CRYSTAL_SYSTEMS)
    recipe = replace(recipe, images=replace(recipe.images, side=SIDE))
    changed = {name: replace(getattr(recipe, name), **values) for name, values in sections.items()}
    return replace(recipe, **changed)


def save_tiny_model(folder: Path, recipe: Recipe, outputs: int = 7) -> Path:
    """Write `model.keras`, whose answers depend on every pixel, and `recipe.json`."""
    import keras

    keras.utils.set_random_seed(1)
    pixels = keras.Input((SIDE, SIDE, 3), dtype="uint8")
    values = keras.layers.Flatten()(keras.layers.Rescaling(1 / 127.5, -1)(pixels))
    kernel = np.random.default_rng(0).normal(0, 0.3, (SIDE * SIDE * 3, outputs))
    top = keras.layers.Dense(outputs, activation="softmax")
    network = keras.Model(pixels, top(values))
    top.set_weights([kernel, np.zeros(outputs)])
    folder.mkdir(parents=True, exist_ok=True)
    network.save(folder / "model.keras")
    write_recipe(folder, recipe)
    return folder
