"""What a storage holds of a study, also where an earlier version wrote it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import optuna
import pytest

from xrdsym.config.presets import apply_preset, preset_path
from xrdsym.studies.definition import load_study
from xrdsym.studies.record import BEGUN, compared, what_changed
from xrdsym.studies.storage import open_storage, stored_studies


@pytest.fixture(scope="module")
def begun(project_root: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """With which baseline and data each study of the shipped journal was begun, by version 0.1.0."""
    journal = shutil.copy(project_root / "studies" / "paper.journal", tmp_path_factory.mktemp("journal"))
    storage = open_storage(journal)
    return {
        name: optuna.load_study(study_name=name, storage=storage).user_attrs[BEGUN] for name in stored_studies(storage)
    }


def test_studies_that_an_earlier_version_began_go_on(begun: dict[str, Any], project_root: Path, tmp_path: Path) -> None:
    params = Path(shutil.copy(project_root / "params.yaml", tmp_path))
    apply_preset(preset_path(project_root, "paper-local"), params)
    assert len(begun) == 20
    for name, before in begun.items():
        study = load_study(project_root, name, {"train.weights": "imagenet"}, params)
        assert what_changed(name, before, {"baseline": compared(study), "data": before["data"]}) == ""
        narrow = load_study(project_root, name, {"train.weights": "imagenet", "profile.sigma": 3.0}, params)
        other = {"baseline": compared(narrow), "data": before["data"] | {"split": "0"}}
        text = what_changed(name, before, other)
        assert "  profile.sigma: 5.0 → 3.0\n  data/split: another table\n" in text


def test_old_names_and_missing_parameters_of_a_baseline_change_nothing() -> None:
    before = {"baseline": {"effects": {"judged": True}, "profile": {"step": 0.5}}, "data": {}}
    now = {"baseline": {"effects": {"in_evaluation": True}, "profile": {"points": 181, "step": None}}, "data": {}}
    assert what_changed("mine", before, now) == ""
