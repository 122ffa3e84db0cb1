"""The pipeline under DVC and MLflow as their users run it."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from repository import Repository

pytestmark = pytest.mark.slow


def test_repro_makes_everything_and_then_has_nothing_to_do(reproduced: Repository) -> None:
    for name in (
        "data/structures.parquet",
        "data/labels.parquet",
        "data/peaks.parquet",
        "data/split.csv",
        "models/mobilenetv2/model.keras",
        "models/mobilenetv2/recipe.json",
        "reports/metrics.json",
        "reports/scores.json",
        "reports/per_class.csv",
        "reports/index.html",
    ):
        assert (reproduced.root / name).is_file(), name
    images = list((reproduced.root / "data" / "images").rglob("*.png"))
    assert len(images) == json.loads((reproduced.root / "data/images.json").read_text())["count"] > 100
    leftover = reproduced.root / "src" / "xrdsym" / "encoding" / "rendering" / "__pycache__" / "leftover.nbc"
    leftover.write_bytes(b"what a compiler leaves beside the code changes nothing")
    assert "up to date" in reproduced.run("dvc", "repro")
    assert reproduced.run("git", "status", "--porcelain") == ""


def test_training_and_evaluation_are_one_run(reproduced: Repository) -> None:
    first, *others = reproduced.mlflow_runs()
    assert others == []
    assert first["status"] == "FINISHED"
    assert first["params"]["profile.sigma"] == "5.0"
    metrics = json.loads((reproduced.root / "reports" / "metrics.json").read_text())
    assert first["metrics"]["accuracy"] == pytest.approx(metrics["accuracy"])
    assert "epoch/val_loss" in first["metrics"]
    assert len(first["metrics"]) <= 13


def test_what_was_trained_can_be_released_and_scores_as_the_stage_said(reproduced: Repository) -> None:
    metrics = json.loads((reproduced.root / "reports" / "scores.json").read_text())
    reproduced.run("xrdsym", "release", "mobilenetv2", "--as", "ideal", "--scores", "validation")
    reproduced.run("xrdsym", "cards")
    (stored,) = json.loads((reproduced.root / "models" / "released" / "ideal" / "scores.json").read_text())
    assert stored["scores"]["confusion_matrix"] == metrics["confusion_matrix"]
    assert f"| {metrics['accuracy']:.3f} (" in (reproduced.root / "MODEL_CARD.md").read_text(encoding="utf-8")
    reproduced.run("git", "add", "--all")
    assert "models/released/ideal/model.keras" in reproduced.run("git", "diff", "--cached", "--name-only")
    reproduced.run("git", "reset", "--quiet", "--hard")


def test_a_change_runs_only_what_depends_on_it(reproduced: Repository) -> None:
    def stages(**change: object) -> set[str]:
        reproduced.set(**change)
        status = json.loads(reproduced.run("dvc", "status", "--json").splitlines()[-1])
        reproduced.run("git", "checkout", "--quiet", "params.yaml")
        return set(status)

    assert stages(labels__symprec=0.1) == {"labels", "train"}
    assert stages(profile__sigma=3) == {"inputs"}
    assert stages(images__colormap="gray") == {"inputs"}
    # the report shows what was asked of the split and of the evaluation
    assert stages(split__seed=1) == {"split", "report"}
    assert stages(train__learning_rate=0.01) == {"train"}
    assert stages(evaluate__part="test") == {"evaluate", "report"}


def test_an_experiment_changes_one_parameter(reproduced: Repository) -> None:
    reproduced.run("dvc", "exp", "run", "--name", "narrow", "-S", "profile.sigma=3", "-S", "train.input=peaks")
    assert list((reproduced.root / "data" / "images").rglob("*.png")) == []
    shown = reproduced.run("dvc", "exp", "show", "--csv")
    assert "narrow" in shown
    difference = reproduced.run("dvc", "params", "diff")
    assert "profile.sigma" in difference
    assert "accuracy" in reproduced.run("dvc", "metrics", "diff", "--all")
    reproduced.run("dvc", "plots", "diff", "HEAD", "workspace")
    narrow = [run for run in reproduced.mlflow_runs() if run["tags"].get("dvc.experiment") == "narrow"]
    assert ["σ=3" in run["name"] for run in narrow] == [True]
    reproduced.run("git", "checkout", "--quiet", ".")
    reproduced.run("dvc", "checkout")


def test_own_results_and_an_experiment_are_compared_in_a_narrow_table(reproduced: Repository) -> None:
    # every parameter that any experiment changes is a column
    reproduced.run("dvc", "exp", "remove", "--all-commits")
    reproduced.run("dvc", "exp", "save", "--quiet", "--force", "--name", "baseline")
    reproduced.run("dvc", "exp", "run", "--name", "slower", "-S", "train.learning_rate=0.0001")
    words = ("dvc", "exp", "show", "--only-changed", "--drop", ".*/", "--sort-by", "accuracy", "--sort-order", "desc")
    table = reproduced.run("env", "COLUMNS=500", *words, "--no-pager").rstrip().splitlines()
    assert max(len(row.rstrip()) for row in table) <= 120, "\n".join(table)
    assert any("[baseline]" in row for row in table)
    header = next(row for row in table if "Experiment" in row).split()
    # a score that all rows share has no column
    assert header[:2] == ["Experiment", "Created"]
    assert set(header[2:-1]) <= {"accuracy", "low", "high", "macro_f1", "loss", "n"}
    assert header[-1] == "train.learning_rate"
    page = reproduced.root / "plots" / "index.html"
    reproduced.run("dvc", "plots", "diff", "baseline", "slower", "--out", str(page.parent))
    titles = ("Confusion matrix (shares of the actual class)", "F1 of each class", "Loss", "Accuracy")
    assert [title for title in titles if title not in page.read_text(encoding="utf-8")] == []
    reproduced.run("git", "checkout", "--quiet", ".")
    reproduced.run("dvc", "checkout")


def test_queued_experiments_land_in_the_projects_store(reproduced: Repository) -> None:
    before = len(reproduced.mlflow_runs())
    reproduced.run("dvc", "exp", "run", "--queue", "-S", "train.class_weight=effective,balanced")
    reproduced.run("dvc", "queue", "start", "--jobs", "1")
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        status = reproduced.run("dvc", "queue", "status")
        if "Queued" not in status and "Running" not in status:
            break
        time.sleep(2)
    assert status.count("Success") == 2, status + reproduced.run("dvc", "queue", "logs", status.split()[5], check=False)
    runs = reproduced.mlflow_runs()
    assert len(runs) == before + 2
    assert {"effective", "balanced"} <= {run["params"]["train.class_weight"] for run in runs}
    names = reproduced.run("dvc", "exp", "list", "--name-only").split()
    weighted = [run for run in runs if run["params"]["train.class_weight"] != "none"]
    assert {run["tags"]["dvc.experiment"] for run in weighted} <= set(names)


def test_a_colleague_has_the_data_the_experiments_and_the_runs(reproduced: Repository, tmp_path: Path) -> None:
    reproduced.run("dvc", "exp", "save", "--quiet", "--force", "--name", "baseline")
    reproduced.run("git", "clone", "--quiet", "--bare", str(reproduced.root), str(tmp_path / "origin"))
    reproduced.run("git", "remote", "add", "origin", str(tmp_path / "origin"))
    reproduced.run("dvc", "remote", "add", "--default", "--force", "storage", str(tmp_path / "storage"))
    reproduced.run("git", "commit", "--quiet", "--all", "--message", "Name the remote")
    reproduced.run("dvc", "push")
    reproduced.run("git", "push", "--quiet", "origin", "main")
    reproduced.run("dvc", "exp", "push", "origin", "baseline")
    clone = Repository(tmp_path / "clone")
    reproduced.run("git", "clone", "--quiet", str(tmp_path / "origin"), str(clone.root), cwd=tmp_path)
    clone.run("dvc", "pull")
    assert "up to date" in clone.run("dvc", "repro")
    report = (clone.root / "reports" / "index.html").read_bytes()
    assert report == (reproduced.root / "reports" / "index.html").read_bytes()
    clone.run("dvc", "exp", "pull", "origin", "baseline")
    assert "[baseline]" in clone.run("dvc", "exp", "list", "--all-commits")
    clone.run("dvc", "repro", "--force", "--single-item", "evaluate")
    (theirs,) = clone.mlflow_runs()
    mine = next(run for run in reproduced.mlflow_runs() if run["params"] == theirs["params"])
    assert theirs["metrics"]["accuracy"] == pytest.approx(mine["metrics"]["accuracy"])
    table = clone.run("dvc", "get", str(tmp_path / "origin"), "data/split.csv", "--out", str(tmp_path / "split.csv"))
    assert (tmp_path / "split.csv").read_bytes() == (reproduced.root / "data" / "split.csv").read_bytes(), table


def test_training_from_the_cache_is_the_same_run(reproduced: Repository) -> None:
    before = reproduced.mlflow_runs()
    reproduced.set(evaluate__part="test")
    (reproduced.root / "dvc.lock").unlink()
    assert "cached - skipping run" in reproduced.run("dvc", "repro")
    after = reproduced.mlflow_runs()
    assert len(after) == len(before)
    assert any("test/accuracy" in run["metrics"] for run in after)
    reproduced.run("git", "checkout", "--quiet", ".")
    reproduced.run("dvc", "checkout")


def test_a_colormap_trains_no_trees_again(reproduced: Repository) -> None:
    reproduced.set(train__model="random_forest", train__input="peaks")
    reproduced.run("dvc", "repro", "train")
    reproduced.set(images__colormap="gray", profile__sigma=3)
    done = reproduced.run("dvc", "repro", "train")
    assert "Running stage 'inputs'" in done
    assert "Stage 'train' didn't change, skipping" in done
    assert "Running stage 'images'" not in done
