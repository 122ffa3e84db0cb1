"""The settings that a recipe stores."""

import dataclasses
import json
from pathlib import Path

from xrdsym.encoding.features.settings import FeatureSettings


def test_the_names_and_defaults_are_those_of_released_recipes(project_root: Path) -> None:
    recipe = json.loads((project_root / "models" / "released" / "ideal" / "recipe.json").read_text(encoding="utf-8"))
    assert FeatureSettings(**recipe["features"]) == FeatureSettings()
    assert json.loads(json.dumps(dataclasses.asdict(FeatureSettings()))) == recipe["features"]
