"""The figures of README and results are drawn by one command, from what the repository holds."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread

from research.document_figures.drawing import confusion_table, paper_pattern
from xrdsym.common.errors import XrdsymError

ROOT = Path(__file__).parents[3]


def test_the_command_draws_both_as_they_are_in_the_documents(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "research.document_figures", str(tmp_path)]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=300)
    assert answer.stdout.split() == [str(tmp_path / "pattern.png"), str(tmp_path / "confusion.png")]
    for name in ("pattern", "confusion"):
        drawn = imread(tmp_path / f"{name}.png")
        # fonts and versions of libraries move single pixels
        kept = imread(ROOT / "docs" / "images" / f"{name}.png")
        assert drawn.shape == pytest.approx(kept.shape, rel=0.02)
        assert drawn.mean() == pytest.approx(kept.mean(), abs=0.02)


def test_the_pattern_is_that_of_corundum_and_its_contrast_shows_the_peaks() -> None:
    curve, image, contrast = paper_pattern(ROOT).axes
    # its strongest peak is 116
    assert curve.lines[0].get_xdata()[np.argmax(curve.lines[0].get_ydata())] == pytest.approx(57.5, abs=0.1)
    assert len(curve.lines[1].get_xdata()) > 20
    assert image.images[0].get_array().shape == (224, 224, 3)
    dark = np.asarray(contrast.images[0].get_array())[0] > 0.5
    assert 6 <= np.count_nonzero(np.diff(dark.astype(int)) == 1) <= 15


def test_the_counts_are_those_of_the_page_and_a_page_without_them_is_named() -> None:
    text = (ROOT / "docs" / "results.md").read_text(encoding="utf-8")
    matrix = confusion_table(text)
    assert matrix.sum() == 8799
    assert np.trace(matrix) / matrix.sum() == pytest.approx(0.66, abs=0.005)
    with pytest.raises(XrdsymError, match=r"docs/results\.md"):
        confusion_table(text.replace("| trigonal | 37 |", "|"))
    with pytest.raises(XrdsymError, match=r"docs/results\.md"):
        confusion_table("")
