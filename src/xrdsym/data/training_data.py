"""The data of a training and its result, the same for networks and baselines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from xrdsym.data.augmented import AugmentedDataset
from xrdsym.data.datasets import LabelledInputs

SAMPLE = 2000
"""Training structures, at most, on which the final accuracies are measured."""


@dataclass(frozen=True)
class TrainingData:
    """What a model is trained on.

    Attributes:
        classes: Names of the classes, in the order of the labels.
        train: Inputs to learn from.
        validation: Inputs on which choices are made; may be empty.
        augmented: The training part with other effects in each epoch; None where no effect is on.
        rare: Classes of the target that are left out, with how many structures of the training part each has.
    """

    classes: tuple[str, ...]
    train: LabelledInputs
    validation: LabelledInputs
    augmented: AugmentedDataset | None = None
    rare: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Look:
    """What a network answers at one moment of its training.

    Attributes:
        epoch: From 1.
        step: Training steps of this epoch so far.
        moving: Confusion matrix, rows actual, columns predicted, with the moving statistics of BatchNorm, as in use.
        batch: The same materials and weights with the statistics of each batch, as in training; None at the end of an
            epoch, where the whole validation part is looked at, and not a sample of it.
    """

    epoch: int
    step: int
    moving: list[list[int]]
    batch: list[list[int]] | None


@dataclass(frozen=True)
class TrainingResult:
    """How a training went. The one fit of a baseline counts as an epoch.

    Attributes:
        history: Metrics of each epoch: epoch (from 1), loss, accuracy, val_loss, val_accuracy, val_macro_f1, seconds,
            images_per_second (of the training steps, input included); of networks also learning_rate.
        kept_epoch: The epoch whose weights are kept: the last one, with patience the best one.
        best_epoch: The epoch with the best monitored metric; 0 without a validation part.
        resumed_epochs: Epochs that came from a checkpoint.
        stopped_early: The patience ran out.
        images_per_second: Rate of the training steps: the median over the epochs, input included.
        accuracies: On a sample of the training part: `training_mode` (BatchNorm by the batch, no dropout) and
            `inference_mode` (BatchNorm by its moving statistics); a gap between them is BatchNorm, not overfitting.
        looks: Of networks: the answers after each epoch and, where asked for, within it.
    """

    history: list[dict[str, float]]
    kept_epoch: int
    best_epoch: int
    resumed_epochs: int
    stopped_early: bool
    images_per_second: float
    accuracies: dict[str, float]
    looks: list[Look] = field(default_factory=list)
