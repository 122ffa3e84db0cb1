"""Files that other programs read back pixel for pixel, and errors that name the file."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib.image
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from xrdsym.common.errors import XrdsymError
from xrdsym.encoding.rendering.png import encode_png, read_png, write_png

if TYPE_CHECKING:
    from numpy.typing import NDArray


def noise(height: int = 64, width: int = 64, seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def test_pillow_and_matplotlib_read_the_same_pixels(tmp_path: Path) -> None:
    path = tmp_path / "mp-1.png"
    image = noise()
    write_png(path, image)
    with Image.open(path) as opened:
        assert opened.mode == "RGB"
        np.testing.assert_array_equal(np.asarray(opened), image)
    np.testing.assert_array_equal(np.rint(matplotlib.image.imread(path) * 255), image)
    np.testing.assert_array_equal(read_png(path), image)
    assert list(tmp_path.iterdir()) == [path]


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 1000), height=st.integers(1, 40), width=st.integers(1, 40))
def test_any_image_survives(tmp_path_factory: pytest.TempPathFactory, seed: int, height: int, width: int) -> None:
    path = tmp_path_factory.mktemp("images") / "a.png"
    image = noise(height, width, seed)
    write_png(path, image)
    np.testing.assert_array_equal(read_png(path), image)


def test_a_view_of_a_batch_is_written_as_it_is(tmp_path: Path) -> None:
    batch = np.stack([noise(seed=seed) for seed in range(3)])[:, ::-1]
    write_png(tmp_path / "a.png", batch[1])
    np.testing.assert_array_equal(read_png(tmp_path / "a.png"), batch[1])


def test_stripes_make_a_small_file() -> None:
    stripes = np.broadcast_to(noise(height=1, width=224), (224, 224, 3))
    assert len(encode_png(stripes)) < 2000


def test_a_file_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    write_png(path, noise(seed=1))
    write_png(path, noise(seed=2))
    np.testing.assert_array_equal(read_png(path), noise(seed=2))


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(XrdsymError, match=r"a\.png.*dvc repro images"):
        read_png(tmp_path / "a.png")


@pytest.mark.parametrize("content", [b"", b"no image", encode_png(noise())[:2000]])
def test_broken_file_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(content)
    with pytest.raises(XrdsymError, match=r"a\.png.*dvc repro images"):
        read_png(path)


def test_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(XrdsymError, match="cubic"):
        write_png(tmp_path / "cubic" / "a.png", noise())


def test_full_disk_is_reported_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(XrdsymError, match="disk is full"):
        write_png(tmp_path / "a.png", noise())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("changed", [None, 0, 100])
def test_rows_that_are_equal_but_for_one_pixel_survive(tmp_path: Path, changed: int | None) -> None:
    image = np.repeat(noise(height=1, width=224), 224, axis=0)
    if changed is not None:
        image[changed, 7, 1] ^= 1
    write_png(tmp_path / "a.png", image)
    np.testing.assert_array_equal(read_png(tmp_path / "a.png"), image)
    np.testing.assert_array_equal(np.rint(matplotlib.image.imread(tmp_path / "a.png") * 255), image)
