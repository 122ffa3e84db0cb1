from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from xrdsym.config.input_settings import input_settings
from xrdsym.config.params_file import load_params
from xrdsym.config.schema import Params


@pytest.fixture
def params(project_root: Path) -> Params:
    return load_params(project_root / "presets" / "embedded.yaml")


def with_model(params: Params, model: str, *, colormap: str = "viridis", sigma: float = 5.0) -> Params:
    return replace(
        params,
        train=replace(params.train, model=model, input="images" if model == "mobilenetv2" else "peaks"),
        images=replace(params.images, colormap=colormap),
        profile=replace(params.profile, sigma=sigma),
    )


@pytest.mark.parametrize(
    ("model", "colormap_matters", "sigma_matters"),
    [("mobilenetv2", True, True), ("resnet1d", False, True), ("boosted_trees", False, False)],
)
def test_only_what_a_model_reads_changes_its_inputs(
    params: Params, model: str, colormap_matters: bool, sigma_matters: bool
) -> None:
    before = input_settings(with_model(params, model))
    assert (input_settings(with_model(params, model, colormap="gray")) != before) is colormap_matters
    assert (input_settings(with_model(params, model, sigma=3.0)) != before) is sigma_matters
    assert (
        input_settings(replace(with_model(params, model), train=replace(params.train, model=model, epochs=99)))
        | {"source": before["source"]}
        == before
    )
