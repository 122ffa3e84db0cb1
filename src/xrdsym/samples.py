"""A few images of a training set, to be looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    from matplotlib.figure import Figure

    from xrdsym.paths import Paths


def stored_samples(paths: Paths, side: int) -> tuple[npt.NDArray[np.uint8], list[str]]:
    """The first image of each class in `data/images` that has this side; uint8 (n, side, side, 3) and the classes."""
    from PIL import Image

    images, labels = [], []
    for folder in sorted(paths.images.glob("*/")):
        first = min(folder.glob("*.png"), default=None)
        if first is not None:
            with Image.open(first) as opened:
                image = np.asarray(opened.convert("RGB"), dtype=np.uint8)
            if image.shape == (side, side, 3):
                images.append(image)
                labels.append(folder.name)
    return np.array(images, dtype=np.uint8).reshape(-1, side, side, 3), labels


def sample_figure(images: npt.NDArray[np.uint8], labels: Sequence[str]) -> Figure:
    """At most 21 images with their classes, seven in a row."""
    from matplotlib.figure import Figure

    shown = min(len(images), 21)
    rows = -(-shown // 7)
    figure = Figure(figsize=(10.5, 1.8 * rows), dpi=100, layout="constrained")
    for axes, image, label in zip(figure.subplots(rows, 7, squeeze=False).flat, images, labels, strict=False):
        axes.imshow(image, interpolation="nearest")
        axes.set_title(label, fontsize=9)
    for axes in figure.axes:
        axes.axis("off")
    return figure
