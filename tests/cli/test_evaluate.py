from __future__ import annotations

import json
import os
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sklearn.metrics import confusion_matrix, f1_score

from xrdsym.cli.main import main
from xrdsym.common.files import file_digest
from xrdsym.crystal.labels import LABEL_SCHEMA, label_rows
from xrdsym.crystal.structure_table import CrystalStructure, write_structures
from xrdsym.crystal.symmetry import CRYSTAL_SYSTEMS
from xrdsym.encoding.recipe import read_recipe, write_recipe
from xrdsym.models.predictor import load_model
from xrdsym.scoring.labelled import BATCH, score_structures
from xrdsym.sources.files import read_structure_file

if TYPE_CHECKING:
    from pathlib import Path

# Keras 3 hands TensorFlow's variables to NumPy 2 in an old way
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

CELLS = {
    "cubic": np.diag([4.1, 4.1, 4.1]),
    "tetragonal": np.diag([4.1, 4.1, 4.6]),
    "orthorhombic": np.diag([4.1, 4.4, 4.8]),
    "monoclinic": np.array([[4.1, 0, 0], [0, 4.5, 0], [0.6, 0, 4.9]]),
}


def crystal(system: str, name: str, scale: float = 1.0) -> CrystalStructure:
    return CrystalStructure(
        material_id=name,
        formula="CsCl",
        lattice=CELLS[system] * scale,
        numbers=np.array([55, 17], dtype=np.int16),
        frac_coords=np.array([[0, 0, 0], [0.5, 0.5, 0.5]]),
    )


def crystals() -> list[CrystalStructure]:
    return [crystal(system, f"{system}-{i}", 1 + i / 40) for system in CELLS for i in range(6)]


def scored(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, dict[str, Any]]:
    status = main(["evaluate", *map(str, words), "--json"])
    out = capsys.readouterr().out
    return status, json.loads(out) if out else {}


