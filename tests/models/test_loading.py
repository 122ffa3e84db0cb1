"""Models of 0.1.0, as that version stored them: they load, or say what to do."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from xrdsym.common.errors import XrdsymError
from xrdsym.crystal.structure_table import CrystalStructure
from xrdsym.models.predictor import load_model

FROZEN = Path(__file__).with_name("models-0.1.0")


def caesium_chloride(*edges: float) -> CrystalStructure:
    return CrystalStructure(
        material_id="CsCl",
        formula="CsCl",
        lattice=np.diag(edges),
        numbers=np.array([55, 17], dtype=np.int16),
        frac_coords=np.array([[0.0, 0.0, 0.0], [0.5, 0.5, 0.5]]),
    )


def test_a_forest_of_0_1_0_predicts_as_it_did() -> None:
    model = load_model(FROZEN / "random_forest")
    patterns = [caesium_chloride(4.3, 4.3, 4.3), caesium_chloride(4.0, 4.0, 4.7), caesium_chloride(4.2, 4.6, 4.9)]
    predicted = [one.crystal_system for one in model.predict(patterns)]
    assert predicted == ["cubic", "tetragonal", "orthorhombic"]


@pytest.mark.parametrize(("name", "file"), [("majority", "model.json"), ("nearest_neighbour", "model.npz")])
@pytest.mark.parametrize("by", ["folder", "file", "name"])
def test_a_file_that_is_no_longer_read_says_what_to_do(
    name: str, file: str, by: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(FROZEN / name, tmp_path / "models" / name)
    (tmp_path / "dvc.yaml").write_text("stages: {}\n")
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "models" / name
    wanted = {"folder": folder, "file": folder / file, "name": name}[by]
    with pytest.raises(XrdsymError, match=rf"{name}/{file} was trained with xrdsym 0\.1\.0.*Train it again"):
        load_model(wanted)


def test_a_model_trained_again_takes_the_place_of_the_former_file(tmp_path: Path) -> None:
    shutil.copytree(FROZEN / "random_forest", tmp_path / "model")
    (tmp_path / "model" / "model.json").write_text("{}")
    assert load_model(tmp_path / "model").recipe.train.model == "random_forest"
