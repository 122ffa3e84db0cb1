"""Labels of the answer's figures."""

from __future__ import annotations

import pytest

from research.why54.figures import LONGEST_LABEL, _short


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("baseline", "baseline"),
        ("profile.scale=log, images.side=96", "scale=log, side=96"),
        ("profile.scale = log", "scale = log"),
        ("profile.step=0.020024420024420026, profile.sigma=1.5", "step=0.02002, sigma=1.5"),
        ("a.b=1, a.c=2, a.d=3, a.e=4, a.f=5", "5 changes together"),
        ("train.weights=" + "x" * 60, f"weights={'x' * (LONGEST_LABEL - 9)}…"),
    ],
)
def test_a_label_fits(name: str, label: str) -> None:
    assert _short(name) == label
    assert len(_short(name)) <= LONGEST_LABEL
