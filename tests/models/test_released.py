"""The released models predict made-up structures and scans as 0.1.0 did."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure

from xrdsym.common.errors import UsageError, XrdsymError
from xrdsym.crystal.structure_table import CrystalStructure, from_pymatgen
from xrdsym.diffraction.peaks import simulate_peaks
from xrdsym.diffraction.scattering import wavelength
from xrdsym.measured.scan import Scan
from xrdsym.models import released
from xrdsym.models.predictor import load_model
from xrdsym.models.released import default_model, read_json

ANGLES = np.arange(8.0, 88.0, 0.015)


def made_structures() -> list[CrystalStructure]:
    """Rock salt, rutile, wurtzite, an orthorhombic perovskite, and a triclinic cell."""
    spaced = Structure.from_spacegroup
    structures = {
        "rocksalt": spaced("Fm-3m", Lattice.cubic(5.2), ["K", "F"], [[0, 0, 0], [0.5, 0.5, 0.5]]),
        "rutile": spaced("P4_2/mnm", Lattice.tetragonal(4.7, 3.1), ["Sn", "O"], [[0, 0, 0], [0.306, 0.306, 0]]),
        "wurtzite": spaced(
            "P6_3mc", Lattice.hexagonal(3.8, 6.2), ["Zn", "S"], [[1 / 3, 2 / 3, 0], [1 / 3, 2 / 3, 0.376]]
        ),
        "perovskite": spaced(
            "Pnma",
            Lattice.orthorhombic(5.5, 7.7, 5.4),
            ["Ca", "Ti", "O", "O"],
            [[0.03, 0.25, 0.99], [0, 0, 0.5], [0.48, 0.25, 0.07], [0.29, 0.04, 0.71]],
        ),
        "triclinic": Structure(
            Lattice.from_parameters(5.3, 6.1, 7.0, 84, 97, 103),
            ["Na", "Na", "Si", "O", "O", "O"],
            [[0.1, 0.2, 0.3], [0.6, 0.7, 0.2], [0.4, 0.1, 0.8], [0.2, 0.5, 0.6], [0.8, 0.3, 0.5], [0.5, 0.9, 0.4]],
        ),
    }
    return [from_pymatgen(structure, name) for name, structure in structures.items()]


def made_scans() -> list[Scan]:
    """The same structures as an instrument with Cu Kα would show them: wide peaks, a background, no noise."""
    scans = []
    for structure in made_structures():
        peaks = simulate_peaks(structure, wavelength("CuKa"), (0.0, 90.0))
        counts = 40 + 300 * np.exp(-ANGLES / 20)
        for angle, intensity in zip(peaks.two_theta, peaks.intensity, strict=True):
            counts += 2000 * intensity * np.exp(-0.5 * ((ANGLES - angle) / 0.05) ** 2)
        scans.append(Scan(ANGLES, counts, wavelength("CuKa")))
    return scans


EXPECTED = json.loads(Path(__file__).with_name("released_sample.json").read_text())
"""The probabilities of 0.1.0."""


@pytest.mark.parametrize("sample", EXPECTED)
def test_released_models_predict_as_0_1_0_did(sample: str, project_root: Path) -> None:
    name, patterns = sample.split(", ")
    model = load_model(project_root / "models" / "released" / name)
    probabilities = model.predict_proba(made_scans() if patterns == "scans" else made_structures())
    assert probabilities.dtype == np.float64
    np.testing.assert_allclose(probabilities, EXPECTED[sample], rtol=1e-6)


def test_released_models_accept_the_patterns_that_their_cards_name(project_root: Path) -> None:
    for name in ("ideal", "measured"):
        folder = project_root / "models" / "released" / name
        model = load_model(folder)
        takes = read_json(folder / "release.json")["takes"]
        assert [one for one in ("ideal", "measured") if model.accepts(one)] == takes


def test_the_default_is_the_released_model_else_the_trained_one_else_an_error(
    tmp_path: Path, project_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(project_root / "presets" / "embedded.yaml", tmp_path / "params.yaml")
    (tmp_path / "dvc.yaml").write_text("stages: {}\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(XrdsymError, match="make repro"):
        default_model("ideal")
    for name in ("mobilenetv2", "released/ideal"):
        (tmp_path / "models" / name).mkdir(parents=True)
        (tmp_path / "models" / name / "recipe.json").write_text("{}")
        assert default_model("ideal") == name
    assert default_model("measured") == "mobilenetv2"


def test_outside_of_a_project_models_are_those_of_the_clone_that_xrdsym_is_installed_from(
    tmp_path: Path, project_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(released, "CHECKOUT", project_root)
    assert default_model("measured") == "released/measured"
    assert [one.crystal_system for one in load_model("ideal").predict(made_structures()[:1])] == ["cubic"]


def test_outside_of_a_project_and_of_a_clone_the_error_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(released, "CHECKOUT", tmp_path / "site-packages")
    with pytest.raises(XrdsymError, match=r"Run this in a clone, or give the folder of a model"):
        load_model()
    with pytest.raises(UsageError, match=r"'released/ideal'.*give the folder of a model"):
        load_model("ideal")


def test_a_broken_file_of_a_release_is_named(tmp_path: Path) -> None:
    (tmp_path / "release.json").write_text("{")
    with pytest.raises(XrdsymError, match=r"release\.json cannot be read .*Restore it with git"):
        read_json(tmp_path / "release.json")
