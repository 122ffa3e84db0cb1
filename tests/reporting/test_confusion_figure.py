from __future__ import annotations

import numpy as np
import pytest

from made_figures import CONTEXT
from xrdsym.crystal.symmetry import CRYSTAL_SYSTEMS
from xrdsym.reporting.confusion_figure import confusion_figure
from xrdsym.reporting.figure_style import INK


@pytest.mark.parametrize("shares", [False, True])
def test_the_confusion_matrix_prints_every_cell(shares: bool) -> None:
    matrix = np.arange(49).reshape(7, 7)
    matrix[3] = 0
    figure = confusion_figure(matrix, CRYSTAL_SYSTEMS, CONTEXT, shares=shares)
    texts = [text.get_text() for text in figure.axes[0].texts]
    part = 100 * matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    assert texts == ([f"{value:.0f} %" for value in part.flat] if shares else [f"{value:,}" for value in matrix.flat])
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == list(CRYSTAL_SYSTEMS)


def test_what_a_score_holds_for_fits_into_the_figure() -> None:
    context = "validation part, n = 8,799, data: matminer + materials project, split by anonymous formula, 7 classes"
    figure = confusion_figure(np.eye(7, dtype=int), CRYSTAL_SYSTEMS, context, shares=True)
    figure.draw_without_rendering()
    box = figure.texts[0].get_window_extent()
    assert figure.bbox.x0 <= box.x0 <= box.x1 <= figure.bbox.x1
    assert " ".join(figure.get_suptitle().splitlines()[1:]) == context


def test_of_many_classes_the_empty_cells_stay_blank() -> None:
    matrix = np.diag(np.arange(1, 22))
    matrix[3, 4] = 2000
    figure = confusion_figure(matrix, [f"class {number}" for number in range(21)], CONTEXT, shares=False)
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert len(texts) == 22
    assert texts.count("2,000") == 1


def test_a_text_is_white_on_dark_cells_and_dark_on_light_ones() -> None:
    figure = confusion_figure(np.array([[60, 40], [10, 90]]), ["a", "b"], CONTEXT, shares=True)
    assert [text.get_color() for text in figure.axes[0].texts] == ["white", INK, INK, "white"]
