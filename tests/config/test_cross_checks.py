"""Values that are right one by one and contradict each other."""

from __future__ import annotations

import pytest

from xrdsym.common.errors import UsageError
from xrdsym.config.params_file import content_with, params_from
from xrdsym.config.schema import Params, content_of


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"profile.two_theta_min": 95.0}, "profile.two_theta_min: 95.0 is not below"),
        ({"profile.two_theta_max": 120.0}, "lies beyond peaks.two_theta_max"),
        ({"split.validation": 0.5, "split.test": 0.5}, "leave nothing to train on"),
        ({"train.head_epochs": 12}, "leaves no epoch"),
        ({"structures.sources": ["files"]}, "structures.files.path"),
        ({"structures.materials_project": {"counts": {"qubic": 3}}}, "did you mean cubic?"),
        ({"target.name": "dimensionality"}, "set labels.dimensionality: true"),
        ({"train.input": "images", "train.model": "oviedo"}, "set train.input: auto"),
        ({"train.input": "images", "effects.strain": 0.1}, "set train.input: auto, or effects.strain: 0.0"),
    ],
)
def test_a_contradiction_says_what_to_set(changes: dict[str, object], told: str) -> None:
    with pytest.raises(UsageError) as raised:
        params_from(content_with(content_of(Params()), changes))
    assert told in str(raised.value)


@pytest.mark.parametrize(
    "changes",
    [
        {"target.name": "dimensionality", "labels.dimensionality": True},
        {"train.model": "oviedo"},
        {"effects.strain": 0.1},
        {"train.input": "peaks"},
    ],
)
def test_what_goes_together_is_accepted(changes: dict[str, object]) -> None:
    params_from(content_with(content_of(Params()), changes))
