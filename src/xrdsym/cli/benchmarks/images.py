"""Benchmark of the images against figures drawn by Matplotlib's `imshow`: speed and differing pixels."""

from __future__ import annotations

import itertools
import tempfile
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from xrdsym.cli.benchmarks.simulate import RADIATION, evenly_spaced
from xrdsym.common.errors import XrdsymError
from xrdsym.common.progress import progress_bar
from xrdsym.diffraction.peaks import SimulationError, simulate_peaks
from xrdsym.diffraction.profile_grid import ProfileGrid
from xrdsym.diffraction.scattering import wavelength
from xrdsym.encoding.images import ImageSpec, Renderer
from xrdsym.encoding.profile import profile
from xrdsym.encoding.rendering.png import write_png

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.figure import Figure
    from numpy.typing import NDArray
    from tqdm import tqdm

GRID = ProfileGrid(0.0, 90.0, 0.01)
SIGMA = 5.0
DOTS_PER_INCH = 100
TURN = 25
"""Images that one method draws before the next one does."""


def benchmark_images(structures_path: Path, count: int) -> dict[str, Any]:
    """Draw the patterns of structures of a table with this project and with `imshow` in turns.

    The patterns are those of the paper: Cu Kα, 0 to 90°, σ of 5 points of 0.01°. The times are those of stripes with
    224 × 224 pixels in viridis, from the profile to an array and from the profile to a PNG file, without compilation
    and without the data that is common to all images.

    Args:
        structures_path: A structure table.
        count: Number of structures, evenly spaced over the table.

    Returns:
        `count`, `ratio`, `per_second` and `reference_per_second` (arrays), `differing_pixels` (of stripes and of
        rasters) and `files_ratio`. Structures that cannot be simulated are not counted.

    Raises:
        UsageError: `count` is not positive.
        XrdsymError: The table cannot be read, or none of its structures can be simulated.
    """
    import matplotlib as mpl

    mpl.use("Agg")
    profiles = _profiles(structures_path, count)
    if not profiles:
        msg = f"{structures_path}: none of the {count} structures can be simulated; check the table"
        raise XrdsymError(msg)
    renderers = [Renderer(ImageSpec(), GRID.points), Renderer(ImageSpec("raster"), GRID.points)]
    seconds = np.zeros(4)
    differing = 0
    bar: tqdm[Any]
    with tempfile.TemporaryDirectory() as folder, progress_bar(total=len(profiles), description="images") as bar:
        methods = _methods(renderers[0], Path(folder))
        for method, _ in methods:
            method(profiles[0])  # compiles, and loads fonts
        for first in range(0, len(profiles), TURN):
            turn = profiles[first : first + TURN]
            seconds += [_seconds(method, turn * times) / times for method, times in methods]
            differing += sum(_differing(renderer, values) for renderer in renderers for values in turn)
            bar.update(len(turn))
    own, reference, own_file, reference_file = seconds.tolist()
    return {
        "count": len(profiles),
        "ratio": reference / own,
        "per_second": len(profiles) / own,
        "reference_per_second": len(profiles) / reference,
        "differing_pixels": differing,
        "files_ratio": reference_file / own_file,
    }


def _methods(renderer: Renderer, folder: Path) -> list[tuple[Callable[[NDArray[np.float32]], object], int]]:
    """Array, `imshow`'s array, file and `imshow`'s file, each with its number of repetitions.

    The repetitions make all four take about the same time, so that a pause of the machine affects all of them.
    """
    numbers = itertools.count()
    return [
        (lambda values: renderer.render(values[None]), 50),
        (lambda values: figure_array(values[None]), 1),
        (lambda values: write_png(folder / f"{next(numbers)}.png", renderer.render(values[None])[0]), 10),
        (lambda values: figure_file(values[None], folder / f"{next(numbers)}.png"), 1),
    ]


def _seconds(method: Callable[[NDArray[np.float32]], object], turn: list[NDArray[np.float32]]) -> float:
    start = perf_counter()
    for values in turn:
        method(values)
    return perf_counter() - start


def _differing(renderer: Renderer, values: NDArray[np.float32]) -> int:
    data = values[None] if renderer.spec.layout == "stripes" else _folded(values)
    return int((renderer.render(values[None])[0] != figure_array(data)).any(axis=-1).sum())


def figure_array(data: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Draw a new figure and copy its buffer, uint8 (side, side, 3)."""
    import matplotlib.pyplot as plt
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    figure = _figure(data)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()  # type: ignore[no-untyped-call]
    pixels: NDArray[np.uint8] = np.array(canvas.buffer_rgba(), dtype=np.uint8)  # type: ignore[no-untyped-call]
    plt.close(figure)
    return pixels[..., :3]


def figure_file(data: NDArray[np.floating], path: Path) -> None:
    """Draw a new figure and save it as a PNG file."""
    import matplotlib.pyplot as plt

    figure = _figure(data)
    figure.savefig(path)
    plt.close(figure)


def _figure(data: NDArray[np.floating]) -> Figure:
    import matplotlib.pyplot as plt

    spec = ImageSpec()
    inches = spec.side / DOTS_PER_INCH
    figure = plt.figure(figsize=(inches, inches), dpi=DOTS_PER_INCH)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.imshow(data, cmap=spec.colormap, aspect="auto")
    return figure


def _profiles(structures_path: Path, count: int) -> list[NDArray[np.float32]]:
    profiles = []
    for structure in evenly_spaced(structures_path, count):
        try:
            peaks = simulate_peaks(structure, wavelength(RADIATION), (GRID.two_theta_min, GRID.two_theta_max))
            profiles.append(profile(peaks, GRID, SIGMA, "linear"))
        except SimulationError:
            continue
    return profiles


def _folded(values: NDArray[np.floating]) -> NDArray[np.floating]:
    rows = int(np.ceil(np.sqrt(len(values))))
    return np.pad(values, (0, rows * rows - len(values))).reshape(rows, rows)
