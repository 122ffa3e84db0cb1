"""Recipes that were written once are read for good."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from xrdsym.augmentation.parameters import EffectsParams
from xrdsym.common.errors import XrdsymError
from xrdsym.config.schema import Params
from xrdsym.encoding.recipe import FILE_NAME, RECIPE_SECTIONS, pattern_type, read_recipe, recipe_of, write_recipe

FROZEN = Path(__file__).parent / "recipes-0.1.0"


def content_of(name: str) -> dict[str, Any]:
    return json.loads((FROZEN / f"{name}.json").read_text())


def written(folder: Path, content: object) -> Path:
    (folder / FILE_NAME).write_text(json.dumps(content))
    return folder


@pytest.mark.parametrize("name", ["ideal", "measured", "network"])
def test_a_recipe_of_0_1_0_says_what_it_said(name: str, tmp_path: Path) -> None:
    recipe = read_recipe(written(tmp_path, content_of(name)))
    before, after = content_of(name), json.loads(json.dumps(dataclasses.asdict(recipe)))
    assert before.pop("track") == recipe.pattern_type == ("measured" if name == "measured" else "ideal")
    before["effects"]["in_evaluation"] = before["effects"].pop("judged")
    for section, values in before.items():
        if section in RECIPE_SECTIONS:
            # what has been added since has its default
            assert values == {key: after[section][key] for key in values}
        else:
            assert values == after[section]


def test_a_recipe_is_written_under_the_names_of_today(tmp_path: Path) -> None:
    recipe = read_recipe(written(tmp_path, content_of("measured")))
    write_recipe(tmp_path, recipe)
    content = json.loads((tmp_path / FILE_NAME).read_text())
    assert content["pattern_type"] == "measured"
    assert "track" not in content
    assert content["effects"]["in_evaluation"] is True
    assert "judged" not in content["effects"]
    assert read_recipe(tmp_path) == recipe


def test_a_parameter_that_a_recipe_lacks_has_its_default(tmp_path: Path) -> None:
    content = content_of("network")
    for section in RECIPE_SECTIONS:
        content[section].popitem()
    recipe = read_recipe(written(tmp_path, content))
    assert recipe.train.seed == Params().train.seed
    assert recipe.profile.scale == Params().profile.scale


def test_an_unknown_parameter_is_named_with_the_version_that_wrote_it(tmp_path: Path) -> None:
    content = content_of("network")
    content["train"]["label_smoothing"] = 0.1
    content["versions"]["xrdsym"] = "7.3"
    with pytest.raises(XrdsymError) as raised:
        read_recipe(written(tmp_path, content))
    text = str(raised.value)
    assert "train.label_smoothing: unknown key" in text
    assert "written by xrdsym 7.3" in text
    assert "use the xrdsym that wrote it" in text
    del content["versions"]["xrdsym"]
    with pytest.raises(XrdsymError, match="written by xrdsym of an unknown version"):
        read_recipe(written(tmp_path, content))


@pytest.mark.parametrize("content", [[], None, 3, {}, {"versions": 3}])
def test_what_is_no_recipe_is_refused(content: object, tmp_path: Path) -> None:
    with pytest.raises(XrdsymError, match="is no recipe that this xrdsym reads"):
        read_recipe(written(tmp_path, content))


def test_a_recipe_of_another_schema_version_is_refused(tmp_path: Path) -> None:
    with pytest.raises(XrdsymError, match="has schema version 9"):
        read_recipe(written(tmp_path, content_of("ideal") | {"schema_version": 9}))


def test_a_recipe_survives_the_file(tmp_path: Path) -> None:
    params = Params(effects=EffectsParams(caglioti=((0.0, 0.1), (-0.1, 0.0), (0.1, 0.2)), noise=(0.01, 0.02)))
    recipe = recipe_of(params, {"peaks": "a"}, {"xrdsym": "1"}, ("cubic", "trigonal"))
    write_recipe(tmp_path, recipe)
    assert read_recipe(tmp_path) == recipe


def test_a_strained_structure_has_an_ideal_pattern() -> None:
    assert pattern_type(EffectsParams()) == pattern_type(EffectsParams(strain=0.1)) == "ideal"
    assert pattern_type(EffectsParams(strain=0.1, kalpha2=True)) == "measured"