def test_a_structure_table_is_scored_like_its_rows_one_by_one(
    tmp_path: Path, model_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_structures(tmp_path / "table.parquet", crystals())
    status, scores = scored(capsys, tmp_path / "table.parquet", "--model", model_folder)
    assert status == 0
    actual = [one.material_id.split("-")[0] for one in crystals()]
    answers = [answer.crystal_system for answer in load_model(model_folder).predict(crystals())]
    assert scores["n"] == len(actual)
    assert scores["classes"] == list(CRYSTAL_SYSTEMS)
    assert scores["accuracy"] == pytest.approx(np.mean(np.array(actual) == np.array(answers)))
    expected = confusion_matrix(actual, answers, labels=list(CRYSTAL_SYSTEMS))
    assert scores["confusion_matrix"] == expected.tolist()
    assert scores["macro_f1"] == pytest.approx(f1_score(actual, answers, labels=list(CELLS), average="macro"))
    assert set(scores["per_class"]) == set(CRYSTAL_SYSTEMS)
    assert scores["skipped"] == {}
    assert scores["model"] == str(model_folder)


def test_what_is_left_out_is_counted_by_reason(
    tmp_path: Path, model_folder: Path, halite: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.cif").write_text(halite)
    (tmp_path / "empty.cif").write_text("")
    (tmp_path / "flat.json").write_text("{}")
    (tmp_path / "heavy.cif").write_text(halite.replace(" Cl ", " Og "))
    status = main(["evaluate", str(tmp_path), "--model", str(model_folder), "--json"])
    out, err = capsys.readouterr()
    scores = json.loads(out)
    assert status == 0
    assert scores["n"] == 1
    assert scores["per_class"]["cubic"]["support"] == 1
    assert scores["skipped"] == {"empty": 1, "no_scattering_factors": 1, "unreadable": 1}
    assert "empty.cif" in err
    assert "heavy" in err


@pytest.mark.slow
def test_a_table_of_more_than_one_batch_is_labelled_by_processes(tmp_path: Path, model_folder: Path) -> None:
    table = tmp_path / "table.parquet"
    many = [replace(one, material_id=f"{one.material_id}-{i}") for i in range(12) for one in crystals()]
    assert len(many) > BATCH
    write_structures(table, many)
    whole = score_structures(load_model(model_folder), table)
    write_structures(table, crystals())
    once = score_structures(load_model(model_folder), table)
    assert whole["n"] == 12 * once["n"]
    assert np.array(whole["confusion_matrix"]).tolist() == (12 * np.array(once["confusion_matrix"])).tolist()


def patterns(**changed: Any) -> dict[str, Any]:  # noqa: ANN401 - arrays of any kind
    angles = np.arange(10, 80, 0.05)
    centres = np.array([20.0, 31, 42, 53, 64, 75])
    intensity = 1000 * np.exp(-(((angles - centres[:, None]) / 0.2) ** 2))
    systems = np.array(["cubic", "cubic", "hexagonal", "monoclinic", "triclinic", "tetragonal"])
    return {"two_theta": angles, "intensity": intensity.astype(np.uint16), "crystal_system": systems} | changed


def test_patterns_are_scored_at_the_wavelength_that_call_or_file_tells(
    tmp_path: Path, model_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.savez(tmp_path / "told.npz", **patterns(wavelength=np.array(1.54184), space_group=np.arange(6)))
    np.savez(tmp_path / "untold.npz", **patterns())
    _, by_file = scored(capsys, tmp_path / "told.npz", "--model", model_folder)
    _, by_call = scored(capsys, tmp_path / "untold.npz", "--model", model_folder, "--radiation", "CuKa")
    assert by_file == by_call
    assert by_file["n"] == 6
    assert [by_file["per_class"][name]["support"] for name in CRYSTAL_SYSTEMS] == [2, 1, 1, 0, 1, 1, 0]
    assert main(["evaluate", str(tmp_path / "untold.npz"), "--model", str(model_folder)]) == 2
    assert "--radiation" in capsys.readouterr().err


def test_patterns_that_are_none_are_counted(
    tmp_path: Path, model_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    intensity = patterns()["intensity"].astype(np.float64)
    intensity[1] = 0
    intensity[2] = np.nan
    systems = np.array(["cubic", "cubic", "hexagonal", "monoclinic", "triclinic", "rhombic"])
    np.savez(tmp_path / "p.npz", **patterns(intensity=intensity, crystal_system=systems))
    status, scores = scored(capsys, tmp_path / "p.npz", "--model", model_folder, "--wavelength", "1.5418")
    assert status == 0
    assert scores["n"] == 3
    assert scores["skipped"] == {"no_intensity": 1, "too_few_points": 1, "unknown_crystal_system": 1}


def test_how_many_patterns_are_shorter_than_the_range_is_reported(
    tmp_path: Path, model_folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    content = patterns()
    whole = np.arange(0, 90.5, 0.1)
    intensity = np.stack([np.interp(whole, content["two_theta"], row) for row in content["intensity"].astype(float)])
    intensity[3:5, whole < 20] = np.nan
    np.savez(tmp_path / "p.npz", **patterns(two_theta=whole, intensity=intensity))
    assert main(["evaluate", str(tmp_path / "p.npz"), "--model", str(model_folder), "--radiation", "CuKa"]) == 0
    assert "p.npz: 2 of 6 patterns do not cover the whole range" in caplog.text
    assert "(pattern 3: 0 to 20° (CuKa), …)" in caplog.text


@pytest.mark.parametrize(
    ("arrays", "told"),
    [
        ({"two_theta": np.zeros(3)}, "lacks intensity, crystal_system"),
        (patterns(intensity=np.ones((6, 4))), r"intensity \(6, 4\)"),
        (
            patterns(crystal_system=np.array([{"no": "pickle"}] * 6, dtype=object)),
            "pickled objects, which are never read",
        ),
        (patterns(two_theta=np.array(["a"] * 1400)), "expected numbers"),
        (patterns(wavelength=np.array([1.0, 2.0])), "one positive number"),
        (patterns(wavelength=np.array(1.54j)), "one positive number"),
        (patterns(wavelength=np.array(0.15406)), "0.15406 in nm is the wavelength of CuKa1"),
        (patterns(intensity=np.zeros((6, 1400))), "could be scored: 6 no_intensity"),
    ],
)
def test_a_file_without_patterns_is_refused_in_one_line(
    tmp_path: Path, model_folder: Path, arrays: dict[str, Any], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    np.savez(tmp_path / "p.npz", **({"wavelength": np.array(1.54)} | arrays))
    assert main(["evaluate", str(tmp_path / "p.npz"), "--model", str(model_folder)]) == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert "p.npz" in last
    assert told.replace("\\", "") in last


def test_broken_and_missing_data_are_refused_by_name(
    tmp_path: Path, model_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "words.npz").write_text("no zip")
    (tmp_path / "words.parquet").write_text("no table")
    (tmp_path / "nothing").mkdir()
    for name in ("words.npz", "words.parquet", "nothing", "absent.parquet", "absent.npz"):
        assert main(["evaluate", str(tmp_path / name), "--model", str(model_folder), "--radiation", "CuKa"]) == 1
        assert name in capsys.readouterr().err


def test_damaged_patterns_are_one_line(
    tmp_path: Path, model_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "p.npz"
    np.savez_compressed(path, **patterns(wavelength=np.array(1.54)))
    whole = path.read_bytes()
    for content in (whole[:-200], whole[: len(whole) // 2] + bytes(100) + whole[len(whole) // 2 + 100 :], whole[:4]):
        path.write_bytes(content)
        assert main(["evaluate", str(path), "--model", str(model_folder)]) == 1
        assert "p.npz cannot be read" in capsys.readouterr().err.splitlines()[-1]
    path.write_bytes(whole)
    with zipfile.ZipFile(path, "a") as file:
        file.writestr("space_group.npy", b"no array")
    assert main(["evaluate", str(path), "--model", str(model_folder)]) == 1
    assert "space_group is no array" in capsys.readouterr().err.splitlines()[-1]
    path.write_bytes(whole)
    monkeypatch.setattr("xrdsym.scoring.measured_npz.MAX_BYTES", 1000)
    assert main(["evaluate", str(path), "--model", str(model_folder)]) == 1
    assert "split it" in capsys.readouterr().err.splitlines()[-1]
    path.unlink()
    os.mkfifo(path)
    assert main(["evaluate", str(path), "--model", str(model_folder)]) == 1
    assert "p.npz is a pipe" in capsys.readouterr().err.splitlines()[-1]


def test_people_get_the_table(tmp_path: Path, model_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    np.savez(tmp_path / "p.npz", **patterns())
    assert main(["evaluate", str(tmp_path / "p.npz"), "--model", str(model_folder), "--radiation", "CuKa"]) == 0
    out = capsys.readouterr().out
    assert "6 patterns of 5 crystal systems" in out
    assert "macro f1" in out
    for system in CRYSTAL_SYSTEMS:
        assert f"\n{system} " in out


def test_real_structures_are_labelled_as_their_files_are_named(
    shared_data: Path, model_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    structures = [read_structure_file(path) for path in sorted((shared_data / "cif").glob("*.cif"))[::10]]
    write_structures(tmp_path / "t.parquet", structures)
    status, scores = scored(capsys, tmp_path / "t.parquet", "--model", model_folder)
    assert status == 0
    assert scores["n"] == len(structures) == 21


def test_all_measured_patterns_are_scored(
    shared_data: Path, model_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = shared_data / "rruff" / "patterns.npz"
    status, scores = scored(capsys, source, "--model", model_folder, "--radiation", "CuKa")
    assert status == 0
    assert scores["n"] == 452
    assert scores["per_class"]["trigonal"]["support"] == 0
    with np.load(source, allow_pickle=False) as file:
        systems, counts = np.unique(file["crystal_system"], return_counts=True)
    assert {name: scores["per_class"][name]["support"] for name in systems} == dict(zip(systems, counts, strict=True))


def split_project(root: Path, members: list[CrystalStructure]) -> None:
    """The tables of a project of which every third material is in the test part."""
    (root / "data").mkdir()
    write_structures(root / "data" / "structures.parquet", members)
    names = [one.material_id for one in members]
    parts = ["test" if index % 3 == 0 else "train" for index in range(len(names))]
    rows = [f"{name},{part}" for name, part in zip(names, parts, strict=True)]
    (root / "data" / "split.csv").write_text("\n".join(["material_id,part", *rows]) + "\n")
    labels = label_rows(members, symprec=0.01, angle_tolerance=5.0)
    pq.write_table(pa.Table.from_pylist(labels, schema=LABEL_SCHEMA), root / "data" / "labels.parquet")


def test_a_part_of_the_split_is_scored_by_the_model_that_was_trained_with_it(
    released: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    members = crystals()
    split_project(released, members)
    status = main(["evaluate", "test", "--model", "mobilenetv2"])
    assert status == 2
    assert "trained with another split" in capsys.readouterr().err
    folder = released / "models" / "mobilenetv2"
    write_recipe(folder, replace(read_recipe(folder), data={"split": file_digest(released / "data" / "split.csv")}))
    _, scores = scored(capsys, "test", "--model", "mobilenetv2")
    write_structures(released / "test.parquet", members[::3])
    _, expected = scored(capsys, "test.parquet", "--model", "mobilenetv2")
    assert scores == expected
    assert scores["n"] == len(members[::3])


def test_without_a_name_structures_and_measured_patterns_are_scored_by_the_released_models_for_them(
    released: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_structures(released / "table.parquet", crystals()[:2])
    np.savez(released / "patterns.npz", **patterns(wavelength=np.array(1.54184)))
    assert scored(capsys, "table.parquet")[1]["model"] == "released/ideal"
    assert scored(capsys, "patterns.npz")[1]["model"] == "released/measured"
