"""Parameters → data/inputs.json: what the model's inputs are made with, so that no other parameter remakes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xrdsym.common.files import write_json
from xrdsym.config.input_settings import input_settings

if TYPE_CHECKING:
    from xrdsym.config.paths import Paths
    from xrdsym.config.schema import Params


def run(paths: Paths, params: Params) -> None:
    """Write the settings; a colormap is none of them for a model on features or profiles."""
    settings = input_settings(params)
    write_json(paths.inputs, settings)
    print(f"inputs: {settings['kind']} from {settings['source']}")
