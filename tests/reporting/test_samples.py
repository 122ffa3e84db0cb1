from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from xrdsym.config.paths import Paths
from xrdsym.reporting.samples import sample_figure, stored_samples

if TYPE_CHECKING:
    from pathlib import Path


def store(paths: Paths, system: str, name: str, side: int, grey: int) -> None:
    path = paths.images / system / f"{name}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((side, side, 3), grey, dtype=np.uint8)).save(path)


def test_the_first_image_of_each_system_is_taken_if_it_fits(tmp_path: Path) -> None:
    paths, side = Paths(tmp_path), 16
    for system, name, width, grey in [
        ("trigonal", "b", side, 3),
        ("cubic", "z", side, 2),
        ("cubic", "a", side, 1),
        ("hexagonal", "a", side + 1, 4),
    ]:
        store(paths, system, name, width, grey)
    images, labels = stored_samples(paths, SimpleNamespace(shape=(side, side, 3), side=side))
    assert labels == ["cubic", "trigonal"]
    assert images.shape == (2, side, side, 3)
    assert images[:, 0, 0, 0].tolist() == [1, 3]
    assert stored_samples(paths, SimpleNamespace(shape=(901,), side=side, dtype="float32"))[1] == []


def test_at_most_three_rows_of_seven_are_drawn() -> None:
    figure = sample_figure(np.zeros((30, 4, 4, 3), dtype=np.uint8), [f"class {number}" for number in range(30)])
    titles = [axes.get_title() for axes in figure.axes]
    assert titles == [f"class {number}" for number in range(21)]
    assert all(axes.images for axes in figure.axes)


def test_profiles_are_drawn_as_curves() -> None:
    figure = sample_figure(np.ones((2, 50), dtype=np.float32), ["cubic", "trigonal"])
    assert [len(axes.lines) for axes in figure.axes[:2]] == [1, 1]
