"""Studies as their users run them: real processes, real training on a small project, Optuna's and MLflow's stores."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from ruamel.yaml import YAML

if TYPE_CHECKING:
    from repository import Repository

pytestmark = pytest.mark.slow
QUICK = {"guess": "a guess", "budget_minutes": 10, "set": {"train.epochs": 1}}


def write(repository: Repository, name: str, **content: Any) -> str:  # noqa: ANN401
    YAML().dump(QUICK | content, repository.root / "studies" / f"{name}.yaml")
    return name


def shown(repository: Repository, name: str) -> dict[str, Any]:
    text = repository.run("xrdsym", "study", "show", name, "--json")
    found: dict[str, Any] = json.loads(text.splitlines()[-1])
    return found


def start(repository: Repository, name: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [str(Path(sys.executable).parent / "xrdsym"), "study", "run", name],
        cwd=repository.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def test_trials_are_runs_below_the_run_of_their_study(reproduced: Repository) -> None:
    write(reproduced, "nested", set={}, vary={"train.class_weight": ["balanced"]})
    text = reproduced.run("xrdsym", "study", "run", "nested")
    assert "study nested: 2 trials, about" in text
    assert "about" in next(line for line in text.splitlines() if line.startswith("trial 0, baseline"))
    assert "all 2 trials have been run" in reproduced.run("xrdsym", "study", "run", "nested")
    runs = reproduced.mlflow_runs()
    trials = [run for run in runs if "study.trial" in run["tags"]]
    (parent,) = [run for run in runs if run["tags"].get("study") == "nested" and run not in trials]
    assert parent["status"] == "FINISHED"
    assert {run["status"] for run in trials} == {"FINISHED"}
    assert len({run["tags"]["mlflow.parentRunId"] for run in trials}) == 1
    assert {run["params"]["train.class_weight"] for run in trials} == {"none", "balanced"}
    # the baseline is what `dvc repro` trained and scored, from images on disk, and its run has the same names
    (model,) = [run for run in runs if run["tags"].get("training") == "ran" and "dvc.experiment" not in run["tags"]]
    (baseline,) = [run for run in trials if run["tags"]["changed"] == "baseline"]
    names = {name for name in model["metrics"] if name.startswith(("accuracy", "macro_f1", "epoch/val_"))}
    assert len(names) > 6
    for name in names:
        assert baseline["metrics"][name] == pytest.approx(model["metrics"][name], abs=1e-4), name
    assert {"fwhm_degrees", "degrees_a_pixel"} <= baseline["tags"].keys() & model["tags"].keys()
    assert baseline["params"].keys() == model["params"].keys()


def wait_for_a_running_trial(repository: Repository) -> None:
    """Wait until MLflow's store has the run of a trial that is going on."""
    query = "SELECT count(*) FROM runs JOIN tags USING (run_uuid) WHERE status = 'RUNNING' AND key = 'study.trial'"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with closing(sqlite3.connect(repository.root / "mlflow.db", timeout=30)) as store:
            if store.execute(query).fetchone()[0]:
                return
        time.sleep(0.05)
    pytest.fail("no trial began")


def test_a_study_that_was_killed_goes_on_and_two_workers_share_it(reproduced: Repository) -> None:
    write(reproduced, "killed", vary={"profile.sigma": [1.0, 2.0, 3.0]})
    first = start(reproduced, "killed")
    assert first.stdout is not None
    for line in first.stdout:
        if line.startswith("trial 0"):
            break
    wait_for_a_running_trial(reproduced)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    first.stdout.close()
    workers = [start(reproduced, "killed") for _ in range(2)]
    texts = [worker.communicate()[0] for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0]
    assert any("1 trial whose process died will run again" in text for text in texts)
    found = shown(reproduced, "killed")
    assert [arm["seeds"] for arm in found["arms"]] == [[0]] * 4
    assert found["trials"] == {"complete": 4, "fail": 1}
    assert found["failed"] == []
    runs = [run for run in reproduced.mlflow_runs() if run["tags"].get("study") == "killed"]
    trials = [run for run in runs if "study.trial" in run["tags"]]
    assert sorted(run["status"] for run in trials) == ["FINISHED"] * 4 + ["KILLED"]
    assert [run["status"] for run in runs if run not in trials] == ["FINISHED"]
    (dead,) = [run for run in trials if run["status"] == "KILLED"]
    assert dead["tags"]["study.outcome"] == "its process died"


