from __future__ import annotations

import dataclasses
from pathlib import Path
from urllib.error import URLError

import h5py
import keras
import numpy as np
import pytest
from keras.src.legacy.saving import legacy_h5_format

from params_of import preset_params
from xrdsym.common.errors import UsageError, XrdsymError
from xrdsym.config.model_specs import model_spec
from xrdsym.config.schema import TrainParams
from xrdsym.models.networks import mobilenetv2
from xrdsym.models.networks.build import build
from xrdsym.training.batchnorm import batchnorm_layers, probabilities_by_batch_statistics, reestimate
from xrdsym.training.optimisation import BACKBONE, compile_network

# Keras writes variables of TensorFlow by np.array, which TensorFlow has not been told about yet
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning")


@pytest.fixture(scope="module")
def params() -> TrainParams:
    return preset_params().train


@pytest.fixture(scope="module")
def network(params: TrainParams) -> keras.Model:
    return build(32, 7, params)


@pytest.fixture(scope="module")
def pixels() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (12, 32, 32, 3), dtype=np.uint8)


def test_pixels_go_in_and_probabilities_come_out(network: keras.Model, pixels: np.ndarray) -> None:
    answers = network.predict(pixels, verbose=0)
    assert network.input.dtype == "uint8"
    assert answers.shape == (12, 7)
    np.testing.assert_allclose(answers.sum(axis=1), 1, rtol=1e-5)


@pytest.mark.parametrize(
    ("scaling", "expected"), [("symmetric", (-1.0, 1.0)), ("unit", (0.0, 1.0)), ("none", (0.0, 255.0))]
)
def test_scaling_is_inside_the_network(scaling: str, expected: tuple[float, float]) -> None:
    layer = keras.layers.Rescaling(*mobilenetv2.SCALINGS[scaling])
    scaled = keras.ops.convert_to_numpy(layer(np.array([0, 255], dtype=np.uint8)))
    np.testing.assert_allclose(scaled, expected, atol=1e-6)


def test_symmetric_scaling_is_what_keras_prescribes(network: keras.Model, pixels: np.ndarray) -> None:
    expected = keras.applications.mobilenet_v2.preprocess_input(pixels.astype(np.float32))
    scaled = keras.ops.convert_to_numpy(network.get_layer("scaling")(pixels))
    np.testing.assert_allclose(scaled, expected, atol=1e-5)


def test_every_batchnorm_has_the_momentum_asked_for(network: keras.Model, params: TrainParams) -> None:
    layers = batchnorm_layers(network)
    assert len(layers) == 52
    assert {layer.momentum for layer in layers} == {params.batchnorm_momentum}


def test_a_width_changes_the_number_of_filters(params: TrainParams) -> None:
    wide = build(32, 7, dataclasses.replace(params, alpha=0.5)).count_params()
    assert wide > 1.5 * build(32, 7, params).count_params()


def test_a_side_below_32_is_refused(params: TrainParams) -> None:
    with pytest.raises(UsageError, match=r"images\.side: 31: MobileNetV2 needs 32"):
        build(31, 7, params)


def test_an_unknown_architecture_is_refused() -> None:
    with pytest.raises(UsageError, match="expected one of mobilenetv2"):
        model_spec("resnet")


def test_weights_come_from_a_file(network: keras.Model, params: TrainParams, tmp_path: Path) -> None:
    path = tmp_path / "own.weights.h5"
    network.get_layer(BACKBONE).save_weights(path)
    other = build(64, 7, dataclasses.replace(params, weights=str(path)))
    for actual, expected in zip(
        other.get_layer(BACKBONE).get_weights(), network.get_layer(BACKBONE).get_weights(), strict=True
    ):
        np.testing.assert_array_equal(actual, expected)
    assert {layer.momentum for layer in batchnorm_layers(other)} == {params.batchnorm_momentum}


def test_released_weights_load_and_tell_images_apart(
    shared_data: Path, params: TrainParams, pixels: np.ndarray
) -> None:
    path = shared_data / "weights" / "mobilenet_v2_0.35_224_no_top.weights.h5"
    released = build(32, 7, dataclasses.replace(params, weights=str(path))).get_layer(BACKBONE)
    features = keras.ops.convert_to_numpy(released(pixels / 127.5 - 1, training=False))
    assert features.std(axis=0).max() > 0.01


