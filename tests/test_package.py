"""What is installed: the package, without the one-off studies beside it."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

from setuptools import find_packages
from setuptools.config.pyprojecttoml import read_configuration

if TYPE_CHECKING:
    from pathlib import Path


def test_the_package_is_installed_without_research(project_root: Path) -> None:
    options = tomllib.loads((project_root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"][
        "packages"
    ]
    (where,) = options["find"]["where"]
    found = find_packages(str(project_root / where))
    assert {name.split(".")[0] for name in found} == {"xrdsym"}
    rooms = {path.parent.relative_to(project_root / where) for path in (project_root / where).rglob("__init__.py")}
    assert set(found) == {".".join(room.parts) for room in rooms}
    assert (project_root / "research" / "__init__.py").is_file()


def test_data_files_that_the_package_names_are_there(project_root: Path) -> None:
    configuration = read_configuration(project_root / "pyproject.toml", expand=False)
    patterns = configuration["tool"]["setuptools"]["package-data"]["xrdsym"]
    for pattern in patterns:
        assert list((project_root / "src" / "xrdsym").glob(pattern)), pattern
