"""A model for the commands to use, and structures and patterns to use it on."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest

from params_of import write_params
from tiny_model import save_tiny_model, tiny_recipe

if TYPE_CHECKING:
    from pathlib import Path

HALITE = """data_NaCl
_cell_length_a 5.64
_cell_length_b 5.64
_cell_length_c 5.64
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 90
_symmetry_space_group_name_H-M 'P 1'
loop_
_atom_site_label
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
"""
CORNERS = [(0, 0, 0), (0, 0.5, 0.5), (0.5, 0, 0.5), (0.5, 0.5, 0)]


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model with random weights."""
    return save_tiny_model(tmp_path_factory.mktemp("models") / "tiny", tiny_recipe())


@pytest.fixture
def halite() -> str:
    """The CIF of rock salt."""
    sodium = [f"Na{i} Na {x} {y} {z}" for i, (x, y, z) in enumerate(CORNERS)]
    chlorine = [f"Cl{i} Cl {(x + 0.5) % 1} {y} {z}" for i, (x, y, z) in enumerate(CORNERS)]
    return HALITE + "\n".join([*sodium, *chlorine]) + "\n"


@pytest.fixture
def scan() -> str:
    """A measured pattern of one peak, without a header."""
    angles = np.arange(10, 80, 0.05)
    counts = 20 + 1000 * np.exp(-(((angles - 32) / 0.2) ** 2))
    return "\n".join(f"{angle:.2f} {count:.1f}" for angle, count in zip(angles, counts, strict=True))


@pytest.fixture
def released(tmp_path: Path, model_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a model that was trained and one released for each kind of pattern; the current folder."""
    project = tmp_path / "project"
    for name in ("mobilenetv2", "released/ideal", "released/measured"):
        shutil.copytree(model_folder, project / "models" / name)
    write_params(project)
    (project / "dvc.yaml").write_text("stages: {}\n")
    monkeypatch.chdir(project)
    return project