@pytest.mark.parametrize("content", [None, b"", b"not HDF5"])
def test_a_wrong_file_is_named_with_the_width_expected(
    params: TrainParams, tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "some.weights.h5"
    if content is None:
        keras.applications.MobileNetV2(
            input_shape=(32, 32, 3), include_top=False, weights=None, alpha=0.5
        ).save_weights(path)
    else:
        path.write_bytes(content)
    with pytest.raises(XrdsymError, match=r"some\.weights\.h5 does not fit .* alpha 0\.35") as caught:
        build(32, 7, dataclasses.replace(params, weights=str(path)))
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(params: TrainParams, tmp_path: Path) -> None:
    with pytest.raises(XrdsymError, match=r"no file at .*absent\.h5.*imagenet, or none"):
        build(32, 7, dataclasses.replace(params, weights=str(tmp_path / "absent.h5")))


def test_imagenet_weights_without_a_network_tell_where_to_put_the_file(
    params: TrainParams, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_arguments: object, **_options: object) -> None:
        reason = "no route"
        raise URLError(reason)

    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr(mobilenetv2, "urlopen", away)
    name = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_0.35_224_no_top.h5"
    with pytest.raises(XrdsymError, match=r"train\.weights=none") as caught:
        build(32, 7, dataclasses.replace(params, weights="imagenet"))
    assert str(tmp_path / "models" / name) in str(caught.value)


def test_imagenet_weights_that_lie_where_keras_keeps_them_are_taken(
    network: keras.Model, params: TrainParams, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    path = tmp_path / "models" / "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_0.35_96_no_top.h5"
    path.parent.mkdir()
    with h5py.File(path, "w") as file:  # the old format, which the released files have
        legacy_h5_format.save_weights_to_hdf5_group(file, network.get_layer(BACKBONE))
    monkeypatch.setattr(mobilenetv2, "urlopen", None)
    loaded = build(96, 7, dataclasses.replace(params, weights="imagenet"))
    for actual, expected in zip(
        loaded.get_layer(BACKBONE).get_weights(), network.get_layer(BACKBONE).get_weights(), strict=True
    ):
        np.testing.assert_array_equal(actual, expected)


def test_imagenet_weights_exist_for_some_widths_only(params: TrainParams) -> None:
    with pytest.raises(UsageError, match=r"0\.4: .* 0\.35, 0\.5"):
        build(32, 7, dataclasses.replace(params, weights="imagenet", alpha=0.4))


def test_the_head_learns_alone_first(params: TrainParams) -> None:
    network = build(32, 7, params)
    compile_network(network, params, head_only=True, steps=10)
    assert len(network.trainable_variables) == 2
    assert float(network.optimizer.learning_rate) == pytest.approx(params.learning_rate)
    compile_network(network, params, head_only=False, steps=10)
    trainable = len(network.trainable_variables)
    compile_network(network, dataclasses.replace(params, batchnorm="frozen"), head_only=False, steps=10)
    assert trainable - len(network.trainable_variables) == 2 * len(batchnorm_layers(network))


@pytest.mark.parametrize("name", ["adam", "adamw", "sgd", "rmsprop"])
@pytest.mark.parametrize("schedule", ["constant", "cosine"])
def test_optimizers_follow_the_schedule(params: TrainParams, name: str, schedule: str) -> None:
    network = tiny()
    compile_network(
        network,
        dataclasses.replace(params, optimizer=name, schedule=schedule, learning_rate=0.01),
        head_only=False,
        steps=2,
    )
    assert type(network.optimizer).__name__.lower() == name
    rates = [float(network.optimizer.learning_rate)]
    for _ in range(2):
        network.train_on_batch(np.zeros((2, 4), np.float32), np.eye(7, dtype=np.float32)[:2])
        rates.append(float(network.optimizer.learning_rate))
    expected = [0.01, 0.005, 0.0] if schedule == "cosine" else [0.01, 0.01, 0.01]
    np.testing.assert_allclose(rates, expected, atol=1e-8)


def tiny() -> keras.Model:
    inputs = keras.Input((4,))
    backbone = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)], name=BACKBONE)
    return keras.Model(inputs, keras.layers.Dense(7, activation="softmax")(backbone(inputs)))


def normalising() -> keras.Model:
    inputs = keras.Input((2, 2, 3), dtype="uint8")
    scaled = keras.layers.BatchNormalization(epsilon=1e-9)(keras.layers.Rescaling(1.0)(inputs))
    return keras.Model(inputs, keras.layers.Dropout(0.5)(keras.layers.GlobalAveragePooling2D()(scaled)))


def test_statistics_estimated_again_are_averages_over_the_batches() -> None:
    network = normalising()
    batches = [np.random.default_rng(seed).integers(0, 256, (8, 2, 2, 3), dtype=np.uint8) for seed in range(5)]
    (layer,) = batchnorm_layers(network)
    layer.momentum = 0.77
    reestimate(network, batches)
    expected = np.mean([batch.mean(axis=(0, 1, 2)) for batch in batches], axis=0)
    np.testing.assert_allclose(layer.moving_mean.numpy(), expected, rtol=1e-5)
    variance = np.mean([batch.var(axis=(0, 1, 2)) for batch in batches], axis=0)
    np.testing.assert_allclose(layer.moving_variance.numpy(), variance, rtol=1e-4)
    assert layer.momentum == 0.77


def test_answers_by_batch_statistics_leave_the_network_as_it_was() -> None:
    network = normalising()
    batches = [np.random.default_rng(seed).integers(0, 256, (8, 2, 2, 3), dtype=np.uint8) for seed in range(2)]
    before = network.get_weights()
    answers = probabilities_by_batch_statistics(network, batches)
    expected = [(batch - batch.mean(axis=(0, 1, 2))) / batch.std(axis=(0, 1, 2)) for batch in batches]
    np.testing.assert_allclose(answers, np.concatenate(expected).mean(axis=(1, 2)), atol=1e-5)
    for actual, kept in zip(network.get_weights(), before, strict=True):
        np.testing.assert_array_equal(actual, kept)
    assert network.layers[-1].rate == 0.5
