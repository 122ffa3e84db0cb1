"""A figure with a few images or profiles of a training set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    from matplotlib.figure import Figure

    from xrdsym.config.paths import Paths
    from xrdsym.encoding.encoder import InputEncoder


def stored_samples(paths: Paths, encoder: InputEncoder) -> tuple[npt.NDArray[Any], list[str]]:
    """The first stored image of each crystal system that has the size of the model's input.

    Args:
        paths: The working tree, for `data/images`.
        encoder: Encoder of the model.

    Returns:
        Images, uint8 (n, side, side, 3), and their crystal systems; none for a model that reads profiles.
    """
    from PIL import Image

    if len(encoder.shape) == 1:
        return np.zeros((0, *encoder.shape), dtype=encoder.dtype), []
    side = encoder.side

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


def sample_figure(images: npt.NDArray[Any], labels: Sequence[str]) -> Figure:
    """At most 21 images, or profiles as curves, with their classes, seven in a row.

    Args:
        images: uint8 (n, side, side, 3), or profiles, float (n, points).
        labels: Class of each.
    """
    from matplotlib.figure import Figure

    rows = -(-min(len(images), 21) // 7)
    figure = Figure(figsize=(10.5, 1.8 * rows), dpi=100, layout="constrained")
    for axes, image, label in zip(figure.subplots(rows, 7, squeeze=False).flat, images, labels, strict=False):
        if image.ndim == 1:
            axes.plot(image, linewidth=0.6)
        else:
            axes.imshow(image, interpolation="nearest")
        axes.set_title(label, fontsize=9, parse_math=False)
    for axes in figure.axes:
        axes.axis("off")
    return figure
