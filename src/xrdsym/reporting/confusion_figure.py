"""The confusion matrix as a figure.

scikit-learn's `ConfusionMatrixDisplay` chooses the colour of a text by the range of the data: white on light blue where
the largest share is small. It also has no room for the number of rows of a class, and it imports pyplot.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from xrdsym.evaluation.confusions import MANY_CLASSES
from xrdsym.reporting.figure_style import INK, PERCENT, STYLE, add_title

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.image import AxesImage
    from numpy.typing import NDArray


@mpl.rc_context(STYLE)
def confusion_figure(matrix: NDArray[Any], classes: Sequence[str], context: str, *, shares: bool) -> Figure:
    """The confusion matrix as counts, or as shares of each row; colours always show the shares.

    Args:
        matrix: Counts, int (k, k), rows actual, columns predicted.
        classes: Names of the k classes.
        context: Part, data, split and number of classes behind the counts.
        shares: Print percentages of the row in place of counts.
    """
    support = matrix.sum(axis=1)
    part = row_shares(matrix)
    # every class has a cell of the same size, seven classes fill the default figure
    wider = max(0.0, 0.5 * (len(classes) - 7))
    figure = Figure(figsize=(6.4 + wider, 5.2 + wider), layout="constrained")
    axes = figure.subplots()
    texts = [
        f"{100 * share:.0f} %" if shares else f"{count:,}" for share, count in zip(part.flat, matrix.flat, strict=True)
    ]
    if len(classes) > MANY_CLASSES:
        texts = [text if share else "" for text, share in zip(texts, part.flat, strict=True)]
    picture = draw_cells(axes, part, texts, classes, fontsize=9)
    axes.set_yticks(range(len(classes)), [f"{name} ({count:,})" for name, count in zip(classes, support, strict=True)])
    axes.set(xlabel="predicted", ylabel="actual (number of patterns)")
    bar = figure.colorbar(picture, ax=axes, shrink=0.7, format=PERCENT)
    bar.set_label("share of the actual class")
    add_title(figure, f"Confusion matrix, {'shares of each row' if shares else 'counts'}", context)
    return figure


def row_shares(matrix: NDArray[Any]) -> NDArray[np.float64]:
    """The cells as shares of their row, float64 (k, k); 0 in an empty row."""
    return np.asarray(matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1), dtype=np.float64)


def draw_cells(
    axes: Axes, shares: NDArray[np.float64], texts: Sequence[str], classes: Sequence[str], *, fontsize: float
) -> AxesImage:
    """Draw the cells of a confusion matrix, coloured by their shares, and the names of the predicted classes.

    Args:
        axes: Where to draw.
        shares: Shares of each row, float64 (k, k).
        texts: Text of each cell, row by row; an empty one is not drawn.
        classes: Names of the k classes.
        fontsize: Of the texts, points.

    Returns:
        The image, for a colour bar.
    """
    picture = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, interpolation="none")
    for ((row, column), share), text in zip(np.ndenumerate(shares), texts, strict=True):
        if text:
            color = "white" if share > 0.5 else INK
            axes.text(column, row, text, ha="center", va="center", color=color, fontsize=fontsize)
    axes.set_xticks(range(len(classes)), classes, rotation=35, ha="right", rotation_mode="anchor")
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    return picture
