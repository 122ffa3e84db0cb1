"""Fixtures shared by all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

from repository import Repository, make_repository

# a shared machine stalls now and then; what a law says does not depend on the time it takes to check it
settings.register_profile("xrdsym", deadline=None)
settings.load_profile("xrdsym")

PROJECT_ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def project_root() -> Path:
    """The root of the checkout that the tests run in."""
    return PROJECT_ROOT


def shared_folder(name: str, content: str) -> Path:
    """A folder beside the checkout, or the one that a variable names; without its content the test is skipped."""
    variable = f"XRDSYM_SHARED_{name.upper()}"
    folder = Path(os.environ.get(variable, PROJECT_ROOT.parent / "shared" / name))
    if not (folder / content).exists():
        pytest.skip(f"no {name} at {folder} (set {variable} to their folder)")
    return folder


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real structures and patterns beside the checkout; the test is skipped where it is absent."""
    return shared_folder("data", "mp")


@pytest.fixture(scope="session")
def shared_cases() -> Path:
    """The folder of inputs that were once answered wrongly; the test is skipped where it is absent."""
    return shared_folder("cases", "README.md")


@pytest.fixture(scope="module")
def reproduced(tmp_path_factory: pytest.TempPathFactory, project_root: Path) -> Repository:
    """A repository in which `dvc repro` has run once and its results are committed."""
    repository = make_repository(project_root, tmp_path_factory.mktemp("project"))
    repository.run("dvc", "repro")
    repository.run("git", "add", "--all")
    repository.run("git", "commit", "--quiet", "--message", "Results")
    return repository
