from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from params_of import preset_params
from xrdsym.config.nearest_preset import nearest_preset
from xrdsym.config.presets import preset_names
from xrdsym.config.schema import Params


def test_a_preset_is_nearest_to_itself(project_root: Path) -> None:
    for name in preset_names(project_root):
        nearest = nearest_preset(preset_params(name), project_root)
        assert nearest.preset in {name, f"embedded + {name}"}
        assert (nearest.text, nearest.name) == ("", nearest.preset)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"sigma": 3.0}, "σ=3"),
        ({"sigma": 3.0, "scale": "sqrt"}, "σ=3, scale=sqrt"),
        ({"sigma": 3.0, "scale": "sqrt", "two_theta_min": 5.0, "two_theta_max": 80.0}, "and 1 more"),
    ],
)
def test_a_run_is_called_after_what_differs(project_root: Path, changes: dict[str, object], text: str) -> None:
    params = preset_params("paper")
    changed = dataclasses.replace(params, profile=dataclasses.replace(params.profile, **changes))
    nearest = nearest_preset(changed, project_root)
    assert nearest.preset == "paper"
    assert nearest.name == nearest.text
    assert nearest.text.endswith(text)


def test_how_a_model_is_scored_and_where_files_lie_does_not_count(project_root: Path) -> None:
    params = preset_params("paper-local")
    files = dataclasses.replace(params.structures.files, path="elsewhere/*.cif")
    changed = dataclasses.replace(
        params,
        structures=dataclasses.replace(params.structures, files=files),
        evaluate=dataclasses.replace(params.evaluate, part="test"),
    )
    assert nearest_preset(changed, project_root).name == "paper-local"


def test_without_presets_the_defaults_are_nearest(tmp_path: Path) -> None:
    assert nearest_preset(Params(), tmp_path).name == "defaults"
    (tmp_path / "presets").mkdir()
    (tmp_path / "presets" / "broken.yaml").write_text("train: {epochs: [}")
    assert nearest_preset(Params(), tmp_path).name == "defaults"
