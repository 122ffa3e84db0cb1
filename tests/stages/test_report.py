from __future__ import annotations

import json
from pathlib import Path

import pytest

from params_of import preset_params
from xrdsym.config.paths import Paths
from xrdsym.stages import report


def test_the_report_has_the_counts_of_the_stages(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = Paths(tmp_path)
    paths.summary("peaks").parent.mkdir()
    paths.summary("peaks").write_text(json.dumps({"count": 1234, "skipped": {"too_large": 7}}))
    report.run(paths, preset_params())
    page = (paths.reports / "index.html").read_text(encoding="utf-8")
    assert "1,234" in page
    assert "too large" in page
    assert capsys.readouterr().out.startswith("report: reports/index.html")


def test_without_results_the_next_commands_are_named(tmp_path: Path) -> None:
    words = report.last_words(Paths(tmp_path), preset_params())
    assert "models/mobilenetv2 does not exist yet: `dvc repro` makes it, `dvc pull` fetches it." in words
    assert "dvc exp run -S profile.sigma=3" in words
    assert "accuracy" not in words
    assert "queued" not in words


def test_where_experiments_cannot_be_queued_this_is_said(tmp_path: Path) -> None:
    words = report.last_words(Paths(tmp_path / "año"), preset_params())
    assert "Experiments cannot be queued in this folder" in words
