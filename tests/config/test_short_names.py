from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from params_of import preset_content
from xrdsym.config.short_names import SHORT_NAMES, short_name, short_setting


def names(content: Mapping[str, Any], before: str = "") -> Iterator[str]:
    for name, value in content.items():
        if isinstance(value, dict):
            yield from names(value, f"{before}{name}.")
        else:
            yield f"{before}{name}"


def test_no_two_parameters_share_a_short_name() -> None:
    every = list(names(preset_content()))
    assert set(SHORT_NAMES) <= set(every)
    assert [name for name, count in Counter(map(short_name, every)).items() if count > 1] == []


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("profile.sigma", 3.0, "σ=3"),
        ("profile.sigma", 0.5, "σ=0.5"),
        ("images.colormap", "gray", "colormap=gray"),
        ("split.by", "random", "split=random"),
        ("target.name", "space_group", "target=space_group"),
        ("train.limit", None, "limit=null"),
        ("train.limit", 10000, "limit=10000"),
        ("train.oversample", True, "oversample=true"),
        ("train.learning_rate", 0.0001, "learning_rate=0.0001"),
        ("train.learning_rate", 0.00451423, "learning_rate=0.004514"),
        ("profile.step", 0.020024420024420026, "step=0.02002"),
        ("effects.noise", [0.01, 1.0], "noise=[0.01, 1]"),
        ("effects.strain", 1e-07, "strain=1e-07"),
    ],
)
def test_a_setting_in_a_few_letters(name: str, value: object, text: str) -> None:
    assert short_setting(name, value) == text
