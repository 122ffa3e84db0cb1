from __future__ import annotations

import dataclasses
import importlib.util
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score, log_loss

from xrdsym.common.errors import UsageError, XrdsymError
from xrdsym.data.training_data import TrainingResult
from xrdsym.training import checkpoints
from xrdsym.training.batchnorm import batchnorm_layers
from xrdsym.training.loop import train

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xrdsym.config.schema import TrainParams

SCRIPT = Path(__file__).with_name("interrupted_training.py")
_spec = importlib.util.spec_from_file_location("interrupted_training", SCRIPT)
script = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(script)

CLOCKED = {"seconds", "images_per_second"}


class Interrupted(Exception):  # noqa: N818 - no error of the training
    """Raised between two epochs in the place of a kill."""


def run(folder: Path, params: TrainParams, stop_after: int | None = None, **changes: object) -> TrainingResult:
    def on_epoch(epoch: int, _metrics: Mapping[str, float]) -> None:
        if epoch == stop_after:
            raise Interrupted

    data = dataclasses.replace(script.data(), **changes)
    return train(script.tiny_network(params), data, params, folder, on_epoch)


def unclocked(history: list[dict[str, float]]) -> list[dict[str, float]]:
    return [{name: value for name, value in row.items() if name not in CLOCKED} for row in history]


def assert_same_history(actual: list[dict[str, float]], expected: list[dict[str, float]], rtol: float = 1e-3) -> None:
    assert len(actual) == len(expected)
    for one, other in zip(unclocked(actual), unclocked(expected), strict=True):
        assert one == pytest.approx(other, rel=rtol, abs=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "head_epochs"), [("tiny", 1), ("mobilenet", 0)])
def test_a_killed_training_goes_on_to_the_same_end(tmp_path: Path, kind: str, head_epochs: int) -> None:
    def command(name: str) -> list[str]:
        return [
            sys.executable,
            str(SCRIPT),
            str(tmp_path / name),
            str(tmp_path / f"{name}.json"),
            str(head_epochs),
            kind,
        ]

    modules = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command("killed"), stdout=subprocess.PIPE, text=True, env=modules) as process:
        for line in process.stdout:
            if line == "epoch 3\n":
                process.send_signal(signal.SIGKILL)
                break
    assert process.returncode == -signal.SIGKILL
    assert not (tmp_path / "killed.json").exists()
    for name in ("killed", "undisturbed"):
        subprocess.run(command(name), check=True, capture_output=True, env=modules)
    killed, killed_accuracies, resumed = json.loads((tmp_path / "killed.json").read_text())
    undisturbed, accuracies, _ = json.loads((tmp_path / "undisturbed.json").read_text())
    assert resumed >= 3
    assert_same_history(killed, undisturbed, 1e-6)
    assert killed_accuracies == pytest.approx(accuracies)


TWO_PHASES = script.make_params(head_epochs=2, oversample=True)


@pytest.fixture(scope="module")
def in_two_phases(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, float]]:
    return run(tmp_path_factory.mktemp("checkpoints"), TWO_PHASES).history


@pytest.mark.parametrize("stop_after", [1, 2, 3])
def test_a_training_goes_on_in_either_phase(
    tmp_path: Path, stop_after: int, in_two_phases: list[dict[str, float]]
) -> None:
    with pytest.raises(Interrupted):
        run(tmp_path, TWO_PHASES, stop_after)
    result = run(tmp_path, TWO_PHASES)
    assert result.resumed_epochs == stop_after
    assert_same_history(result.history, in_two_phases)


def test_the_schedule_is_that_of_all_layers(in_two_phases: list[dict[str, float]]) -> None:
    rates = [row["learning_rate"] for row in in_two_phases]
    assert rates[:2] == pytest.approx([0.01, 0.01])
    assert rates[2:] == pytest.approx([0.0075, 0.0025, 0.0], abs=1e-6)


