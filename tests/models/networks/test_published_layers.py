"""Shapes and parameter counts of the networks on profiles, against arithmetic done by hand from their publications.

A convolution of f filters, width w, on c channels has f (w c + 1) parameters, a dense layer of n on m inputs n (m + 1),
a group normalisation 2 a channel.
"""

from __future__ import annotations

import dataclasses
from itertools import pairwise
from typing import Any

import keras
import numpy as np
import pytest

from params_of import preset_params
from xrdsym.common.errors import UsageError
from xrdsym.config.model_specs import MODEL_SPECS
from xrdsym.config.schema import TrainParams
from xrdsym.models.networks import lee_fcn, oviedo, park, resnet1d, salgado, schopmans
from xrdsym.models.networks.build import build
from xrdsym.training.optimisation import BACKBONE

FEWEST = {
    **dict.fromkeys(park.DENSE, park.FEWEST_POINTS),
    "oviedo": oviedo.FEWEST_POINTS,
    "salgado": salgado.FEWEST_POINTS,
    "schopmans": schopmans.FEWEST_POINTS,
    "lee_fcn": lee_fcn.FEWEST_POINTS,
    "resnet1d": resnet1d.FEWEST_POINTS,
}

# 80 filters of 100, 50 and 25 points
PARK_CONVOLUTIONS = 80 * (100 * 1 + 1) + 80 * (50 * 80 + 1) + 80 * (25 * 80 + 1)


@pytest.fixture(scope="module")
def params() -> TrainParams:
    return dataclasses.replace(preset_params().train, weights="none")


def made(params: TrainParams, name: str, points: int, classes: int) -> keras.Model:
    return build(points, classes, dataclasses.replace(params, model=name))


def lengths(network: keras.Model) -> list[tuple[int, int]]:
    """Steps and channels after each convolution and each pooling."""
    kinds = (keras.layers.Conv1D, keras.layers.AveragePooling1D, keras.layers.MaxPooling1D)
    return [layer.output.shape[1:] for layer in network.get_layer(BACKBONE).layers if isinstance(layer, kinds)]


def dense(network: keras.Model) -> list[int]:
    return [layer.units for layer in network.layers if isinstance(layer, keras.layers.Dense)]


def dropouts(layers: list[Any]) -> list[float]:
    return [layer.rate for layer in layers if isinstance(layer, keras.layers.Dropout)]


@pytest.mark.parametrize(
    ("name", "classes", "first", "second"),
    [
        ("park_crystal_system", 7, 700, 70),
        ("park_extinction_group", 101, 4040, 202),
        ("park_space_group", 230, 2300, 1150),
    ],
)
def test_park(params: TrainParams, name: str, classes: int, first: int, second: int) -> None:
    network = made(params, name, 10_001, classes)
    # 10001 / 5 up -> 2001; (2001 - 3) // 2 + 1 = 1000; / 5 = 200; 200 // 3 = 66; / 2 = 33; 33 // 3 = 11
    assert lengths(network) == [(steps, 80) for steps in (2001, 1000, 200, 66, 33, 11)]
    assert network.get_layer(BACKBONE).output.shape == (None, 11 * 80)
    assert dense(network) == [first, second, classes]
    assert network.count_params() == (
        PARK_CONVOLUTIONS + first * (880 + 1) + second * (first + 1) + classes * (second + 1)
    )
    assert dropouts(network.get_layer(BACKBONE).layers) == [0.3, 0.3, 0.3]
    assert dropouts(network.layers) == [params.dropout] * 2


def test_the_count_of_park_for_crystal_systems(params: TrainParams) -> None:
    # 488,240 in the convolutions, 616,700 + 49,070 + 497 in the dense layers
    assert made(params, "park_crystal_system", 10_001, 7).count_params() == 1_154_507


