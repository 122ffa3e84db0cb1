from __future__ import annotations

import dataclasses

import keras
import numpy as np
import pytest

from params_of import preset_params
from xrdsym.common.errors import UsageError
from xrdsym.config.schema import TrainParams
from xrdsym.models.networks.build import build
from xrdsym.models.networks.cam import activation_steps, class_activation_map, step_centres
from xrdsym.training.optimisation import BACKBONE


@pytest.fixture(scope="module")
def params() -> TrainParams:
    return dataclasses.replace(preset_params().train, model="oviedo", weights="none")


def network_and_profiles(params: TrainParams, points: int) -> tuple[keras.Model, np.ndarray]:
    keras.utils.set_random_seed(1)
    network = build(points, 7, params)
    network.layers[-1].bias.assign(np.linspace(-1, 1, 7))
    return network, np.random.default_rng(1).random((3, points), dtype=np.float32)


def test_the_mean_of_the_map_and_the_offset_are_the_score(params: TrainParams) -> None:
    network, profiles = network_and_profiles(params, 1200)
    classes = np.arange(7)
    maps = np.stack([activation_steps(network, profiles, np.full(3, one)) for one in classes], axis=-1)
    assert maps.shape == (3, 10, 7)
    scores = maps.mean(axis=1) + network.layers[-1].bias.numpy()
    expected = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(network.predict_on_batch(profiles), expected, rtol=1e-5)


def test_each_profile_gets_the_map_of_its_own_class(params: TrainParams) -> None:
    network, profiles = network_and_profiles(params, 1200)
    mixed = activation_steps(network, profiles, np.array([4, 0, 6]))
    for place, one in enumerate((4, 0, 6)):
        np.testing.assert_array_equal(mixed[place], activation_steps(network, profiles, np.full(3, one))[place])


def test_steps_of_oviedo_see_120_points_each(params: TrainParams) -> None:
    network, _ = network_and_profiles(params, 1200)
    np.testing.assert_array_equal(step_centres(network, 1200), 59.5 + 120 * np.arange(10))


@pytest.mark.parametrize("points", [1200, 1201, 1234, 8192])
def test_a_step_answers_to_the_points_around_its_centre(params: TrainParams, points: int) -> None:
    network, _ = network_and_profiles(params, points)
    centres = step_centres(network, points)
    backbone = network.get_layer(BACKBONE)
    empty = backbone(np.zeros((1, points), np.float32), training=False).numpy()
    for step in (0, len(centres) // 2, len(centres) - 2):
        profile = np.zeros((1, points), np.float32)
        lowest, highest = round(centres[step] - 59.5), round(centres[step] + 59.5)
        profile[0, max(lowest, 0) : highest + 1] = 1
        changed = np.any(backbone(profile, training=False).numpy() != empty, axis=2)[0]
        np.testing.assert_array_equal(np.flatnonzero(changed), [step])


def test_the_map_is_that_of_the_steps_at_their_centres(params: TrainParams) -> None:
    network, profiles = network_and_profiles(params, 360)
    classes = np.array([1, 2, 3])
    steps = activation_steps(network, profiles, classes)
    drawn = class_activation_map(network, profiles, classes)
    assert drawn.shape == (3, 360)
    assert drawn.dtype == np.float32
    # centres lie between two points: 59.5, 179.5, 299.5
    np.testing.assert_allclose((drawn[:, 179] + drawn[:, 180]) / 2, steps[:, 1], atol=0.01 * np.ptp(steps))
    np.testing.assert_array_equal(drawn[:, :60], np.repeat(steps[:, :1], 60, axis=1))
    np.testing.assert_array_equal(drawn[:, 300:], np.repeat(steps[:, 2:], 60, axis=1))
    np.testing.assert_allclose(drawn[:, 119:121].mean(axis=1), steps[:, :2].mean(axis=1), rtol=1e-4, atol=1e-6)


def test_a_network_without_a_global_average_has_no_map(params: TrainParams) -> None:
    network = build(711, 7, dataclasses.replace(params, model="park_crystal_system"))
    with pytest.raises(UsageError, match="park_crystal_system has no class activation map"):
        class_activation_map(network, np.zeros((1, 711), np.float32), np.array([0]))
