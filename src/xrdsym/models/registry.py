"""Which class trains and reads the models of a name."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from xrdsym.config.model_specs import model_spec
from xrdsym.models.network import Network

if TYPE_CHECKING:
    from xrdsym.models.protocol import Classifier


def classifier_type(name: str) -> type[Classifier]:
    """The class that trains and reads models of a name.

    Raises:
        UsageError: There is no model of this name.
    """
    spec = model_spec(name)
    if spec.network:
        return Network
    module, _, attribute = spec.implementation.rpartition(".")
    found: type[Classifier] = getattr(import_module(f"xrdsym.models.{module}"), attribute)
    return found