@pytest.mark.parametrize(("classes", "count"), [(7, 31_112_747), (230, 31_369_420)])
def test_salgado(params: TrainParams, classes: int, count: int) -> None:
    network = made(params, "salgado", 8500, classes)
    # without padding: (8500 - 100) // 5 + 1 = 1681; (1681 - 50) // 5 + 1 = 327; (327 - 25) // 2 + 1 = 152
    assert lengths(network) == [(1681, 80), (327, 80), (152, 80)]
    assert dense(network) == [2300, 1150, classes]
    # the convolutions are Park's; 2300 x 12,161 = 27,970,300; 1150 x 2301 = 2,646,150; classes x 1151
    assert count == PARK_CONVOLUTIONS + 2300 * (152 * 80 + 1) + 1150 * (2300 + 1) + classes * (1150 + 1)
    assert network.count_params() == count
    assert dropouts(network.get_layer(BACKBONE).layers) == [0.3, 0.3, 0.3]


def test_oviedo(params: TrainParams) -> None:
    network = made(params, "oviedo", 1200, 7)
    # 1200 / 8 = 150; / 5 = 30; / 3 = 10
    assert lengths(network) == [(150, 32), (30, 32), (10, 32)]
    # 288 + 5,152 + 3,104 + 231
    assert 32 * (8 + 1) + 32 * (5 * 32 + 1) + 32 * (3 * 32 + 1) + 7 * (32 + 1) == 8775
    assert network.count_params() == 8775


def test_schopmans(params: TrainParams) -> None:
    network = made(params, "schopmans", 8501, 145)
    # 8501 / 2 up, / 2 up, then / 4 up at the beginning of the second, third and fourth group
    stem = [(4251, 64), (2126, 64)]
    groups = [(2126, 64), (532, 128), (133, 256), (34, 512)]
    # two blocks of two convolutions each, and the projection of the first
    assert sorted(lengths(network)) == sorted(stem + 5 * groups)
    assert network.get_layer(BACKBONE).output.shape == (None, 34 * 512)
    count = 7 * 64 + 2 * 64
    for before, filters in ((64, 64), (64, 128), (128, 256), (256, 512)):
        projection = before * filters + 2 * filters
        count += projection + 9 * before * filters + 3 * 9 * filters**2 + 4 * 2 * filters
    assert count == 11_171_776
    # 256 x 17,409 = 4,456,704 and 145 x 257 = 37,265
    assert network.count_params() == count + 4_456_704 + 37_265
    norms = [one for one in network.get_layer(BACKBONE).layers if isinstance(one, keras.layers.GroupNormalization)]
    assert {norm.groups for norm in norms} == {32}
    # the stem, eight blocks of two convolutions, four projections
    assert len(norms) == 1 + 16 + 4


