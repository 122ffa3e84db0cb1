"""Why a study cannot go on, and what its owner does then."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import optuna
import pytest
from ruamel.yaml import YAML

from params_of import write_params
from xrdsym.common.errors import UsageError
from xrdsym.studies.begun import changes_message, fixed_parameters
from xrdsym.studies.definition import load_study
from xrdsym.studies.record import BEGUN
from xrdsym.studies.storage import open_storage, stored_studies


def test_changes_are_named_one_by_one() -> None:
    before = {"baseline": {"train": {"epochs": 9, "alpha": 1.0}}, "data": {"labels": "1", "peaks": "2"}}
    now = {
        "baseline": {"train": {"epochs": 5, "alpha": 1.0}, "effects": {"noise": [0.01, 0.1]}},
        "data": {"labels": "1", "peaks": "3"},
    }
    lines = changes_message("mine", before, now).splitlines()
    changes = ["  effects.noise: None → [0.01, 0.1]", "  train.epochs: 9 → 5", "  data/peaks: another table"]
    assert lines[1:4] == changes
    assert "--storage" in lines[-1]


@pytest.fixture(scope="module")
def begun(project_root: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """With which baseline and data each study of the shipped journal was begun, by version 0.1.0."""
    journal = shutil.copy(project_root / "studies" / "paper.journal", tmp_path_factory.mktemp("journal"))
    storage = open_storage(journal)
    return {
        name: optuna.load_study(study_name=name, storage=storage).user_attrs[BEGUN] for name in stored_studies(storage)
    }


def test_studies_that_an_earlier_version_began_go_on(begun: dict[str, Any], project_root: Path, tmp_path: Path) -> None:
    params = write_params(tmp_path, "paper-local")
    assert len(begun) == 20
    for name, before in begun.items():
        study = load_study(project_root, name, {"train.weights": "imagenet"}, params)
        assert changes_message(name, before, {"baseline": fixed_parameters(study), "data": before["data"]}) == ""
        narrow = load_study(project_root, name, {"train.weights": "imagenet", "profile.sigma": 3.0}, params)
        other = {"baseline": fixed_parameters(narrow), "data": before["data"] | {"split": "0"}}
        text = changes_message(name, before, other)
        assert "  profile.sigma: 5.0 → 3.0\n  data/split: another table\n" in text


def test_old_names_and_missing_parameters_of_a_baseline_change_nothing() -> None:
    before = {"baseline": {"effects": {"judged": True}, "profile": {"step": 0.5}}, "data": {}}
    now = {"baseline": {"effects": {"in_evaluation": True}, "profile": {"points": 181, "step": None}}, "data": {}}
    assert changes_message("mine", before, now) == ""


def test_the_line_that_restores_a_baseline_does(tmp_path: Path) -> None:
    content = {"guess": "width", "budget_minutes": 5, "vary": {"profile.sigma": [9.0], "images.colormap": ["gray"]}}
    write_params(tmp_path)
    (tmp_path / "studies").mkdir()
    file = tmp_path / "studies" / "mine.yaml"
    YAML().dump(content, file)
    before = {"baseline": fixed_parameters(load_study(tmp_path, "mine")), "data": {}}
    # what `--apply-best` does
    write_params(tmp_path, profile__sigma=9.0, images__colormap="gray")
    with pytest.raises(UsageError, match=r"nothing differs from the baseline; .* its own under `set`"):
        load_study(tmp_path, "mine")
    YAML().dump(content | {"vary": {"profile.sigma": [8.0]}}, file)
    now = {"baseline": fixed_parameters(load_study(tmp_path, "mine")), "data": {}}
    text = changes_message("mine", before, now)
    assert "`set: {profile.sigma: 5.0, images.colormap: viridis}` in studies/mine.yaml" in text
    restored = YAML(typ="safe").load(text.partition("`set: ")[2].partition("`")[0])
    YAML().dump(content | {"set": restored}, file)
    study = load_study(tmp_path, "mine")
    assert changes_message("mine", before, {"baseline": fixed_parameters(study), "data": {}}) == ""
    assert len(study.points) == 3


def test_other_tables_are_nothing_that_a_file_could_restore() -> None:
    before, now = ({"baseline": {"train": {"epochs": epochs}}, "data": {"peaks": str(epochs)}} for epochs in (2, 3))
    assert "`set:" not in changes_message("mine", before, now)
