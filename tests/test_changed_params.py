"""The tests pass whatever `params.yaml` says: those that need parameters run in a copy of the checkout with others."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from repository import copy_checkout
from xrdsym.config.presets import apply_settings

CHANGED = {
    "evaluate.part": "test",
    "images.colormap": "gray",
    "images.side": 64,
    "labels.symprec": 0.1,
    "profile.sigma": 3.0,
    "profile.step": 0.02,
    "split.by": "random",
    "target.name": "space_group",
    "train.epochs": 3,
    "train.input": "peaks",
    "train.model": "oviedo",
}
NEEDS_PARAMETERS = re.compile(r"params_of|tiny_model|load_params|params\.yaml")


@pytest.mark.slow
def test_the_tests_pass_with_other_parameters(tmp_path: Path, project_root: Path) -> None:
    copy_checkout(project_root, tmp_path)
    apply_settings(CHANGED, tmp_path / "params.yaml")
    needing = [
        str(path)
        for path in sorted((tmp_path / "tests").rglob("test_*.py"))
        if path.name != Path(__file__).name and NEEDS_PARAMETERS.search(path.read_text(encoding="utf-8"))
    ]
    assert len(needing) > 20
    # the code is that of the checkout, which is compiled already
    words = [sys.executable, "-m", "pytest", "-q", "-m", "not slow", "-p", "no:cacheprovider", *needing]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    result = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout[-5000:] + result.stderr[-2000:]
