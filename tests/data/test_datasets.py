from __future__ import annotations

import dataclasses
import gc
import weakref
from pathlib import Path

import keras
import numpy as np
import pytest

from params_of import preset_params
from xrdsym.common.errors import MaterialError, XrdsymError
from xrdsym.config.schema import Params
from xrdsym.data import datasets as inputs
from xrdsym.data.datasets import EncodedPeaks, FolderImages, LabelledInputs
from xrdsym.diffraction.peaks import Peaks, SimulationError, SkipReason
from xrdsym.diffraction.peaks_table import write_peaks
from xrdsym.encoding.encoder import encoder_of
from xrdsym.encoding.rendering.png import write_png
from xrdsym.training.batches import Batches, predict

CLASSES = ("cubic", "hexagonal")
SIDE = 32


@pytest.fixture(scope="module", params=["stripes", "raster"])
def params(request: pytest.FixtureRequest) -> Params:
    read = preset_params()
    return dataclasses.replace(read, images=dataclasses.replace(read.images, side=SIDE, layout=request.param))


def some_peaks(seed: int) -> Peaks:
    random = np.random.default_rng(seed)
    intensity = random.random(20)
    return Peaks(np.sort(random.uniform(5, 85, 20)), intensity / intensity.max())


@pytest.fixture
def names() -> list[str]:
    return [f"mp-{number}" for number in range(9)]


@pytest.fixture
def table(tmp_path: Path, names: list[str]) -> Path:
    path = tmp_path / "peaks.parquet"
    rows: list = [(name, some_peaks(seed)) for seed, name in enumerate(names)]
    rows.append(("mp-none", SimulationError(SkipReason.ZERO_VOLUME, "mp-none: the cell has no volume")))
    rows.append(("mp-far", Peaks(np.array([89.999]), np.array([1.0]))))
    write_peaks(path, rows)
    return path


@pytest.fixture
def folder(tmp_path: Path, names: list[str], params: Params) -> FolderImages:
    """The images as the stage `images` writes them."""
    encoder = encoder_of(params)
    for seed, name in enumerate(names):
        peaks = some_peaks(seed)
        rows = encoder.profiles(np.array([0, 20]), peaks.two_theta, peaks.intensity.astype(np.float32))
        pixels = encoder.images(rows)[0]
        path = tmp_path / "images" / CLASSES[seed % 2] / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_png(path, pixels)
    systems = {name: CLASSES[seed % 2] for seed, name in enumerate(names)}
    return FolderImages(tmp_path / "images", systems, SIDE)


@pytest.fixture
def labels(names: list[str]) -> np.ndarray:
    return np.arange(len(names)) % 2


def test_peaks_give_the_very_pixels_of_the_folder(
    table: Path, folder: FolderImages, names: list[str], labels: np.ndarray, params: Params
) -> None:
    drawn, none = inputs.load_inputs(EncodedPeaks(table, names, encoder_of(params)), names, labels, 10**9)
    read, also_none = inputs.load_inputs(folder, names, labels, 10**9)
    assert none == also_none == []
    assert drawn.kept.shape == (9, SIDE, SIDE, 3)
    np.testing.assert_array_equal(drawn.kept, read.kept)
    assert len({image.tobytes() for image in drawn.kept}) == 9


def test_a_small_budget_keeps_some_images_and_makes_the_others_again(
    table: Path, folder: FolderImages, names: list[str], labels: np.ndarray, params: Params
) -> None:
    everything = inputs.load_inputs(folder, names, labels, 10**9)[0]
    for source in (folder, EncodedPeaks(table, names, encoder_of(params))):
        for budget in (0, 4 * SIDE * SIDE * 3 + 5):
            images = inputs.load_inputs(source, names, labels, budget)[0]
            assert images.kept.nbytes <= budget
            order = np.array([8, 0, 3, 4, 4, 7])
            np.testing.assert_array_equal(images.read(order), everything.kept[order])


def test_what_has_no_image_is_left_out_with_the_reason(
    folder: FolderImages, names: list[str], labels: np.ndarray
) -> None:
    (folder.folder / "cubic" / "mp-2.png").unlink()
    (folder.folder / "hexagonal" / "mp-3.png").write_bytes(b"no image")
    write_png(folder.folder / "cubic" / "mp-4.png", np.zeros((40, 36, 3), np.uint8))
    images, skipped = inputs.load_inputs(folder, names, labels, 10**9)
    assert [(one.name, one.reason) for one in skipped] == [
        ("mp-2", "image_missing"),
        ("mp-3", "image_unreadable"),
        ("mp-4", "image_size"),
    ]
    assert "36 x 40 pixels, expected 32 x 32" in skipped[2].detail
    assert images.material_ids == ("mp-0", "mp-1", "mp-5", "mp-6", "mp-7", "mp-8")
    assert images.labels.tolist() == [0, 1, 1, 0, 1, 0]
    assert len(images) == len(images.kept) == 6


