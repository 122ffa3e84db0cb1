from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from params_of import write_params
from tiny_model import save_tiny_model, tiny_recipe
from xrdsym.cli.main import main
from xrdsym.common.files import file_digest, write_json
from xrdsym.crystal.labels import LABEL_SCHEMA, label_rows
from xrdsym.crystal.structure_table import CrystalStructure, write_structures
from xrdsym.crystal.symmetry import CRYSTAL_SYSTEMS
from xrdsym.encoding.recipe import read_recipe, write_recipe

if TYPE_CHECKING:
    from collections.abc import Sequence

# Keras 3 hands TensorFlow's variables to NumPy 2 in an old way
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

CELLS = {"cubic": (4.1, 4.1, 4.1), "tetragonal": (4.1, 4.1, 4.6), "orthorhombic": (4.1, 4.4, 4.8)}
PARTS = ("train", "validation", "test")


def crystals() -> list[CrystalStructure]:
    return [
        CrystalStructure(
            material_id=f"{system}-{place}",
            formula="CsCl",
            lattice=np.diag(edges) * (1 + place / 40),
            numbers=np.array([55, 17], dtype=np.int16),
            frac_coords=np.array([[0, 0, 0], [0.5, 0.5, 0.5]]),
        )
        for system, edges in CELLS.items()
        for place in range(4)
    ]


def write_tables(root: Path) -> dict[str, str]:
    """The tables and counts of the stages, whose contents only have to fit each other; the digests for a recipe."""
    data = root / "data"
    data.mkdir()
    members = crystals()
    write_structures(data / "structures.parquet", members)
    labels = label_rows(members, symprec=0.01, angle_tolerance=5.0)
    pq.write_table(pa.Table.from_pylist(labels, schema=LABEL_SCHEMA), data / "labels.parquet")
    # no stage but training reads more of it
    pq.write_table(pa.table({"material_id": [one.material_id for one in members]}), data / "peaks.parquet")
    rows = [f"{one.material_id},{PARTS[place % 3]}" for place, one in enumerate(members)]
    (data / "split.csv").write_text("\n".join(["material_id,part", *rows]) + "\n")
    count = {"count": len(members), "skipped": {}}
    write_json(data / "structures.json", count | {"sources": {"prototypes": len(members)}})
    systems = {name: 4 if name in CELLS else 0 for name in CRYSTAL_SYSTEMS}
    write_json(data / "labels.json", count | {"crystal_systems": systems})
    write_json(data / "peaks.json", count | {"skipped": {"no_reflection_in_range": 2}})
    parts = {part: dict.fromkeys(CELLS, 1 + (part == "train")) for part in PARTS}
    write_json(data / "split.json", {"parts": parts, "test_shares_with_train": {"prototype": 0.25}})
    return {"labels": "labels.parquet", "peaks": "peaks.parquet", "split": "split.csv"}


