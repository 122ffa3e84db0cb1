"""The project, reproduced once for the tests of a module."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from repository import Repository, make_repository

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def reproduced(tmp_path_factory: pytest.TempPathFactory, project_root: Path) -> Repository:
    """A repository in which `dvc repro` has run once and its results are committed."""
    repository = make_repository(project_root, tmp_path_factory.mktemp("project"))
    repository.run("dvc", "repro")
    repository.run("git", "add", "--all")
    repository.run("git", "commit", "--quiet", "--message", "Results")
    return repository
