"""`xrdsym compare` as its users call it, on embedded structures."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from ruamel.yaml import YAML

from repository import Repository, make_repository

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow
ROW = re.compile(r"^\| `(\w+)` \|.*\| (\d+\.\d) % \(", flags=re.MULTILINE)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory, project_root: Path) -> Repository:
    """A project with a small comparison, and a table of structures that is not among its own."""
    repository = make_repository(project_root, tmp_path_factory.mktemp("project"))
    content = {
        "guess": "which is best",
        "set": {"train.epochs": 1},
        "design": "comparison",
        "vary": {"split.by": ["random", "prototype"]},
        "arms": [
            {"train.model": "majority"},
            {"train.model": "boosted_trees"},
            {"train.model": "oviedo"},
            # its profile is too short: no row, but a reason
            {"train.model": "schopmans", "profile.step": 1.0},
        ],
        "budget_minutes": 10,
    }
    YAML().dump(content, repository.root / "studies" / "mine.yaml")
    repository.run("xrdsym", "stage", "structures")
    shutil.move(repository.root / "data" / "structures.parquet", repository.root / "others.parquet")
    return repository


def test_a_table_becomes_a_page(small: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    # threads of trees wait for each other for minutes where a machine is busy
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    text = small.run("xrdsym", "compare", "others.parquet", "--study", "studies/mine.yaml")
    assert "8 trials, about" in text
    page = (small.root / "reports" / "comparison.md").read_text()
    first, second = page.split("\n## ")[1:]
    assert first.startswith("Crystal system, random split\n")
    assert second.startswith("Crystal system, split by prototype\n")
    for group in (first, second):
        scores = {model: float(score) for model, score in ROW.findall(group)}
        assert set(scores) == {"majority", "boosted_trees", "oviedo"}
        assert scores["boosted_trees"] > scores["majority"]
        assert "- `schopmans profile.step=1.0`: no result, profile: 91 points" in group
        assert "-S structures.files.path=others.parquet" in group
    assert "xrdsym compare others.parquet --study studies/mine.yaml" in page
    runs = small.mlflow_runs()
    trials = [run for run in runs if "study.trial" in run["tags"]]
    assert len(trials) == 8
    assert sum("inference_ms" in run["tags"] for run in trials) == 6
    # the data of the project are no part of it
    assert not any("dvc.structures_md5" in run["tags"] for run in runs)
    (shown,) = re.findall(r"`(xrdsym study show \S+)` lists its trials", text)
    assert "by the target and the split of each arm" in small.run(*shown.split())
    again = small.run("xrdsym", "compare", "others.parquet", "--study", "mine", "--to", "again.md")
    assert "all 8 trials have been run" in again
    assert ROW.findall((small.root / "again.md").read_text()) == ROW.findall(page)


def test_models_of_a_comparison_are_scored_on_measured_patterns_too(small: Repository) -> None:
    angles = np.arange(5.0, 90.0, 0.02)
    counts = [sum(np.exp(-(((angles - at) / 0.1) ** 2)) for at in peaks) for peaks in ((30, 43), (21, 35, 50))]
    np.savez(small.root / "scans.npz", two_theta=angles, intensity=counts, crystal_system=["cubic", "trigonal"])
    called = ["xrdsym", "compare", "others.parquet", "--study", "mine", "--set", "train.limit=100", "--to", "scans.md"]
    told = small.run(*called, "--patterns", "nothing.npz", check=False)
    assert "--patterns nothing.npz: no such file" in told
    assert "add --patterns NPZ" in small.run(*called, "--radiation", "CuKa", check=False)
    assert "lacks the wavelength of its patterns" in small.run(*called, "--patterns", "scans.npz", check=False)
    small.run(*called, "--storage", "scans.journal", "--patterns", "scans.npz", "--wavelength", "1.5418")
    page = (small.root / "scans.md").read_text()
    assert "--patterns scans.npz --wavelength 1.5418 --to scans.md" in page
    rows = {line.split("`")[1]: line.split(" | ")[-2] for line in page.splitlines() if line.startswith("| `")}
    assert rows["boosted_trees"] == "–"
    assert re.match(r"(0|50|100)\.0 % \(", rows["oviedo"])


def test_a_table_of_few_groups_is_split_as_the_study_says(small: Repository) -> None:
    table = pd.read_parquet(small.root / "others.parquet").iloc[np.repeat([0, 1], 20)]
    table.assign(material_id=[f"copy-{row}" for row in range(40)]).to_parquet(small.root / "two.parquet")
    content = {
        "guess": "can two prototypes be split at random",
        "design": "comparison",
        "vary": {"split.by": ["random"]},
        "arms": [{"train.model": "majority"}, {"train.model": "nearest_neighbour", "profile.step": 0.1}],
        "budget_minutes": 10,
    }
    YAML().dump(content, small.root / "studies" / "two.yaml")
    assert YAML().load(small.root / "params.yaml")["split"]["by"] == "prototype"
    small.run("xrdsym", "compare", "two.parquet", "--study", "two", "--to", "two.md")
    assert len(ROW.findall((small.root / "two.md").read_text())) == 2


def test_what_cannot_be_compared_is_reported(small: Repository) -> None:
    assert "no structures at nothing" in small.run("xrdsym", "compare", "nothing", check=False)
    told = small.run("xrdsym", "compare", "others.parquet", "--study", "sigma", check=False)
    assert "study sigma has design: each, not comparison" in told
