"""docs/screenshots.py, with a small store."""

from __future__ import annotations

import dataclasses
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from params_of import preset_params
from xrdsym.config.paths import Paths
from xrdsym.tracking.models import training_run
from xrdsym.tracking.studies import StudyRun, Tracked


def pictures(paths: Paths, project_root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, project_root / "docs" / "screenshots.py", "--project", paths.root]
    return subprocess.run(
        [*command, "--to", paths.root / "images", *words], capture_output=True, text=True, check=False
    )


@pytest.mark.slow
def test_the_pictures_show_the_runs_the_trials_and_a_run(paths: Paths, project_root: Path) -> None:
    if not any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")):
        pytest.skip("no Chromium on the PATH")
    with training_run(paths, preset_params(), {}, "f1") as run:
        run.log_epoch(1, {"loss": 1.5})
        assert run._run is not None
        run._run.log_metrics({"accuracy": 0.5, "macro_f1": 0.25})
    study = StudyRun(paths, preset_params(), Tracked("sigma", "", ("profile.sigma",)), None)
    for sigma in (1, 2):
        base = preset_params()
        params = dataclasses.replace(base, profile=dataclasses.replace(base.profile, sigma=float(sigma)))
        trial = study.trial(params, sigma, f"σ={sigma}", f"σ={sigma} · seed 0")
        trial.finish("FINISHED", {"validation_accuracy": sigma / 10, "validation_macro_f1": sigma / 20}, {})
    study.finish("FINISHED", 2)
    done = pictures(paths, project_root)
    assert done.returncode == 0, done.stdout + done.stderr
    # the script ends with an error unless the pages show these words
    assert done.stdout.splitlines() == [
        "mlflow-list.png shows sigma, defaults",
        "mlflow-study-sigma.png shows sigma, σ=2 · seed 0, σ=1 · seed 0",
        "mlflow-run.png shows defaults, macro_f1",
    ]
    files = sorted((paths.root / "images").iterdir())
    assert [file.name for file in files] == ["mlflow-list.png", "mlflow-run.png", "mlflow-study-sigma.png"]
    for file in files:
        picture = Image.open(file)
        assert picture.width == 1600
        assert 400 <= picture.height <= 2400
        assert file.stat().st_size <= 200_000
        counts = sorted((count for count, _ in picture.convert("RGB").getcolors(1 << 20)), reverse=True)
        assert len(counts) > 50, "letters have many shades"
        assert counts[0] < 0.97 * picture.width * picture.height, "the page is not blank"


def test_a_folder_without_a_store_says_what_to_do(paths: Paths, project_root: Path) -> None:
    (paths.root / "mlflow.db").unlink()
    done = pictures(paths, project_root)
    assert done.returncode == 1
    assert "no mlflow.db in" in done.stderr or "is on the PATH" in done.stderr


def test_a_store_without_runs_says_what_to_do(paths: Paths, project_root: Path) -> None:
    done = pictures(paths, project_root)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "no finished run in" in done.stderr or "is on the PATH" in done.stderr
