from __future__ import annotations

from dataclasses import replace

import keras
import numpy as np
import pytest

from params_of import preset_params
from xrdsym.config.schema import TrainParams
from xrdsym.models.networks.build import build
from xrdsym.models.networks.cache import NetworkCache
from xrdsym.training.optimisation import compile_network

POINTS = 512


@pytest.fixture
def params() -> TrainParams:
    return replace(preset_params().train, model="resnet1d", batchnorm_momentum=0.9)


def fitted(network: keras.Model, params: TrainParams) -> list[np.ndarray]:
    """The weights after a few steps on fixed profiles."""
    compile_network(network, params, head_only=False, steps=4)
    random = np.random.default_rng(0)
    profiles = random.random((8, POINTS), dtype=np.float32)
    one_hot = np.eye(7, dtype=np.float32)[random.integers(0, 7, 8)]
    network.fit(profiles, one_hot, batch_size=4, epochs=2, shuffle=False, verbose=0)
    return network.get_weights()


def test_a_network_from_the_pool_learns_as_a_new_one_and_is_compiled_once(params: TrainParams) -> None:
    pool = NetworkCache()
    keras.utils.set_random_seed(5)
    first = pool.network(POINTS, 7, params)
    fitted(first, params)
    train_function = first.train_function
    keras.utils.set_random_seed(3)
    second = pool.network(POINTS, 7, replace(params, class_weight="balanced", seed=3))
    assert second is first
    again = fitted(second, params)
    assert second.train_function is train_function
    keras.utils.set_random_seed(3)
    new = fitted(build(POINTS, 7, params), params)
    for one, other in zip(again, new, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_another_shape_or_way_of_learning_is_compiled_again(params: TrainParams) -> None:
    pool = NetworkCache()
    first = pool.network(POINTS, 7, params)
    assert pool.network(POINTS, 7, replace(params, dropout=0.1)) is not first
    assert pool.network(POINTS, 7, replace(params, batchnorm="frozen")) is not first
    compile_network(first, params, head_only=False, steps=4)
    optimizer = first.optimizer
    compile_network(first, params, head_only=False, steps=4)
    assert first.optimizer is optimizer
    compile_network(first, replace(params, optimizer="adamw"), head_only=False, steps=4)
    assert first.optimizer is not optimizer
