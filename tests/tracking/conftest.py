"""A project with an empty MLflow store."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from mlflow import MlflowClient

from xrdsym.config.paths import Paths

LOCK = """schema: '2.0'
stages:
  labels:
    cmd: xrdsym stage labels
    outs:
    - {path: data/labels.parquet, hash: md5, md5: '11111111111111111111111111111111', size: 10}
    - {path: data/labels.json, hash: md5, md5: '22222222222222222222222222222222', size: 10}
  images:
    cmd: xrdsym stage images
    outs:
    - {path: data/images, hash: md5, md5: '33333333333333333333333333333333.dir', size: 10, nfiles: 2}
"""


@pytest.fixture(autouse=True)
def quiet_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MLFLOW_TRACKING_URI", "DVC_EXP_NAME", "DVC_EXP_BASELINE_REV", "DVC_STAGE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An MLflow database with all its tables, made once because that takes seconds."""
    path = tmp_path_factory.mktemp("store") / "mlflow.db"
    MlflowClient(tracking_uri=f"sqlite:///{path}").search_experiments()
    return path


@pytest.fixture
def paths(tmp_path: Path, empty_store: Path) -> Paths:
    root = tmp_path / "project"
    root.mkdir()
    (root / "dvc.yaml").touch()
    (root / "dvc.lock").write_text(LOCK)
    shutil.copy(empty_store, root / "mlflow.db")
    return Paths(root)
