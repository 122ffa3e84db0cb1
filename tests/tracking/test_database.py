"""The database of the store after a kill in the middle of its creation."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from xrdsym.common.errors import XrdsymError
from xrdsym.config.paths import Paths
from xrdsym.tracking.database import create_once, database_file
from xrdsym.tracking.mlflow_store import open_client


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("sqlite:////a/b.db", Path("/a/b.db")),
        ("sqlite:///", None),
        ("http://127.0.0.1:5000", None),
        ("postgresql://host/name", None),
        ("/a/mlruns", None),
    ],
)
def test_only_a_database_file_is_created_here(uri: str, expected: Path | None) -> None:
    assert database_file(uri) == expected


def test_a_kill_during_the_creation_leaves_no_database(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from xrdsym.config.paths import Paths\n"
        "from xrdsym.tracking.mlflow_store import open_client; open_client(Paths(Path(sys.argv[1])))"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stderr=subprocess.DEVNULL)
    while not any(file.stat().st_size for file in tmp_path.glob(".mlflow-*.db")):
        assert process.poll() is None
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert not (tmp_path / "mlflow.db").exists()
    client = open_client(Paths(tmp_path))
    assert client.get_experiment_by_name("xrdsym") is not None
    assert [file.name for file in tmp_path.glob("*mlflow*")] == ["mlflow.db"]


def test_a_half_made_database_is_recognised(tmp_path: Path) -> None:
    for name in ("whole", "half #1"):
        (tmp_path / name).mkdir()
    open_client(Paths(tmp_path / "whole"))
    # MLflow opens a database once a process
    half = shutil.copy(tmp_path / "whole" / "mlflow.db", tmp_path / "half #1" / "mlflow.db")
    with closing(sqlite3.connect(half)) as connection, connection:
        # what a kill leaves: tables with some of their later columns, and no word on the version
        connection.execute("DROP TABLE alembic_version")
        connection.execute("DROP TABLE assessments")
    with pytest.raises(XrdsymError, match=r"mlflow\.db is half made and holds no run\. Delete it: the next run"):
        open_client(Paths(tmp_path / "half #1"))


def test_an_existing_database_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "mlflow.db"
    file.write_bytes(b"mine")
    create_once(file, lambda _: pytest.fail("created"))
    assert file.read_bytes() == b"mine"
