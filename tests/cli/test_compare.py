from __future__ import annotations

import argparse
import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest

from xrdsym.cli.compare import _command, add_arguments
from xrdsym.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def project(tmp_path: Path, project_root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("params.yaml", "dvc.yaml"):
        shutil.copy(project_root / name, tmp_path)
    for name in ("presets", "studies"):
        shutil.copytree(project_root / name, tmp_path / name, ignore=shutil.ignore_patterns("*.journal*"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--patterns", "nothing.npz"], "--patterns nothing.npz: no such file"),
        (["--radiation", "CuKa"], "add --patterns NPZ"),
        (["--study", "sigma"], "study sigma has design: each, not comparison"),
        (["--study", "elsewhere/mine.yaml"], "studies are read from studies/ of the project"),
        (["nothing.parquet"], "no structures at nothing.parquet"),
    ],
)
def test_what_cannot_be_compared_is_a_usage_error(
    project: Path, capsys: pytest.CaptureFixture[str], words: list[str], expected: str
) -> None:
    assert main(["compare", *words]) == 2
    assert expected in capsys.readouterr().err
    assert not list(project.rglob("comparison*.md"))


def test_patterns_without_a_wavelength_are_refused_before_any_training(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    angles = np.arange(10, 80, 0.05)
    np.savez(project / "scans.npz", two_theta=angles, intensity=np.ones((1, len(angles))), crystal_system=["cubic"])
    assert main(["compare", "--patterns", "scans.npz"]) == 2
    assert "--radiation CuKa or --wavelength" in capsys.readouterr().err
    assert not list(project.rglob("*.journal"))


def test_the_command_of_the_page_repeats_the_call() -> None:
    words = ["my table.parquet", "--study", "mine", "--set", "train.epochs=2", "--patterns", "a.npz", "--wavelength"]
    words += ["1.5418", "--to", "page.md"]
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    assert _command(parser.parse_args(words)) == (
        "xrdsym compare 'my table.parquet' --study mine --set train.epochs=2 --patterns a.npz --wavelength 1.5418 "
        "--to page.md"
    )
