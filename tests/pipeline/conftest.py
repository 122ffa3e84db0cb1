"""The project, reproduced once for all tests of the pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from repository import Repository, make_repository

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def reproduced(tmp_path_factory: pytest.TempPathFactory, project_root: Path) -> Repository:
    """A repository in which `dvc repro` has run once and its results are committed."""
    repository = make_repository(project_root, tmp_path_factory.mktemp("project"))
    repository.run("dvc", "repro")
    repository.run("git", "add", "--all")
    repository.run("git", "commit", "--quiet", "--message", "Results")
    return repository
