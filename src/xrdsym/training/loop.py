"""The training loop of networks, which can be killed at any time and resumed.

Each epoch is one `fit` of one epoch, one `predict` over the validation part, and one checkpoint. An epoch depends only
on the seed, its number and the state at its beginning. A resumed training therefore ends with the weights of an
undisturbed one, up to the rounding of sums that run on several threads.
"""

from __future__ import annotations

import logging
import math
import time
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from xrdsym.common.errors import UsageError, XrdsymError
from xrdsym.common.progress import progress_bar
from xrdsym.data.training_data import TrainingResult
from xrdsym.evaluation.metrics import evaluate
from xrdsym.training import checkpoints
from xrdsym.training.batches import Batches, predict
from xrdsym.training.batchnorm import reestimate, training_accuracies
from xrdsym.training.checkpoints import Checkpoint
from xrdsym.training.looks import Looks
from xrdsym.training.optimisation import compile_network
from xrdsym.training.weighting import class_weights, epoch_order, loss_function

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from tqdm import tqdm

    from xrdsym.config.schema import TrainParams
    from xrdsym.data.augmented import AugmentedEpoch
    from xrdsym.data.datasets import LabelledInputs
    from xrdsym.data.training_data import TrainingData

REESTIMATION_SIZE = 512
"""Training inputs from which BatchNorm statistics are re-estimated."""
HIGHER_IS_BETTER = {"val_loss": False, "val_accuracy": True, "val_macro_f1": True}
_logger = logging.getLogger(__name__)


@dataclass
class Progress:
    """How far a training has come.

    Attributes:
        history: As in `TrainingResult`.
        best_epoch: The epoch with the best monitored metric, from 1; 0 before the first.
        best_value: Its metric.
        waited: Epochs since then, those with all layers only.
        stopped: The patience has run out.
    """

    history: list[dict[str, float]] = field(default_factory=list)
    best_epoch: int = 0
    best_value: float | None = None
    waited: int = 0
    stopped: bool = False


def train(  # noqa: PLR0913, PLR0917 - all that a training depends on
    network: keras.Model,
    data: TrainingData,
    params: TrainParams,
    checkpoint_folder: Path,
    on_epoch: Callable[[int, Mapping[str, float]], None],
    looks_every: int | None = None,
) -> TrainingResult:
    """Train a network, going on from the checkpoint in the folder where there is one.

    First `params.head_epochs` epochs of the new top alone, then, with a new optimizer, all layers.
    With `params.patience` the weights of the best epoch are kept, without it those of the last.

    Args:
        network: Built, not compiled.
        data: Inputs and classes.
        params: How to train.
        checkpoint_folder: Belongs to this very training; the caller removes it when all results are on disk.
        on_epoch: Receives the number of each epoch, from 1, and its metrics; not of epochs before the checkpoint.
        looks_every: Steps between two looks within an epoch, which change nothing in the training; None has none.

    Raises:
        UsageError: Early stopping is on and there is no validation part, or the network does not say which layers are
            its top.
        XrdsymError: The loss is no longer finite, or the disk is full.
    """
    return _Training(network, data, params, checkpoint_folder, looks_every).run(on_epoch)


