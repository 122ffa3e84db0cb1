"""The part of the parameters that decides what a model reads."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from xrdsym.config.model_specs import model_spec

if TYPE_CHECKING:
    from xrdsym.config.schema import Params

SECTIONS_OF = {"images": ("profile", "images"), "profile": ("profile",), "features": ()}
"""The sections of `params.yaml` that each kind of input depends on: features are of all peaks, whatever the profile."""


def input_settings(params: Params) -> dict[str, Any]:
    """What the inputs of the model are made with; a parameter that is not in here changes none of them.

    Returns:
        `kind` (images, profile or features), `source` (the image folder, or the peaks), and the sections of
        `params.yaml` that the kind depends on.
    """
    kind = model_spec(params.train.model).input
    sections = {name: dataclasses.asdict(getattr(params, name)) for name in SECTIONS_OF[kind]}
    return {"kind": kind, "source": params.input_source, **sections}
