"""The model card and the data card of a working tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xrdsym.common.errors import XrdsymError
from xrdsym.release.content import data_words, released_models
from xrdsym.release.data_card import data_card
from xrdsym.release.model_card import model_card

if TYPE_CHECKING:
    from xrdsym.config.paths import Paths


def cards(paths: Paths) -> dict[str, str]:
    """The cards of the released models, file name to text.

    Raises:
        XrdsymError: No model is released, or a file of one is missing or broken.
    """
    models = released_models(paths)
    if not models:
        msg = (
            f"no model is released in {paths.models}. Release one with `xrdsym release MODEL --as ideal --scores test`."
        )
        raise XrdsymError(msg)
    return {"MODEL_CARD.md": model_card(models), "DATA_CARD.md": data_card(models, data_words(paths))}