def test_patience_keeps_the_best_epoch_across_an_interruption(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    losses = [1.0, 0.5, 0.7, 0.6, 0.4]
    monkeypatch.setattr(
        "xrdsym.training.loop._Training._validation",
        lambda _, epoch: {"val_loss": losses[epoch], "val_accuracy": 0.0, "val_macro_f1": 0.0},
    )
    params = script.make_params(patience=2, schedule="constant")
    with pytest.raises(Interrupted):
        run(tmp_path, params, stop_after=3)
    best = checkpoints.load(tmp_path).arrays["best"]
    network = script.tiny_network(params)
    result = train(network, script.data(), params, tmp_path, lambda *_: None)
    assert [row["val_loss"] for row in result.history] == losses[:4]
    assert (result.kept_epoch, result.best_epoch, result.stopped_early) == (2, 2, True)
    for kept, expected in zip(network.get_weights(), best, strict=True):
        np.testing.assert_array_equal(kept, expected)
    # killed after the last epoch, before its results were on disk
    again = run(tmp_path, params)
    assert (again.kept_epoch, again.resumed_epochs) == (2, 4)
    assert again.accuracies == pytest.approx(result.accuracies)


def test_without_patience_the_last_epoch_is_kept(tmp_path: Path) -> None:
    params = script.make_params(epochs=3)
    network = script.tiny_network(params)
    result = train(network, script.data(), params, tmp_path, lambda *_: None)
    assert result.kept_epoch == len(result.history) == 3
    assert not result.stopped_early
    validation = script.data().validation
    answers = network.predict(validation.kept, verbose=0)
    last, choice = result.history[-1], answers.argmax(axis=1)
    assert last["val_accuracy"] == pytest.approx(accuracy_score(validation.labels, choice))
    assert last["val_loss"] == pytest.approx(log_loss(validation.labels, answers, labels=range(7)), rel=1e-4)
    f1 = f1_score(validation.labels, choice, average="macro", labels=[0, 1, 2], zero_division=0)
    assert last["val_macro_f1"] == pytest.approx(f1)


def test_it_learns_and_tells_each_epoch(tmp_path: Path) -> None:
    told = []
    params = script.make_params(epochs=8, schedule="constant")
    result = train(script.tiny_network(params), script.data(), params, tmp_path, lambda *epoch: told.append(epoch))
    assert [epoch for epoch, _ in told] == list(range(1, 9))
    assert [metrics for _, metrics in told] == result.history
    assert result.history[-1]["loss"] < 0.7 * result.history[0]["loss"]
    assert result.history[-1]["accuracy"] > 0.6
    assert set(result.accuracies) == {"training_mode", "inference_mode"}
    assert result.images_per_second > 0


def test_without_validation_there_are_no_scores_of_it(tmp_path: Path) -> None:
    nothing = script.images(0, 0)
    result = run(tmp_path, script.make_params(epochs=1), validation=nothing)
    assert "val_loss" not in result.history[0]
    assert (result.kept_epoch, result.best_epoch) == (1, 0)
    with pytest.raises(UsageError, match="patience needs a validation part"):
        run(tmp_path / "other", script.make_params(patience=2), validation=nothing)


def test_a_loss_that_is_no_number_ends_the_training(tmp_path: Path) -> None:
    params = script.make_params(learning_rate=0.02)
    network = script.tiny_network(params)
    kernel, bias = network.layers[-1].get_weights()
    network.layers[-1].set_weights([kernel, np.full_like(bias, np.nan)])
    with pytest.raises(XrdsymError, match=r"loss became nan .*Lower train\.learning_rate, which is 0\.02"):
        train(network, script.data(), params, tmp_path, lambda *_: None)


def test_frozen_batchnorm_keeps_its_statistics(tmp_path: Path) -> None:
    params = script.make_params(epochs=1, batchnorm="frozen")
    network = script.tiny_network(params)
    (layer,) = batchnorm_layers(network)
    train(network, script.data(), params, tmp_path, lambda *_: None)
    for actual, expected in zip(layer.get_weights(), [1.0, 0.0, 0.0, 1.0], strict=True):
        np.testing.assert_array_equal(actual, np.full(8, expected, np.float32))


def test_reestimated_statistics_close_the_gap_between_training_and_inference(tmp_path: Path) -> None:
    slow = script.make_params(epochs=6, batchnorm_momentum=0.9999, schedule="constant")
    stale = run(tmp_path / "stale", slow).accuracies
    anew = run(tmp_path / "anew", dataclasses.replace(slow, batchnorm="reestimate")).accuracies
    assert stale["training_mode"] - stale["inference_mode"] > 0.2
    assert abs(anew["training_mode"] - anew["inference_mode"]) < 0.15


def test_looks_within_an_epoch_change_nothing_and_hold_both_statistics(tmp_path: Path) -> None:
    params = script.make_params(batch_size=4, epochs=2)
    data = script.data()
    networks = [script.tiny_network(params) for _ in range(2)]
    plain, looked = (
        train(network, data, params, tmp_path / str(every), lambda *_: None, every)
        for network, every in zip(networks, (None, 2), strict=True)
    )
    assert_same_history(looked.history, plain.history)
    for one, other in zip(networks[0].get_weights(), networks[1].get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)
    steps = -(-len(data.train) // params.batch_size)
    assert [(look.epoch, look.step) for look in plain.looks] == [(one + 1, steps) for one in range(params.epochs)]
    expected = [(epoch + 1, step) for epoch in range(params.epochs) for step in [*range(2, steps, 2), steps, steps]]
    assert [(look.epoch, look.step) for look in looked.looks] == expected
    for look, row in zip(plain.looks, plain.history, strict=True):
        matrix = np.array(look.moving)
        assert np.trace(matrix) / matrix.sum() == pytest.approx(row["val_accuracy"])
        assert look.batch is None
    within = [look for look in looked.looks if look.batch is not None]
    assert len(within) == len(expected) - params.epochs
    for look in within:
        counts = np.array(look.moving).sum(axis=1)
        np.testing.assert_array_equal(counts, np.array(look.batch).sum(axis=1))
        assert counts.sum() == len(data.validation) // 4 // params.batch_size * params.batch_size


def test_an_interrupted_training_keeps_its_looks(tmp_path: Path) -> None:
    params = script.make_params(batch_size=4, epochs=2)
    whole = run(tmp_path / "whole", params)
    with pytest.raises(Interrupted):
        run(tmp_path / "cut", params, stop_after=1)
    assert [(look.epoch, look.step) for look in run(tmp_path / "cut", params).looks] == [
        (look.epoch, look.step) for look in whole.looks
    ]