def test_lee_has_as_many_parameters_as_the_authors_print(params: TrainParams) -> None:
    network = made(params, "lee_fcn", 8192, 7)
    filters = [16, 16, 32, 32, 64, 64, 128, 128, 256, 256, 512, 512, 64]
    expected = []
    for place, channels in enumerate(filters):
        expected += [(8192 // 2**place, channels), (4096 // 2**place, channels)]
    assert lengths(network) == expected
    printed = [96, 1296, 2592, 5152, 10304, 20544, 41088, 82048, 164096, 327936, 655872, 1311232, 163904, 455]
    convolutions = [*network.get_layer(BACKBONE).layers, network.get_layer("scores")]
    assert [one.count_params() for one in convolutions if isinstance(one, keras.layers.Conv1D)] == printed
    assert network.count_params() == sum(printed) == 2_786_615
    rates = dropouts(network.get_layer(BACKBONE).layers)
    assert rates == [0.2] * 11 + [params.dropout] * 2


def test_lee_for_space_groups_is_wider_at_its_end(params: TrainParams) -> None:
    network = made(params, "lee_fcn", 8192, 230)
    # the first twelve as before (2,622,256); 256 x (5 x 512 + 1) = 655,616; 230 x 257 = 59,110
    assert network.count_params() == 2_786_615 - 163_904 - 455 + 655_616 + 59_110
    assert dropouts(network.get_layer(BACKBONE).layers)[:11] == [0.05] * 11


def test_lee_averages_the_scores_of_the_steps_that_a_longer_profile_leaves(params: TrainParams) -> None:
    network = made(params, "lee_fcn", 9001, 7)
    profiles = np.random.default_rng(0).random((2, 9001), dtype=np.float32)
    scores = network.get_layer("scores")(network.get_layer(BACKBONE)(profiles, training=False))
    scores = keras.ops.convert_to_numpy(scores)
    assert scores.shape == (2, 2, 7)
    expected = np.exp(scores.mean(axis=1))
    expected /= expected.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(network.predict_on_batch(profiles), expected, rtol=1e-4)


@pytest.mark.parametrize("name", FEWEST)
def test_profiles_go_in_and_probabilities_come_out(params: TrainParams, name: str) -> None:
    network = made(params, name, FEWEST[name], 7)
    profiles = np.random.default_rng(0).random((3, FEWEST[name]), dtype=np.float32)
    answers = network.predict_on_batch(profiles)
    assert network.input.dtype == "float32"
    assert answers.shape == (3, 7)
    assert answers.dtype == np.float32
    np.testing.assert_allclose(answers.sum(axis=1), 1, rtol=1e-5)
    assert np.ptp(answers, axis=0).max() > 0


@pytest.mark.parametrize("name", FEWEST)
def test_a_profile_too_short_is_refused(params: TrainParams, name: str) -> None:
    fewest = FEWEST[name]
    with pytest.raises(UsageError, match=rf"profile: {fewest - 1} points: {name} needs {fewest} points or more"):
        made(params, name, fewest - 1, 7)


@pytest.mark.parametrize(
    ("name", "before_flattening"), [("park_crystal_system", (1, 80)), ("salgado", (1, 80)), ("schopmans", (1, 512))]
)
def test_the_shortest_profile_leaves_one_step(
    params: TrainParams, name: str, before_flattening: tuple[int, int]
) -> None:
    assert lengths(made(params, name, FEWEST[name], 7))[-1] == before_flattening


def test_oviedos_shortest_profile_leaves_one_step(params: TrainParams) -> None:
    assert lengths(made(params, "oviedo", 120, 7))[-1] == (1, 32)


def test_all_architectures_on_profiles_are_tested() -> None:
    assert set(FEWEST) == {name for name, known in MODEL_SPECS.items() if known.network and known.input == "profile"}


@pytest.mark.parametrize("name", FEWEST)
def test_published_sizes_can_be_taken(name: str) -> None:
    assert MODEL_SPECS[name].size >= FEWEST[name]


def test_a_held_backbone_leaves_the_top_to_learn(params: TrainParams) -> None:
    network = made(params, "oviedo", 120, 7)
    network.get_layer(BACKBONE).trainable = False
    assert [tuple(weight.shape) for weight in network.trainable_weights] == [(32, 7), (7,)]


def test_one_step_changes_every_weight(params: TrainParams) -> None:
    keras.utils.set_random_seed(0)
    network = made(params, "oviedo", 240, 7)
    before = [weight.numpy() for weight in network.trainable_weights]
    network.compile("sgd", "categorical_crossentropy")
    profiles = np.random.default_rng(0).random((7, 240), dtype=np.float32)
    network.train_on_batch(profiles, np.eye(7, dtype=np.float32))
    for old, new in zip(before, network.trainable_weights, strict=True):
        assert not np.array_equal(old, new.numpy())


def test_first_weights_that_do_not_exist_are_refused(params: TrainParams) -> None:
    with pytest.raises(UsageError, match=r"train\.weights: imagenet: oviedo starts from none"):
        made(dataclasses.replace(params, weights="imagenet"), "oviedo", 1200, 7)


def normalised_convolution(filters: int, width: int, channels: int) -> int:
    """A convolution without a constant, and four numbers a channel of BatchNorm."""
    return filters * (width * channels + 4)


@pytest.mark.parametrize("points", [8192, 4251, 515, 1039])
def test_the_small_residual_network_takes_any_length(params: TrainParams, points: int) -> None:
    network = made(params, "resnet1d", points, 7)
    patch = points // 512
    steps = points // patch
    expected = normalised_convolution(48, 5, patch)
    for before, filters in pairwise((48, 64, 96, 128, 192)):
        steps = -(-steps // 2)
        expected += sum(normalised_convolution(filters, *shape) for shape in ((1, before), (3, before), (3, filters)))
    expected += 64 * (192 + 1) + 256 * (64 * steps + 1) + 7 * (256 + 1)
    assert network.count_params() == expected
    assert network(np.zeros((2, points), np.float32)).shape == (2, 7)