class _Training:
    """One training: what its epochs share, and its progress."""

    def __init__(
        self, network: keras.Model, data: TrainingData, params: TrainParams, folder: Path, looks_every: int | None
    ) -> None:
        if params.patience is not None and not len(data.validation):
            msg = "train.patience needs a validation part: set split.validation above 0, or patience: null"
            raise UsageError(msg)
        self._network = network
        self._data = data
        self._params = params
        self._folder = folder
        self._steps = math.ceil(len(data.train) / params.batch_size)
        self._weights = class_weights(data.train.labels, len(data.classes), params.class_weight)
        self._looks_every = looks_every
        self._looks = Looks(data.validation, len(data.classes), params.batch_size, [])
        self._progress = Progress()
        self._best: list[NDArray[Any]] = []

    def run(self, on_epoch: Callable[[int, Mapping[str, float]], None]) -> TrainingResult:
        saved = checkpoints.load(self._folder)
        if saved is not None:
            self._progress = Progress(**saved.state["progress"])
            data, size = self._data, self._params.batch_size
            self._looks = Looks(data.validation, len(data.classes), size, saved.state["looks"])
            self._best = saved.arrays.get("best", [])
        resumed = len(self._progress.history)
        self._begin_phase(resumed, saved)
        for epoch in range(resumed, self._params.epochs):
            if self._progress.stopped:
                break
            if epoch == self._params.head_epochs and epoch > resumed:
                self._begin_phase(epoch, None)
            self._epoch(epoch)
            on_epoch(epoch + 1, self._progress.history[-1])
        return self._result(resumed)

    def _begin_phase(self, epoch: int, saved: Checkpoint | None) -> None:
        """Compile for the layers that learn from this epoch on, and restore the checkpoint."""
        params, network = self._params, self._network
        head_only = epoch < params.head_epochs
        compile_network(network, params, head_only=head_only, steps=self._steps * (params.epochs - params.head_epochs))
        if saved is None:
            return
        _assign(network.variables, saved.arrays["network"])
        if epoch != params.head_epochs:
            _assign(network.optimizer.variables, saved.arrays["optimizer"])
        _logger.warning("resuming from the checkpoint after epoch %d of %d.", epoch, params.epochs)

    def _epoch(self, epoch: int) -> None:
        params, data, started = self._params, self._data, time.perf_counter()
        order = epoch_order(data.train.labels, params.seed, epoch, params.oversample)
        inputs = data.train if data.augmented is None else data.augmented.in_epoch(epoch)
        at_once = len(order) if self._looks_every is None else self._looks_every * params.batch_size
        seconds, sums = 0.0, {"loss": 0.0, "accuracy": 0.0}
        for first in range(0, len(order), at_once):
            part, begun = order[first : first + at_once], time.perf_counter()
            logs = self._fit(inputs, part, epoch)
            seconds += time.perf_counter() - begun
            sums = {name: total + logs[name] * len(part) for name, total in sums.items()}
            if self._looks_every is not None:
                self._looks.within(self._network, epoch + 1, math.ceil((first + len(part)) / params.batch_size))
        metrics = {"epoch": float(epoch + 1)} | {name: total / len(order) for name, total in sums.items()}
        if params.batchnorm == "reestimate" and epoch >= params.head_epochs:
            reestimate(self._network, data.train.batches(order[:REESTIMATION_SIZE], params.batch_size))
        metrics |= self._validation(epoch)
        metrics["learning_rate"] = float(self._network.optimizer.learning_rate)
        metrics["seconds"] = time.perf_counter() - started
        metrics["images_per_second"] = self._steps * params.batch_size / seconds
        self._progress.history.append({name: float(value) for name, value in metrics.items()})
        self._update_best(epoch)
        self._save()

    def _fit(self, inputs: LabelledInputs | AugmentedEpoch, order: NDArray[np.int64], epoch: int) -> dict[str, float]:
        """Train on some inputs; returns the mean loss and accuracy over them."""
        params = self._params
        steps = _Steps(epoch + 1, params.epochs, math.ceil(len(order) / params.batch_size), params.learning_rate)
        batches = Batches(inputs, order, params.batch_size, self._weights)
        try:
            logs = self._network.fit(batches, shuffle=False, verbose=0, callbacks=[steps]).history
        finally:
            batches.release()
        return {name: values[-1] for name, values in logs.items()}

    def _validation(self, epoch: int) -> dict[str, float]:
        """Loss, accuracy and macro F1 on the validation part, classes unweighted; empty where that part is empty."""
        part = self._data.validation
        if not len(part):
            return {}
        probabilities = predict(self._network, part, np.arange(len(part)))
        self._looks.after(epoch + 1, self._steps, probabilities)
        one_hot = np.eye(len(self._data.classes), dtype=np.float32)[part.labels]
        loss = keras.ops.convert_to_numpy(loss_function(self._params.loss)(one_hot, probabilities))
        scores = evaluate(part.labels, probabilities, classes=self._data.classes, bootstrap=0)
        return {"val_loss": float(loss), "val_accuracy": scores["accuracy"], "val_macro_f1": scores["macro_f1"]}

    def _update_best(self, epoch: int) -> None:
        """Compare the last epoch with the best one, and stop when the patience has run out."""
        progress, params = self._progress, self._params
        value = progress.history[-1].get(params.monitor)
        if value is None:
            return
        sign = 1 if HIGHER_IS_BETTER[params.monitor] else -1
        if progress.best_value is None or sign * value > sign * progress.best_value:
            progress.best_epoch, progress.best_value, progress.waited = epoch + 1, value, 0
            if params.patience is not None:
                self._best = self._network.get_weights()
        elif epoch >= params.head_epochs:
            progress.waited += 1
            progress.stopped = params.patience is not None and progress.waited >= params.patience

    def _save(self) -> None:
        arrays = {
            "network": _values(self._network.variables),
            "optimizer": _values(self._network.optimizer.variables),
            "best": self._best,
        }
        state = {"progress": asdict(self._progress), "looks": self._looks.content()}
        checkpoints.save(self._folder, Checkpoint(arrays, state))

    def _result(self, resumed: int) -> TrainingResult:
        progress, params = self._progress, self._params
        kept = len(progress.history)
        if params.patience is not None:
            self._network.set_weights(self._best)
            kept = progress.best_epoch
        return TrainingResult(
            history=progress.history,
            kept_epoch=kept,
            best_epoch=progress.best_epoch,
            resumed_epochs=resumed,
            stopped_early=progress.stopped,
            images_per_second=float(np.median([row["images_per_second"] for row in progress.history])),
            accuracies=training_accuracies(self._network, self._data.train, params.batch_size, params.seed),
            looks=self._looks.all,
        )


class _Steps(keras.callbacks.Callback):
    """Moves a progress bar at each step of one epoch, and ends the training when the loss is no longer finite."""

    def __init__(self, epoch: int, epochs: int, steps: int, learning_rate: float) -> None:
        super().__init__()
        self._epoch = epoch
        self._learning_rate = learning_rate
        self._bar: tqdm[None] = progress_bar(total=steps, description=f"epoch {epoch}/{epochs}", unit="step")

    def on_train_batch_end(self, batch: int, logs: Mapping[str, float] | None = None) -> None:
        """Look at the loss of the epoch so far."""
        self._bar.update()
        loss = (logs or {}).get("loss", 0.0)
        if not math.isfinite(loss):
            msg = (
                f"the loss became {loss} in step {batch + 1} of epoch {self._epoch}: the training has failed. Lower "
                f"train.learning_rate, which is {self._learning_rate:g}, or check train.pixel_scaling."
            )
            raise XrdsymError(msg)

    def on_train_end(self, logs: Mapping[str, float] | None = None) -> None:  # noqa: ARG002 - Keras' signature
        """Close the bar."""
        self._bar.close()


def _values(variables: Sequence[Any]) -> list[NDArray[Any]]:
    return [variable.numpy() for variable in variables]


def _assign(variables: Sequence[Any], values: Sequence[NDArray[Any]]) -> None:
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