def test_a_trial_that_fails_says_why_and_the_study_goes_on(reproduced: Repository) -> None:
    write(reproduced, "failing", vary={"train.weights": ["nowhere.weights.h5"], "train.alpha": [0.5]})
    text = reproduced.run("xrdsym", "study", "run", "failing")
    assert "weights=nowhere.weights.h5 · seed 0: failed: train.weights: no file at" in text
    found = shown(reproduced, "failing")
    assert [arm["arm"] for arm in found["arms"]] == ["baseline", "alpha=0.5"]
    assert "no file at" in found["failed"][0]["reason"]
    (failed,) = [run for run in reproduced.mlflow_runs() if run["tags"].get("changed", "").endswith("weights.h5")]
    assert failed["status"] == "FAILED"
    assert "no file at" in failed["tags"]["study.outcome"]


def test_labels_and_split_are_varied_without_touching_the_data(reproduced: Repository) -> None:
    write(reproduced, "tables", vary={"labels.symprec": [0.1], "split.by": ["random"], "train.chemistry": ["oxides"]})
    reproduced.run("xrdsym", "study", "run", "tables")
    arms = {arm["arm"]: arm["n"] for arm in shown(reproduced, "tables")["arms"]}
    assert arms["symprec=0.1"] == arms["baseline"] > arms["chemistry=oxides"] > 0
    assert reproduced.run("git", "status", "--porcelain", "data", "dvc.lock") == ""
    assert "up to date" in reproduced.run("dvc", "status")


def test_a_study_over_its_budget_says_so_before_it_starts(reproduced: Repository) -> None:
    write(reproduced, "long", set={"train.epochs": 5000}, vary={"profile.sigma": [1.0]}, budget_minutes=1)
    text = reproduced.run("xrdsym", "study", "run", "long", check=False)
    assert "2 trials would take about" in text
    assert "more than its budget_minutes: 1" in text
    assert "trial 0" not in text


def test_the_winner_goes_into_the_parameters_and_nothing_else_changes(reproduced: Repository) -> None:
    baseline = {"train.model": "majority", "train.class_weight": "none"}
    write(reproduced, "winner", set=baseline, vary={"train.model": ["boosted_trees"]})
    text = reproduced.run("xrdsym", "study", "run", "winner")
    assert "results: reports/studies/winner.html" in text
    assert (reproduced.root / "reports" / "studies" / "winner.html").is_file()
    before = (reproduced.root / "params.yaml").read_text().splitlines()
    (_, arm) = shown(reproduced, "winner")["arms"]
    assert arm["interval"][0] > 0
    applied = reproduced.run("xrdsym", "study", "show", "winner", "--apply-best")
    after = (reproduced.root / "params.yaml").read_text().splitlines()
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert [new.split("#")[0].strip() for _, new in changed] == ["model: boosted_trees"]
    # the study goes on as it was begun, since its file gives the baseline
    assert "`set: {train.model: majority}` in studies/winner.yaml" in applied
    assert "all 2 trials have been run" in reproduced.run("xrdsym", "study", "run", "winner")
    reproduced.run("git", "checkout", "--quiet", "params.yaml")


def test_a_sweep_by_dvc_gives_the_numbers_of_the_study(reproduced: Repository) -> None:
    sweep = {"train.class_weight": "balanced", "profile.sigma": 2.0, "images.colormap": "gray"}
    write(reproduced, "sweep", set={}, vary={name: [value] for name, value in sweep.items()})
    reproduced.run("xrdsym", "study", "run", "sweep")
    arms = {next(iter(arm["settings"]), ""): arm["val_accuracy"] for arm in shown(reproduced, "sweep")["arms"]}
    for name, value in sweep.items():
        experiment = name.replace(".", "-").replace("_", "-")
        reproduced.run(
            "dvc", "exp", "run", "--queue", "--name", experiment, "-S", f"{name}={value}", "-S", "train.input=peaks"
        )
    reproduced.run("dvc", "exp", "run", "--run-all")
    runs = {run["tags"].get("dvc.experiment"): run["metrics"].get("accuracy") for run in reproduced.mlflow_runs()}
    for name in sweep:
        assert runs[name.replace(".", "-").replace("_", "-")] == pytest.approx(arms[name], abs=1e-4), name
    reproduced.run("dvc", "exp", "apply", "profile-sigma")
    assert "sigma: 2.0" in (reproduced.root / "params.yaml").read_text()
    reproduced.run("git", "checkout", "--quiet", ".")
    reproduced.run("dvc", "checkout")
