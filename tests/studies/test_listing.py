from __future__ import annotations

import shutil
from pathlib import Path

import optuna
import pytest

from params_of import write_params
from xrdsym.studies.listing import study_rows


@pytest.fixture
def root(tmp_path: Path, project_root: Path) -> Path:
    write_params(tmp_path)
    shutil.copytree(project_root / "presets", tmp_path / "presets")
    (tmp_path / "studies").mkdir()
    shutil.copy(project_root / "studies" / "sigma.yaml", tmp_path / "studies")
    return tmp_path


def test_without_a_storage_nothing_has_been_run(root: Path) -> None:
    assert study_rows(root, None) == [("sigma", "9 trials", "not run", "peaks drawn too wide or too narrow")]


def test_what_others_have_left_in_a_storage_is_listed(root: Path) -> None:
    storage = f"sqlite:///{root}/other.db"
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    optuna.create_study(study_name="theirs", storage=storage).optimize(lambda trial: trial.suggest_float("x", 0, 1), 1)
    optuna.create_study(study_name="sigma", storage=storage)
    states = {name: state for name, _, state, _ in study_rows(root, storage)}
    assert states == {"sigma": "no trial yet", "theirs": "of another program"}
