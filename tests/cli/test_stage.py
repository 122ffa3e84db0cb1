from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from params_of import write_params
from xrdsym.cli.main import main


@pytest.mark.parametrize(
    ("section", "key", "value", "told"),
    [
        ("images", "colormap", "virdis", "did you mean viridis?"),
        ("peaks", "radiation", "CuKx", "CuKa"),
        ("profile", "step", 0.007, "use a step of"),
    ],
)
def test_what_a_later_stage_could_not_do_is_reported_by_the_first(
    section: str,
    key: str,
    value: object,
    told: str,
    project_root: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    shutil.copy(project_root / "dvc.yaml", tmp_path)
    write_params(tmp_path, **{f"{section}__{key}": value})
    monkeypatch.chdir(tmp_path)
    assert main(["stage", "structures"]) == 2
    error = capsys.readouterr().err
    assert told in error
    assert len(error.splitlines()) == 1
