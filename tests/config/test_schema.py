"""The sections of `params.yaml`: defaults, the grid, the source of inputs, the JSON Schema."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from xrdsym.augmentation.effects import EFFECTS
from xrdsym.config.model_specs import MODEL_SPECS
from xrdsym.config.presets import SCHEMA_FILE, write_schema
from xrdsym.config.schema import EffectsParams, Params, ProfileParams, params_schema
from xrdsym.crystal.targets.definitions import TARGETS


@pytest.mark.parametrize(
    ("points", "step"), [(4096, 0.020024420024420026), (8192, 0.010010987669393236), (8201, 0.01), (83, 1.0)]
)
def test_points_give_the_step_to_the_last_digit(points: int, step: float) -> None:
    by_points = ProfileParams(two_theta_min=8.0, points=points)
    by_step = ProfileParams(two_theta_min=8.0, step=step)
    assert by_points.resolved_step == by_step.resolved_step == step
    assert by_points.grid == by_step.grid
    assert by_points.grid.points == points


def test_step_and_points_exclude_each_other() -> None:
    assert ProfileParams().step == 0.01
    assert ProfileParams(points=91).step is None
    with pytest.raises(ValidationError, match="both given"):
        ProfileParams(step=0.5, points=181)
    with pytest.raises(ValidationError, match="neither step nor points"):
        ProfileParams(step=None)


@pytest.mark.parametrize("model", MODEL_SPECS)
@pytest.mark.parametrize("effects", [EffectsParams(), EffectsParams(strain=0.1)])
def test_each_model_knows_what_it_reads(model: str, effects: EffectsParams) -> None:
    params = Params(train=dataclasses.replace(Params().train, model=model), effects=effects)
    on_images = MODEL_SPECS[model].input == "images" and not effects.on
    assert params.input_source == ("images" if on_images else "peaks")
    for given in ("images", "peaks"):
        assert dataclasses.replace(params, train=dataclasses.replace(params.train, input=given)).input_source == given


def test_the_schema_for_editors_is_that_of_the_parameters(project_root: Path, tmp_path: Path) -> None:
    (tmp_path / "presets").mkdir()
    written = write_schema(tmp_path)
    assert written.name == SCHEMA_FILE
    shipped = project_root / "presets" / SCHEMA_FILE
    assert shipped.read_text() == written.read_text(), "run `xrdsym preset schema`"
    line = "# yaml-language-server: $schema=presets/params.schema.json"
    assert (project_root / "params.yaml").read_text().splitlines()[0] == line


def test_the_schema_has_every_parameter_with_its_default_and_its_words() -> None:
    schema = json.loads(json.dumps(params_schema()))

    def section(entry: dict[str, Any]) -> dict[str, Any]:
        return schema["$defs"][entry["$ref"].rpartition("/")[2]]

    assert schema["additionalProperties"] is False
    for field in dataclasses.fields(Params):
        own = section(schema["properties"][field.name])
        assert own["additionalProperties"] is False
        assert set(own["properties"]) == {one.name for one in dataclasses.fields(getattr(Params(), field.name))}
        for name, entry in own["properties"].items():
            assert "$ref" in entry or entry["description"], f"{field.name}.{name}"
    train = section(schema["properties"]["train"])["properties"]
    assert train["model"]["enum"] == list(MODEL_SPECS)
    assert train["epochs"]["maximum"] == 100_000
    assert section(schema["properties"]["target"])["properties"]["name"]["enum"] == list(TARGETS)
    assert set(section(schema["properties"]["effects"])["properties"]) == {*EFFECTS, "in_evaluation"}
