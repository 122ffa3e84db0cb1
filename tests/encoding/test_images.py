"""The pixels are Matplotlib's, and the simpler downsamplings what they say they are."""

from __future__ import annotations

import math
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter1d

from xrdsym.common.errors import UsageError, XrdsymError
from xrdsym.encoding.images import ImageSpec, Renderer

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from xrdsym.config.schema import Downsampling, Layout

DOTS_PER_INCH = 100


def imshow_image(data: NDArray[np.floating], colormap: str, side: int) -> NDArray[np.uint8]:
    """A figure drawn anew, as the paper drew it."""
    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure = plt.figure(figsize=(side / DOTS_PER_INCH, side / DOTS_PER_INCH), dpi=DOTS_PER_INCH)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.imshow(data, cmap=colormap, aspect="auto")
    figure.canvas.draw()
    pixels = np.asarray(figure.canvas.buffer_rgba())[..., :3].copy()
    plt.close(figure)
    return pixels


def render(profiles: NDArray[np.floating], spec: ImageSpec) -> NDArray[np.uint8]:
    return Renderer(spec, profiles.shape[-1]).render(profiles)


def folded(profile: NDArray[np.floating], layout: Layout) -> NDArray[np.floating]:
    if layout == "stripes":
        return profile[None]
    rows = math.ceil(math.sqrt(len(profile)))
    square = np.zeros(rows * rows, dtype=profile.dtype)
    square[: len(profile)] = profile
    return square.reshape(rows, rows)


def pattern(points: int, seed: int = 0, peaks: int = 100) -> NDArray[np.float64]:
    """A profile as simulation makes it: sharp peaks on nothing."""
    random = np.random.default_rng(seed)
    profile = np.zeros(points)
    np.add.at(profile, random.integers(0, points, peaks), random.random(peaks) ** 3)
    profile = gaussian_filter1d(profile, 5)
    return profile / profile.max()


def differing(profile: NDArray[np.floating], layout: Layout, side: int, colormap: str) -> int:
    ours = render(profile[None], ImageSpec(layout, "imshow", side, colormap))[0]
    return int(np.count_nonzero(ours != imshow_image(folded(profile, layout), colormap, side)))


@pytest.mark.parametrize("layout", ["stripes", "raster"])
@pytest.mark.parametrize("side", [32, 64, 96, 100, 224, 299])
@pytest.mark.parametrize("points", [901, 8501, 9001])
@pytest.mark.parametrize("colormap", ["viridis", "gray", "jet", "inferno"])
def test_pixels_equal_imshow(layout: Layout, side: int, points: int, colormap: str) -> None:
    assert differing(pattern(points, seed=side + points), layout, side, colormap) == 0


@pytest.mark.parametrize("layout", ["stripes", "raster"])
@pytest.mark.parametrize("scale", [np.sqrt, lambda profile: np.log1p(1000 * profile) / np.log1p(1000)])
@pytest.mark.parametrize("side", [224, 256])
def test_pixels_equal_imshow_on_other_intensity_scales(
    layout: Layout, scale: Callable[[NDArray[np.float64]], NDArray[np.float64]], side: int
) -> None:
    assert differing(scale(pattern(9001, peaks=400)), layout, side, "viridis") == 0


@pytest.mark.parametrize("layout", ["stripes", "raster"])
@pytest.mark.parametrize("colormap", ["Blues", "tab10", "PiYG", "gray_r"])
def test_pixels_equal_imshow_where_colours_are_whole_bytes(layout: Layout, colormap: str) -> None:
    # their sums of equal colours end beside a whole number, where only the order of summation decides
    assert differing(pattern(9001), layout, 224, colormap) == 0


@pytest.mark.parametrize(
    ("layout", "points", "side"),
    [
        ("stripes", 224, 224),
        ("stripes", 112, 224),
        ("stripes", 100, 300),
        ("stripes", 57, 57),
        ("stripes", 57, 114),
        ("stripes", 40, 224),
        ("stripes", 9001, 1024),
        ("raster", 12544, 224),
        ("raster", 1024, 96),
        ("raster", 1024, 64),
        ("raster", 1024, 32),
        ("raster", 30 * 30, 99),
        ("raster", 57 * 57, 114),
        ("raster", 82, 89),  # centres of pixels on edges between points, the last column rounded otherwise
        ("raster", 60_000, 48),
        ("raster", 300_000, 33),
    ],
)
@pytest.mark.parametrize("precision", [np.float32, np.float64])
def test_pixels_equal_imshow_at_every_way_it_resamples(
    layout: Layout, points: int, side: int, precision: type[np.floating]
) -> None:
    profile = np.random.default_rng(points).random(points).astype(precision)
    assert differing(profile, layout, side, "viridis") == 0


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    layout=st.sampled_from(["stripes", "raster"]),
    points=st.integers(40, 3000),
    side=st.integers(32, 150),
    precision=st.sampled_from([np.float32, np.float64]),
    offset=st.floats(-1, 1),
    width=st.floats(0.01, 3),
)
def test_pixels_equal_imshow_on_random_profiles(
    *, seed: int, layout: Layout, points: int, side: int, precision: type[np.floating], offset: float, width: float
) -> None:
    profile = (offset + width * np.random.default_rng(seed).random(points) ** 4).astype(precision)
    assert differing(profile, layout, side, "viridis") == 0