def test_what_has_no_peaks_is_left_out_with_the_reason(table: Path, params: Params) -> None:
    wanted = ["mp-0", "mp-none", "mp-far"]
    narrow = dataclasses.replace(params, profile=dataclasses.replace(params.profile, two_theta_max=89.0))
    source = EncodedPeaks(table, wanted, encoder_of(narrow))
    images, skipped = inputs.load_inputs(source, wanted, np.zeros(3, np.int64), 10**9)
    assert images.material_ids == ("mp-0",)
    assert [(one.name, one.reason) for one in skipped] == [
        ("mp-none", "zero_volume"),
        ("mp-far", "no_reflection_in_range"),
    ]


def test_an_image_that_vanishes_later_is_named(folder: FolderImages, names: list[str], labels: np.ndarray) -> None:
    images = inputs.load_inputs(folder, names, labels, 0)[0]
    (folder.folder / "cubic" / "mp-2.png").unlink()
    with pytest.raises(MaterialError, match=r"mp-2\.png"):
        images.read(np.array([2]))


def test_cached_inputs_are_not_encoded_again(
    table: Path, params: Params, names: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder, cache = encoder_of(params), {}
    first = [EncodedPeaks(table, names, encoder, cache).read(name) for name in names[:3]]
    assert list(cache) == names[:3]
    monkeypatch.setattr(encoder, "from_peaks", None)
    again = EncodedPeaks(table, names, encoder, cache)
    np.testing.assert_array_equal([again.read(name) for name in names[:3]], first)
    with pytest.raises(TypeError):
        again.read(names[3])


def test_a_material_that_was_never_simulated_is_an_error(table: Path, params: Params) -> None:
    with pytest.raises(XrdsymError, match="absent"):
        EncodedPeaks(table, ["mp-0", "absent"], encoder_of(params))


def made(count: int) -> LabelledInputs:
    labels = np.arange(count) % 3
    pixels = np.broadcast_to(np.arange(count, dtype=np.uint8)[:, None, None, None], (count, 2, 2, 3))
    return LabelledInputs(tuple(str(number) for number in range(count)), labels, pixels, None)


def test_batches_are_full_and_show_everything_in_order() -> None:
    order = np.random.default_rng(0).permutation(10)
    batches = Batches(made(10), order, 4, np.array([1, 2, 3, 4], np.float32))
    shown = [batches[index] for index in range(len(batches))]
    assert [len(images) for images, _, _ in shown] == [4, 4, 4]
    seen = np.concatenate([images[:, 0, 0, 0] for images, _, _ in shown])
    assert seen.tolist() == [*order, *order[:2]]
    np.testing.assert_array_equal(np.concatenate([classes.argmax(axis=1) for _, classes, _ in shown]), seen % 3)
    np.testing.assert_array_equal(np.concatenate([weights for _, _, weights in shown]), seen % 3 + 1)
    assert shown[0][1].shape == (4, 4)


def test_a_batch_larger_than_the_part_repeats_it() -> None:
    batches = Batches(made(3), np.array([2, 0, 1]), 8, np.ones(3, np.float32))
    assert len(batches) == 1
    assert batches[0][0][:, 0, 0, 0].tolist() == [2, 0, 1, 2, 0, 1, 2, 0]


def summing_network() -> keras.Model:
    """Its output is the sum of the first pixel's channels."""
    pixels = keras.Input((2, 2, 3), dtype="uint8")
    network = keras.Model(pixels, keras.layers.Dense(3, use_bias=False, kernel_initializer="ones")(pixels[:, 0, 0]))
    network.compile(loss="mse", jit_compile=False)
    return network


def test_predictions_have_the_order_of_the_positions() -> None:
    positions = np.array([7, 0, 9, *range(150)]) % 150
    found = predict(summing_network(), made(150), positions)
    np.testing.assert_array_equal(found[:, 0], 3 * positions)


def test_released_batches_keep_no_images() -> None:
    images, network = made(10), summing_network()
    batches = Batches(images, np.arange(10), 4, np.ones(3, np.float32))
    network.fit(batches, shuffle=False, verbose=0)
    predict(network, images, np.arange(10))
    batches.release()
    shown = weakref.ref(images)
    del images
    gc.collect()
    assert shown() is None
