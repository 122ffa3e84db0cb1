from __future__ import annotations

from importlib import import_module
from typing import get_args

import pytest

from xrdsym.common.errors import UsageError
from xrdsym.config.model_specs import MODEL_SPECS, ModelName, model_spec
from xrdsym.models.protocol import Classifier
from xrdsym.models.registry import classifier_type


def test_the_names_are_those_of_the_table() -> None:
    assert get_args(ModelName) == tuple(MODEL_SPECS)


def test_an_unknown_name_is_refused_with_those_known() -> None:
    with pytest.raises(UsageError, match=r"train\.model: resnet: expected one of mobilenetv2, park_crystal_system"):
        model_spec("resnet")


@pytest.mark.parametrize("name", MODEL_SPECS)
def test_every_row_names_an_implementation(name: str) -> None:
    spec = MODEL_SPECS[name]
    module, _, attribute = spec.implementation.rpartition(".")
    assert callable(getattr(import_module(f"xrdsym.models.{module}"), attribute))
    found = classifier_type(name)
    assert issubclass(found, Classifier)
    assert not found.__abstractmethods__
    assert spec.suffix == (".keras" if spec.network else ".skops")
    if not spec.network:
        assert found.name == name