@settings(max_examples=20, deadline=None)
@given(side=st.integers(32, 120), factor=st.sampled_from([1, 2, 3]), layout=st.sampled_from(["stripes", "raster"]))
def test_pixels_equal_imshow_at_whole_numbers_of_pixels_a_point(side: int, factor: int, layout: Layout) -> None:
    points = max(side // factor, 11)
    side = max(points * factor, 32)
    profile = np.random.default_rng(side).random(points if layout == "stripes" else points * points)
    assert differing(profile, layout, side, "viridis") == 0


@pytest.mark.parametrize("downsampling", ["imshow", "nearest", "mean", "maximum"])
@pytest.mark.parametrize("layout", ["stripes", "raster"])
def test_a_batch_gives_what_each_profile_gives(downsampling: Downsampling, layout: Layout) -> None:
    spec = ImageSpec(layout, downsampling, 64, "viridis")
    profiles = np.array([pattern(901, seed) for seed in range(5)])
    together = Renderer(spec, 901).render(profiles)
    assert together.shape == (5, 64, 64, 3)
    assert together.dtype == np.uint8
    for profile, image in zip(profiles, together, strict=True):
        np.testing.assert_array_equal(render(profile[None], spec)[0], image)


def test_constant_profile_takes_the_first_colour() -> None:
    image = render(np.zeros((1, 901)), ImageSpec("stripes", "imshow", 64, "gray"))
    assert not image.any()


@pytest.mark.parametrize("points", [401, 9001])
@pytest.mark.parametrize("downsampling", ["imshow", "nearest", "mean", "maximum"])
@pytest.mark.parametrize("layout", ["stripes", "raster"])
def test_no_profiles_give_no_images(points: int, downsampling: Downsampling, layout: Layout) -> None:
    assert render(np.zeros((0, points)), ImageSpec(layout, downsampling, 64, "gray")).shape == (0, 64, 64, 3)


def colours(values: NDArray[np.floating], profile: NDArray[np.floating], colormap: str) -> NDArray[np.uint8]:
    """The colours of values on the scale of the whole profile."""
    scale = mpl.colors.Normalize(profile.min(), profile.max())
    return mpl.colormaps[colormap](scale(values), bytes=True)[..., :3]


@pytest.mark.parametrize("points", [901, 1000, 40])
@pytest.mark.parametrize("downsampling", ["nearest", "mean", "maximum"])
def test_stripes_take_one_value_a_pixel(points: int, downsampling: Downsampling) -> None:
    side = 64
    profile = pattern(points, peaks=20)
    values = []
    for pixel in range(side):
        block = profile[pixel * points // side : (pixel + 1) * points // side]
        centre = profile[math.ceil((pixel + 0.5) * points / side) - 1]
        if downsampling == "nearest" or points < side:
            values.append(centre)
        else:
            values.append(block.mean() if downsampling == "mean" else block.max())
    expected = np.broadcast_to(colours(np.array(values), profile, "viridis"), (side, side, 3))
    image = render(profile[None], ImageSpec("stripes", downsampling, side, "viridis"))[0]
    np.testing.assert_array_equal(image, expected)


@pytest.mark.parametrize("points", [9001, 901])
@pytest.mark.parametrize("downsampling", ["nearest", "mean", "maximum"])
def test_rasters_take_one_value_a_pixel(points: int, downsampling: Downsampling) -> None:
    side = 40
    profile = pattern(points)
    square = folded(profile, "raster")
    rows = len(square)
    values = np.empty((side, side))
    for i in range(side):
        for j in range(side):
            block = square[i * rows // side : (i + 1) * rows // side, j * rows // side : (j + 1) * rows // side]
            centre = square[math.ceil((i + 0.5) * rows / side) - 1, math.ceil((j + 0.5) * rows / side) - 1]
            if downsampling == "nearest" or rows < side:
                values[i, j] = centre
            else:
                values[i, j] = block.mean() if downsampling == "mean" else block.max()
    image = render(profile[None], ImageSpec("raster", downsampling, side, "viridis"))[0]
    wrong = np.any(image != colours(values, profile, "viridis"), axis=-1)
    # the order of the sum in a mean can move a value by its last bit, across the edge of a colour
    assert np.count_nonzero(wrong) <= (2 if downsampling == "mean" else 0)


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        ({"layout": "stripe"}, "did you mean stripes"),
        ({"downsampling": "bilinear"}, "imshow, nearest, mean, maximum"),
        ({"colormap": "virdis"}, "did you mean viridis"),
        ({"side": 31}, "at least 32"),
    ],
)
def test_wrong_names_and_sides_are_reported(wrong: dict[str, Any], hint: str) -> None:
    with pytest.raises(UsageError, match=hint):
        ImageSpec(**({"layout": "stripes", "downsampling": "imshow", "side": 64, "colormap": "gray"} | wrong))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite_are_reported(value: float) -> None:
    profiles = np.zeros((3, 901))
    profiles[1, 7] = value
    with pytest.raises(XrdsymError, match="profile 1 of 3"):
        render(profiles, ImageSpec("stripes", "imshow", 64, "gray"))


def test_another_number_of_points_is_reported() -> None:
    with pytest.raises(XrdsymError, match="901 points"):
        Renderer(ImageSpec("stripes", "imshow", 64, "gray"), 901).render(np.zeros((1, 900)))


def test_rendering_needs_neither_pyplot_nor_pymatgen() -> None:
    code = (
        "import sys, numpy as np; from xrdsym.encoding.images import ImageSpec, Renderer;"
        "Renderer(ImageSpec('stripes', 'imshow', 64, 'jet'), 901).render(np.random.default_rng(0).random((1, 901)));"
        "print([name for name in ('matplotlib.pyplot', 'pymatgen', 'tensorflow', 'mlflow') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
