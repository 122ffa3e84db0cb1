from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from made_figures import made_history
from xrdsym.reporting.figure_style import LONGEST_ID, save_figure, short_id
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


def test_the_same_data_gives_the_same_bytes(tmp_path: Path) -> None:
    first = save_figure(training_figure(made_history(3)), tmp_path / "a.png")
    second = save_figure(training_figure(made_history(3)), tmp_path / "b.png")
    assert first.read_bytes() == second.read_bytes()


def test_a_long_id_keeps_both_ends() -> None:
    assert short_id("mp-20194") == "mp-20194"
    short = short_id("aflow-AB3_cP4_221_a_c-decorated-0007")
    assert len(short) <= LONGEST_ID
    assert short.startswith("aflow-AB3")
    assert short.endswith("-0007")