@pytest.fixture
def project(tmp_path: Path, project_root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a model that was trained on its tables; the current folder."""
    root = tmp_path / "project"
    root.mkdir()
    write_params(root)
    words = project_root / "models" / "released"
    for kind in ("ideal", "measured"):
        folder = root / "models" / "released" / kind
        folder.mkdir(parents=True)
        shutil.copy(words / "ideal" / "card.yaml", folder)
    shutil.copy(words / "data.yaml", folder.parent)
    (root / "dvc.yaml").write_text("stages: {}\n")
    digests = {name: file_digest(root / "data" / file) for name, file in write_tables(root).items()}
    train: dict[str, Any] = {"weights": "/home/somebody/imagenet.h5"}
    save_trained(root, replace(tiny_recipe(train=train), data=digests))
    monkeypatch.chdir(root)
    return root


def save_trained(root: Path, recipe: Any) -> Path:  # noqa: ANN401 - a recipe
    folder = save_tiny_model(root / "models" / "mobilenetv2", recipe)
    structures = {"train": 4, "validation": 4}
    write_json(folder / "training.json", {"structures": structures, "epochs": 3, "kept_epoch": 2})
    return folder


def read(path: str) -> Any:  # noqa: ANN401 - any JSON value
    return json.loads(Path(path).read_text(encoding="utf-8"))


def write_patterns(path: Path) -> None:
    angles = np.arange(10, 80, 0.05)
    intensity = 1000 * np.exp(-(((angles - np.array([[20.0], [31.0], [42.0]])) / 0.2) ** 2))
    systems = np.array(["cubic", "cubic", "hexagonal"])
    np.savez(path, two_theta=angles, intensity=intensity, crystal_system=systems)


def test_a_released_model_answers_and_its_scores_are_those_that_the_stored_commands_give(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_patterns(tmp_path / "films.npz")
    words = ["test", f"Films={tmp_path / 'films.npz'}", "--radiation", "CuKa"]
    assert main(["release", "mobilenetv2", "--as", "measured", "--scores", *words]) == 0
    assert "Films: accuracy" in capsys.readouterr().out
    part, films = read("models/released/measured/scores.json")
    assert (part["name"], part["sha256"], films["name"]) == ("test", None, "Films")
    assert films["sha256"] == file_digest(tmp_path / "films.npz")
    shutil.copy(tmp_path / "films.npz", project)
    for one in (part, films):
        assert main([*one["command"].split()[1:], "--json"]) == 0
        assert json.loads(capsys.readouterr().out) == one["scores"]
        assert one["scores"]["model"] == "released/measured"
    release = read("models/released/measured/release.json")
    assert release["sha256"] == file_digest(Path("models/released/measured/model.keras"))
    assert release["data"]["sha256"]["structures"] == file_digest(Path("data/structures.parquet"))
    # no path of the machine that it was made on goes into the repository
    assert all(
        str(tmp_path) not in text and "/home/" not in text
        for text in (path.read_text() for path in Path("models/released/measured").glob("*.json"))
    )


def test_a_release_takes_the_place_of_the_one_before_but_for_what_people_wrote(project: Path) -> None:
    folder = project / "models" / "released" / "ideal"
    written = (folder / "card.yaml").read_text() + "# more\n"
    (folder / "card.yaml").write_text(written)
    (folder / "model.skops").write_text("of the release before\n")
    for part in ("validation", "test"):
        assert main(["release", "mobilenetv2", "--as", "ideal", "--scores", part]) == 0
    expected = ["card.yaml", "model.keras", "recipe.json", "release.json", "scores.json", "training.json"]
    assert sorted(path.name for path in folder.iterdir()) == expected
    assert (folder / "card.yaml").read_text() == written
    assert [one["name"] for one in read("models/released/ideal/scores.json")] == ["test"]
    assert sorted(path.name for path in (project / "models").iterdir()) == ["mobilenetv2", "released"]


def refused(capsys: pytest.CaptureFixture[str], kind: str, *scores: str) -> tuple[int, str]:
    status = main(["release", "mobilenetv2", "--as", kind, "--scores", *scores])
    error = capsys.readouterr().err
    assert len(error.splitlines()) == 1
    assert not list(Path("models/released").rglob("recipe.json"))
    return status, error


def test_what_cannot_be_released_is_refused(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    digests = read_recipe(project / "models" / "mobilenetv2").data
    status, error = refused(capsys, "ideal", "data")
    assert (status, "data is a folder" in error) == (2, True)
    ratio = tiny_recipe(profile={"two_theta_min": 8.0, "axis": "ln_q_ratio", "step": 0.02})
    save_trained(project, replace(ratio, data=digests))
    status, error = refused(capsys, "measured", "test")
    assert (status, "cannot be released for measured patterns" in error) == (1, True)
    assert "ln_q_ratio" in error
    monkeypatch.setattr("xrdsym.release.release.LARGEST", 10_000)
    status, error = refused(capsys, "ideal", "test")
    assert (status, "MiB" in error) == (1, True)
    save_trained(project, replace(ratio, data=digests | {"peaks": "0" * 64}))
    status, error = refused(capsys, "ideal", "test")
    assert (status, "peaks have other hashes" in error) == (1, True)
    save_trained(project, replace(ratio, data=digests))
    counted = project / "data" / "peaks.json"
    write_json(counted, {"count": 3000, "skipped": {}})
    status, error = refused(capsys, "ideal", "test")
    assert (status, "peaks.json counts 3,000 rows and" in error) == (1, True)
    counted.unlink()
    status, error = refused(capsys, "ideal", "test")
    assert (status, "peaks.json" in error) == (1, True)


def release_both(scores: Sequence[str] = ("test",)) -> None:
    for kind in ("ideal", "measured"):
        assert main(["release", "mobilenetv2", "--as", kind, "--scores", *scores]) == 0


def test_cards_tell_what_the_files_tell(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cards"]) == 1
    assert "no model is released" in capsys.readouterr().err
    release_both(("Held out=test", "validation"))
    assert main(["cards"]) == 0
    model, data = (Path(name).read_text(encoding="utf-8") for name in ("MODEL_CARD.md", "DATA_CARD.md"))
    scores = read("models/released/ideal/scores.json")[0]["scores"]
    low, high = scores["intervals"]["accuracy"]
    (row,) = [line for line in model.split("## `released/measured`")[0].splitlines() if line.startswith("| Held out |")]
    assert f"| {scores['accuracy']:.3f} ({low:.3f} to {high:.3f}) |" in row
    release = read("models/released/ideal/release.json")
    assert release["sha256"] in model
    assert "xrdsym evaluate validation --model measured" in model
    assert "Without a pattern: hexagonal, monoclinic, triclinic, trigonal." in model
    assert "## The tables of `released/ideal` and `released/measured`" in data
    assert "| cubic | 4 | 33.3 % | 2 | 1 | 1 |" in data
    assert "25.0 % share their prototype" in data
    assert "| peaks | 12 | 2 no reflection in range |" in data
    assert all(digest in data for digest in release["data"]["sha256"].values())
    # a number that has changed in the files changes in the card
    other = replace(read_recipe(project / "models/released/ideal"), versions={"keras": "9.9"})
    write_recipe(project / "models/released/ideal", other)
    assert main(["cards"]) == 0
    assert "keras 9.9" in Path("MODEL_CARD.md").read_text(encoding="utf-8")


def test_words_that_are_missing_or_wrong_are_named(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    release_both()
    path = project / "models" / "released" / "ideal" / "card.yaml"
    path.write_text("summary: a network\nlimit: [none]\n")
    capsys.readouterr()
    assert main(["cards"]) == 1
    error = capsys.readouterr().err
    assert "ideal/card.yaml" in error
    assert "did you mean limits" in error
    path.unlink()
    assert main(["cards"]) == 1
    assert "docs/released.md" in capsys.readouterr().err


def test_the_cards_of_the_repository_are_those_of_its_models(project_root: Path) -> None:
    from xrdsym.config.paths import Paths
    from xrdsym.release.cards import cards

    if not list((project_root / "models" / "released").glob("*/release.json")):
        pytest.skip("this checkout has no released model")
    for name, text in cards(Paths(project_root)).items():
        assert (project_root / name).read_text(encoding="utf-8") == text, f"{name}: run `xrdsym cards`"
