from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from made_figures import made_image, made_pattern
from xrdsym.reporting.pattern_figure import contrast_of, pattern_figure


def test_the_peaks_are_marked_where_they_are() -> None:
    pattern = dataclasses.replace(made_pattern(), peaks=np.array([20.0, 28.3, 95.0]))
    curve = pattern_figure(pattern).axes[0]
    assert curve.lines[0].get_xdata().tolist() == pattern.two_theta.tolist()
    assert curve.lines[1].get_xdata().tolist() == [20.0, 28.3]
    assert curve.lines[1].get_ydata().max() < 0


def test_the_contrast_shows_a_weak_peak_and_leaves_the_background_white() -> None:
    image = np.full((96, 96, 3), (68, 1, 84), dtype=np.uint8)
    image[:, 10], image[:, 50] = (253, 231, 37), (70, 10, 93)
    contrast = contrast_of(image)
    assert contrast[:, 10].min() == 1
    assert 0.15 < contrast[0, 50] < 0.4
    assert np.delete(contrast, [10, 50], axis=1).max() == 0


def test_an_image_of_one_colour_has_no_contrast() -> None:
    assert contrast_of(np.full((32, 32, 3), 7, dtype=np.uint8)).max() == 0


def test_the_rows_of_a_raster_say_their_angle_and_the_columns_of_stripes_theirs() -> None:
    pattern = made_pattern()
    stripes = pattern_figure(pattern).axes[1]
    assert [label.get_text() for label in stripes.get_xticklabels()] == ["0", "22", "45", "67", "89"]
    assert len(stripes.get_yticks()) == 0
    raster = pattern_figure(dataclasses.replace(pattern, layout="raster")).axes[1]
    # 9,001 points fill a square of 95 rows
    first = [0, 24 * 95 // 96, 48 * 95 // 96, 71 * 95 // 96, 95 * 95 // 96]
    assert [label.get_text() for label in raster.get_yticklabels()] == [f"{0.95 * row:.0f}" for row in first]
    assert len(raster.get_xticks()) == 0


@pytest.mark.parametrize("scale", ["sqrt", "log"])
def test_a_scale_that_is_not_linear_is_named(scale: str) -> None:
    axes = pattern_figure(dataclasses.replace(made_pattern(), scale=scale, image=np.zeros(10))).axes
    assert len(axes) == 1
    assert axes[0].get_ylabel() == f"intensity ({scale} scale)"
    assert pattern_figure(made_pattern()).axes[0].get_ylabel() == "intensity"


def test_a_vector_is_not_drawn_as_an_image() -> None:
    assert len(pattern_figure(dataclasses.replace(made_pattern(), image=made_image(1))).axes) == 3
