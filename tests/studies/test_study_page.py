from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from browser import seen
from made_trials import made_materials, trial_of
from params_of import preset_content
from xrdsym.reporting.document import Block, Code, Picture, Table, Text
from xrdsym.studies.arm_effects import arm_effects
from xrdsym.studies.definition import COMPARISON
from xrdsym.studies.record import StudyRecord
from xrdsym.studies.results import TrialResult
from xrdsym.studies.study_figures import PANELS, effects_figure, epochs_figure
from xrdsym.studies.study_page import page_blocks, write_study_page

MATERIALS = made_materials(300)


def scored(accuracy: float, sigma: float | None, seed: int = 0) -> TrialResult:
    settings: dict[str, Any] = {} if sigma is None else {"profile.sigma": sigma}
    result = trial_of(MATERIALS, accuracy, settings, seed=seed, draw=seed)
    return replace(result, metrics={**result.metrics, "val_macro_f1": accuracy / 2})


def recorded(*results: TrialResult, design: str = "each") -> StudyRecord:
    failed = [("σ=1", 0, "no <memory>")]
    baseline = preset_content("screening")
    return StudyRecord(
        "mine", "how wide?", "screening", design, "val_accuracy", baseline, list(results), [], failed, Counter(), 3000
    )


@pytest.fixture
def record() -> StudyRecord:
    seeds = range(2)
    return recorded(*(scored(share, sigma, seed) for share, sigma in ((0.5, None), (0.7, 2.0)) for seed in seeds))


def blocks_of(record: StudyRecord, figures: set[str] | None = None) -> list[Block]:
    return page_blocks(record, arm_effects(record), figures or set(), " --storage my.journal")


def test_the_page_holds_all_that_it_shows(record: StudyRecord, tmp_path: Path) -> None:
    path = write_study_page(record, tmp_path / "reports" / "studies" / "mine.html")
    page = path.read_text(encoding="utf-8")
    assert page.count("data:image/") == 2
    assert not re.search(r'(?:src|href)="(?!data:|#)', page)
    assert "3,000 structures from prototypes, split by prototype: 10,000 to train on, n = 300 validation" in page
    assert "no &lt;memory&gt;" in page


@pytest.mark.slow
@pytest.mark.parametrize("width", [400, 1200, 2000])
def test_a_browser_shows_the_page(record: StudyRecord, tmp_path: Path, width: int) -> None:
    page = seen(write_study_page(record, tmp_path / "mine.html").read_text(encoding="utf-8"), width, tmp_path)
    assert page.needed <= width
    assert page.outside == []
    assert page.cut == 0 or width == 400
    assert len(page.pictures) == 2
    assert all(alternative and size > 0 for alternative, size in page.pictures)


def test_repetitions_differ_in_colour_and_mark(record: StudyRecord) -> None:
    axes = epochs_figure(arm_effects(record), None).axes[0]
    validation = [line for line in axes.lines if line.get_linestyle() == "-"]
    assert len(validation) == 2
    assert len({line.get_color() for line in validation}) == 2
    assert len({line.get_marker() for line in validation}) == 2


def test_it_answers_first_and_ends_with_the_commands(record: StudyRecord) -> None:
    blocks = blocks_of(record, {"effects", "epochs"})
    answer = blocks[1]
    assert isinstance(answer, Text)
    assert re.match(r"Best: \*\*σ=2\*\*, \+20\.0 points \(.*\) above the baseline: helps\.", answer.text)
    assert [block.name for block in blocks if isinstance(block, Picture)] == ["effects", "epochs"]
    assert isinstance(blocks[-1], Code)
    assert "xrdsym study show mine --storage my.journal --apply-best" in blocks[-1].text


def test_where_nothing_is_better_nothing_is_offered() -> None:
    blocks = blocks_of(recorded(scored(0.5, None), scored(0.5, 2.0)))
    assert blocks[1] == Text("No arm is better than the baseline beyond its 95 % interval.")
    assert isinstance(blocks[-1], Code)
    assert "--apply-best" not in blocks[-1].text
    assert any("One seed an arm" in block.text for block in blocks if isinstance(block, Text))


def test_without_a_baseline_there_are_scores_alone(tmp_path: Path) -> None:
    record = recorded(scored(0.5, 2.0))
    (table,) = (block for block in blocks_of(record) if isinstance(block, Table))
    assert table.rows == (("σ=2", "", "", "", "0.5000", "0.2500", "1", "60 s"),)
    assert write_study_page(record, tmp_path / "mine.html").read_text(encoding="utf-8").count("data:image/") == 1
    assert "no baseline" in str(blocks_of(replace(record, design=COMPARISON))[1])


def test_many_arms_are_counted_where_the_figure_leaves_them_out(tmp_path: Path) -> None:
    record = recorded(*(scored(0.5 - sigma / 100, sigma) for sigma in range(1, PANELS + 4)))
    (picture,) = (block for block in blocks_of(record, {"epochs"}) if isinstance(block, Picture))
    assert "The 3 arms with the lowest scores are left out" in picture.caption
    assert write_study_page(record, tmp_path / "mine.html").is_file()


def test_verdicts_differ_in_shape() -> None:
    arms = arm_effects(
        recorded(
            *(
                scored(share, sigma, seed)
                for share, sigma in ((0.5, None), (0.7, 2.0), (0.3, 9.0), (0.5, 5.5))
                for seed in (0, 1)
            )
        )
    )
    axes = effects_figure(arms, "validation accuracy").axes[0]
    points = {
        line.get_ydata()[0]: line.get_marker() for line in axes.lines if line.get_marker() not in {"None", "", None}
    }
    assert [points[place] for place in range(3)] == ["^", "o", "v"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["σ=2", "σ=5.5", "σ=9"]


def test_each_panel_of_the_epochs_has_the_baseline(record: StudyRecord) -> None:
    arms = arm_effects(record)
    first, second = epochs_figure(arms, arms[0]).axes[:2]
    assert len(first.lines) == 4
    assert len(second.lines) == 6
    expected = [row["val_accuracy"] for row in arms[0].trials[0].history]
    assert np.allclose(second.lines[0].get_ydata(), expected)
