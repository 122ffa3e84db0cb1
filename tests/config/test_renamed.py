from __future__ import annotations

from pathlib import Path

import pytest

from xrdsym.common.errors import UsageError
from xrdsym.config.params_file import load_params, params_from
from xrdsym.config.presets import apply_preset, preset_path
from xrdsym.config.renamed import with_new_dotted_names, with_new_names


def test_an_old_name_means_the_new_one() -> None:
    assert params_from({"effects": {"judged": True}}).effects.in_evaluation
    assert with_new_names({"effects": {"strain": 0.1, "judged": True}, "train": {}}) == {
        "effects": {"strain": 0.1, "in_evaluation": True},
        "train": {},
    }
    assert with_new_dotted_names({"effects.judged": False, "train.seed": 1}) == {
        "effects.in_evaluation": False,
        "train.seed": 1,
    }


def test_an_old_name_beside_the_new_one_is_unknown() -> None:
    with pytest.raises(UsageError, match=r"effects\.judged: unknown key"):
        params_from({"effects": {"judged": True, "in_evaluation": False}})


def test_a_preset_puts_the_new_name_into_the_file_and_says_so(project_root: Path, tmp_path: Path) -> None:
    params = tmp_path / "params.yaml"
    params.write_text("effects:\n  judged: true  # a comment\n  strain: 0.0\nsplit:\n  seed: 1\n")
    assert load_params(params).effects.in_evaluation
    changes = apply_preset(preset_path(project_root, "screening"), params)
    assert "effects.judged is now effects.in_evaluation" in changes
    assert "effects.in_evaluation: True → False" in changes
    assert "judged" not in params.read_text()
    assert load_params(params).split.seed == 1
