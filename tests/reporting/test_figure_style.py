from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from made_figures import made_history, made_pattern
from xrdsym.reporting.figure_style import LONGEST_ID, save_figure, short_id, svg_bytes
from xrdsym.reporting.pattern_figure import pattern_figure
from xrdsym.reporting.score_figures import training_figure

if TYPE_CHECKING:
    from pathlib import Path


def test_figures_leave_no_trace_in_pyplot() -> None:
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    training_figure(made_history(3))
    assert dict(mpl.rcParams) == before
    if "matplotlib.pyplot" in sys.modules:
        assert sys.modules["matplotlib.pyplot"].get_fignums() == []


@pytest.mark.parametrize("suffix", ["svg", "png"])
def test_the_same_data_gives_the_same_bytes(tmp_path: Path, suffix: str) -> None:
    first = save_figure(training_figure(made_history(3)), tmp_path / f"a.{suffix}")
    second = save_figure(training_figure(made_history(3)), tmp_path / f"b.{suffix}")
    assert first.read_bytes() == second.read_bytes()


def test_another_process_at_another_time_draws_the_same_bytes() -> None:
    code = (
        "import hashlib; from made_figures import made_history, made_pattern;"
        "from xrdsym.reporting.figure_style import svg_bytes;"
        "from xrdsym.reporting.pattern_figure import pattern_figure;"
        "print(hashlib.sha256(svg_bytes(pattern_figure(made_pattern()))).hexdigest())"
    )
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
    answer = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == hashlib.sha256(svg_bytes(pattern_figure(made_pattern()))).hexdigest()


def test_an_svg_file_has_texts_and_brings_its_colours_for_a_dark_page() -> None:
    drawn = svg_bytes(training_figure(made_history(3))).decode()
    assert ">epoch</text>" in drawn
    assert "prefers-color-scheme: dark" in drawn
    # what the style for dark pages changes has to be there in these words
    assert "stroke: #000000" in drawn
    assert "stroke: #dddddd" in drawn
    assert "<script" not in drawn


def test_a_long_id_keeps_both_ends() -> None:
    assert short_id("mp-20194") == "mp-20194"
    short = short_id("aflow-AB3_cP4_221_a_c-decorated-0007")
    assert len(short) <= LONGEST_ID
    assert short.startswith("aflow-AB3")
    assert short.endswith("-0007")
