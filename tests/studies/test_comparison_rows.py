"""The page of a comparison, of trials with known answers."""

from __future__ import annotations

import hashlib
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ruamel.yaml import YAML

from made_trials import made_materials, trial
from params_of import write_params
from xrdsym.common.errors import UsageError
from xrdsym.studies.comparison_page import page
from xrdsym.studies.comparison_rows import NOT_RUN, mcnemar, rows_of
from xrdsym.studies.definition import Study, load_study
from xrdsym.studies.record import StudyRecord
from xrdsym.studies.results import TrialResult, arm_name

MODELS = ("majority", "boosted_trees", "oviedo")
METRICS = {
    "training_seconds": 12.345,
    "inference_ms": 0.5,
    "validation_accuracy_low": 0.1,
    "validation_accuracy_high": 0.9,
    "validation_macro_f1": 0.25,
    "validation_top_5_accuracy": 0.875,
}


@pytest.fixture
def study(tmp_path: Path, project_root: Path) -> Study:
    write_params(tmp_path)
    shutil.copytree(project_root / "presets", tmp_path / "presets")
    content: dict[str, Any] = {
        "guess": "which is best",
        "start": "screening",
        "set": {"train.epochs": 2},
        "design": "comparison",
        "vary": {"target.name": ["crystal_system", "laue_class"], "split.by": ["random"]},
        "arms": [{"train.model": name, "profile.step": 0.05} for name in MODELS],
        "budget_minutes": 5,
    }
    (tmp_path / "studies").mkdir()
    YAML().dump(content, tmp_path / "studies" / "mine.yaml")
    return load_study(tmp_path, "mine")


def record(results: list[TrialResult], failed: list[tuple[str, int, str]]) -> StudyRecord:
    return StudyRecord("mine", "", "", "comparison", "val_accuracy", {}, results, [], failed, Counter())


def answered(study: Study, model: str, right: int) -> TrialResult:
    """A row for the crystal system that is right on the first so many of 200 materials."""
    point = next(one for one in study.points if one.settings["train.model"] == model)
    materials = made_materials(200)
    predicted = np.where(np.arange(200) < right, materials.labels, (materials.labels + 1) % 7)
    return replace(trial(materials, predicted, dict(point.settings), trained=1234), metrics=METRICS)


def test_rows_are_every_arm_in_every_column_and_nothing_else(study: Study) -> None:
    assert len(study.points) == 6
    groups = rows_of(study, record([], []))
    assert list(groups) == [("crystal_system", "random"), ("laue_class", "random")]
    assert [row.model for row in groups["laue_class", "random"]] == list(MODELS)
    inputs = [row.input for row in groups["laue_class", "random"]]
    assert inputs == ["profile, ideal", "features, ideal", "profile, ideal"]
    assert {row.reason for rows in groups.values() for row in rows} == {NOT_RUN}


def test_the_page_has_the_best_first_and_says_what_is_missing(study: Study) -> None:
    slow = answered(study, "majority", 50)
    slow = replace(slow, metrics={**METRICS, "training_seconds": 1682.4})
    results = [slow, answered(study, "oviedo", 150)]
    lost = next(one for one in study.points if one.settings["train.model"] == "boosted_trees")
    text = page(study, record(results, [(arm_name(lost.settings), 0, "no memory")]), "xrdsym compare", {})
    table = [line for line in text.splitlines() if line.startswith("| `")]
    assert table[0] == (
        "| `oviedo` | profile, ideal | `profile.step=0.05` | 1,234 | 3 | 12.3 | 0.5 | 75.0 % (10.0 to 90.0) | 0.250 "
        "| 87.5 % |  |"
    )
    assert table[1].startswith("| `majority` | profile, ideal | `profile.step=0.05` | 1,234 | – | 1,682 |")
    assert float(table[1].split("|")[-2]) == pytest.approx(2 * 0.5**100, rel=0.1)
    assert len(table) == 2
    assert "- `boosted_trees profile.step=0.05`: no result, no memory" in text
    assert "- `boosted_trees profile.step=0.05`: no result, not run yet" in text
    assert "after `xrdsym preset apply screening`" in text
    assert (
        "\ndvc exp run --queue -S train.input=peaks -S train.epochs=2 -S target.name=laue_class -S split.by=random "
        "-S train.model=oviedo -S profile.step=0.05 -S train.seed=0\n"
    ) in text


def test_the_page_tells_scores_on_measured_patterns(study: Study, tmp_path: Path) -> None:
    (tmp_path / "scans.npz").write_bytes(b"patterns")
    one, other = answered(study, "majority", 50), answered(study, "oviedo", 150)
    scored = {"measured_accuracy": 0.5, "measured_accuracy_low": 0.45, "measured_accuracy_high": 0.55}
    other = replace(other, metrics={**METRICS, **scored})
    text = page(study, record([one, other], []), "xrdsym compare", {}, tmp_path / "scans.npz")
    assert "| macro F1 | top 5 | measured (95 %) | p |" in text
    table = [line.split(" | ") for line in text.splitlines() if line.startswith("| `")]
    assert [row[-2] for row in table] == ["50.0 % (45.0 to 55.0)", "–"]
    digest = hashlib.sha256(b"patterns").hexdigest()
    assert f"`scans.npz` (SHA-256 {digest[:12]}…)" in text


def test_a_row_says_what_it_is_whatever_the_parameters_are_today(study: Study, tmp_path: Path) -> None:
    path = tmp_path / "studies" / "mine.yaml"
    content = YAML(typ="safe").load(path)
    del content["start"]
    YAML().dump(content, path)
    params = YAML().load(tmp_path / "params.yaml")
    params["train"]["model"], params["profile"]["step"] = "oviedo", 0.05
    params["train"] |= {"weights": "none", "input": "peaks"}
    YAML().dump(params, tmp_path / "params.yaml")
    rows = rows_of(load_study(tmp_path, study.name), record([], []))["crystal_system", "random"]
    (oviedo,) = (row for row in rows if row.model == "oviedo")
    assert oviedo.settings == {"profile.step": 0.05}
    assert oviedo.every["profile.step"] == 0.05


def test_mcnemar_counts_what_one_alone_gets_right() -> None:
    materials = made_materials(40)
    right, wrong = materials.labels, (materials.labels + 1) % 7
    one = trial(materials, np.where(np.arange(40) < 30, right, wrong))
    other = trial(materials, np.where(np.arange(40) >= 20, right, wrong))
    # 20 to 10: two tails of thirty tosses, from a table of the binomial distribution
    assert mcnemar(one, other) == pytest.approx(0.0987, abs=1e-4)
    assert mcnemar(one, one) == 1.0
    elsewhere = replace(other, materials=replace(materials, ids=tuple(f"other-{name}" for name in materials.ids)))
    assert mcnemar(one, elsewhere) == 1.0


def test_a_comparison_needs_something_to_compare(study: Study, tmp_path: Path) -> None:
    path = tmp_path / "studies" / "mine.yaml"
    content = YAML(typ="safe").load(path)
    del content["arms"]
    YAML().dump(content, path)
    with pytest.raises(UsageError, match="a comparison needs what it compares"):
        load_study(tmp_path, study.name)
