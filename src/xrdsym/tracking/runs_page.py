"""Where the runs of a project are seen in a browser, or what to do where there are none.

The project's own store is read without MLflow, whose import takes seconds.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from xrdsym.common.errors import XrdsymError
from xrdsym.config.paths import project_root
from xrdsym.tracking.database import database_file, read_only
from xrdsym.tracking.experiment import EXPERIMENT, LOCAL, VIEW, page_address
from xrdsym.tracking.store import foreign_folder, tracking_uri, without_password

if TYPE_CHECKING:
    from pathlib import Path

    from xrdsym.config.paths import Paths

SERVERS = ("http:", "https:")
NO_RUNS = (
    "MLflow has no runs yet: `dvc repro` logs one, `dvc repro --force --single-item evaluate` one of a model that was "
    "pulled."
)


@dataclass(frozen=True)
class Experiment:
    """What a store has of this project's experiment.

    Attributes:
        experiment_id: Its id in the store.
        files: Where the files of its runs belong, as a URI or a path.
        has_runs: Whether there is a run that was not deleted.
    """

    experiment_id: str
    files: str
    has_runs: bool


def runs_lines(paths: Paths) -> list[str]:
    """Say where the runs with their scores are seen, and what to do if they are not."""
    uri = tracking_uri(paths)
    file = database_file(uri)
    if file is None and not uri.startswith(SERVERS):
        return [f"The runs with their scores are in MLflow at {without_password(uri)}."]
    try:
        found = _of_server(paths) if file is None else _of_database(file)
    except XrdsymError as error:
        return [str(error)]
    if found is None or not found.has_runs:
        return [NO_RUNS]
    lines = [runs_line(paths, found.experiment_id)]
    if file is not None and (folder := foreign_folder(paths, found.files)) is not None:
        missing = "" if folder.exists() else ", which does not exist here"
        lines.append(
            f"The files of these runs belong in {folder}{missing}: the store was made in another place. Their numbers "
            f"can be read. Move it aside with `mv {file.name} old.db`, and the next run begins a new one; "
            "`mlflow ui --backend-store-uri sqlite:///old.db` shows the old one."
        )
    return lines


def runs_line(paths: Paths, experiment_id: str, view: str = VIEW, what: str = "The runs with their scores") -> str:
    """The address of a view, and the command that must run for it.

    Args:
        paths: The working tree.
        experiment_id: The id of the experiment.
        view: As for `experiment.page_address`.
        what: What is seen there.
    """
    uri = tracking_uri(paths)
    if uri.startswith(SERVERS):
        return f"{what}: {page_address(experiment_id, without_password(uri).rstrip('/'), view)}"
    own = project_root(paths) / "mlflow.db"
    store = "" if database_file(uri) == own else f" --backend-store-uri {without_password(uri)}"
    return f"{what}, while `mlflow ui{store}` runs: {page_address(experiment_id, LOCAL, view)}"


def _of_database(file: Path) -> Experiment | None:
    """The experiment in a database of MLflow's; None where there is none.

    Raises:
        XrdsymError: The file is no such database.
    """
    if not file.is_file():
        return None
    try:
        with closing(read_only(file)) as database:
            row = database.execute(
                "SELECT experiment_id, artifact_location FROM experiments WHERE name = ?", (EXPERIMENT,)
            ).fetchone()
            if row is None:
                return None
            (runs,) = database.execute(
                "SELECT EXISTS (SELECT * FROM runs WHERE experiment_id = ? AND lifecycle_stage = 'active')", row[:1]
            ).fetchone()
    except sqlite3.Error as error:
        msg = (
            f"{os.path.relpath(file)} is no database of MLflow's ({error}). Move it aside, and the next run begins a "
            "new one."
        )
        raise XrdsymError(msg) from error
    return Experiment(str(row[0]), row[1], bool(runs))


def _of_server(paths: Paths) -> Experiment | None:
    """The experiment on a tracking server; None where there is none.

    Raises:
        XrdsymError: The server does not answer.
    """
    from xrdsym.tracking.mlflow_store import find_experiment

    found = find_experiment(paths)
    return None if found is None else Experiment(*found)
