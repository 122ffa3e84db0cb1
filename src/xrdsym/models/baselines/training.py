"""The training of a baseline: one fit, told in the numbers that a network's training is told in."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from xrdsym.common.progress import working
from xrdsym.data.training_data import SAMPLE, TrainingResult
from xrdsym.diffraction.scattering import doublet
from xrdsym.evaluation.metrics import evaluate
from xrdsym.models import baselines as classical

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from xrdsym.config.schema import TrainParams
    from xrdsym.data.augmented import AugmentedDataset, AugmentedEpoch
    from xrdsym.data.datasets import LabelledInputs
    from xrdsym.data.training_data import TrainingData
    from xrdsym.models.loading import Predictor

ROWS_AT_ONCE = 512


def fit_baseline(
    data: TrainingData, params: TrainParams, on_epoch: Callable[[int, Mapping[str, float]], None]
) -> tuple[classical.Classifier, TrainingResult]:
    """Fit the baseline that `params.model` names.

    Args:
        data: Inputs and classes.
        params: Which baseline, and the seed.
        on_epoch: Called once, with 1 and the metrics.

    Returns:
        The baseline, and the result with a history of one row. `loss` (nats) and `accuracy` are those of a sample of
        the training part, drawn as in the fit, as a baseline has none of its own; `seconds` are those of the fit.

    Raises:
        UsageError: The training part is unfit: see `classical.fit`.
    """
    started = time.perf_counter()
    if data.augmented is not None:
        fitted: classical.Classifier = _search_match(data.augmented, data, params.seed)
    else:
        inputs = data.train.kept if data.train.source is None else data.train.read(np.arange(len(data.train)))
        with working(f"fitting {params.model}"):
            fitted = classical.fit(params.model, inputs, data.train.labels, data.classes, params.seed)
    seconds = time.perf_counter() - started
    sample = np.random.default_rng(params.seed).permutation(len(data.train))[:SAMPLE]
    shown = data.train if data.augmented is None else data.augmented.in_epoch(0)
    trained = _scores(fitted, shown, sample, data.classes)
    metrics = {"epoch": 1.0, "loss": abs(trained["log_loss"]), "accuracy": trained["accuracy"]}
    if len(data.validation):
        scores = _scores(fitted, data.validation, np.arange(len(data.validation)), data.classes)
        # abs: the log loss of certainty is -0.0
        metrics |= {"val_loss": abs(scores["log_loss"])}
        metrics |= {f"val_{name}": scores[name] for name in ("accuracy", "macro_f1")}
    metrics |= {"seconds": seconds, "images_per_second": len(data.train) / max(seconds, 1e-9)}
    on_epoch(1, metrics)
    result = TrainingResult(
        history=[metrics],
        kept_epoch=1,
        best_epoch=1 if len(data.validation) else 0,
        resumed_epochs=0,
        stopped_early=False,
        images_per_second=metrics["images_per_second"],
        accuracies={"inference_mode": trained["accuracy"]},
    )
    return fitted, result


def _search_match(augmented: AugmentedDataset, data: TrainingData, seed: int) -> classical.SearchMatch:
    """The one baseline that effects are drawn for."""
    grid, setting = augmented.encoder.grid, augmented.setting
    read_as = classical.PatternGrid(
        two_theta_min=grid.two_theta_min,
        step=grid.step,
        points=grid.points,
        wavelength=setting.wavelength,
        doublet=doublet(setting.radiation) if augmented.effects.kalpha2 else None,
    )
    examples = classical.Examples(data.train.read, augmented.in_epoch(0).read, data.train.labels)
    return classical.search_match(examples, data.classes, read_as, seed)


def answers(
    predictor: Predictor, images: LabelledInputs | AugmentedEpoch, positions: NDArray[np.int64]
) -> NDArray[np.float32]:
    """What a baseline answers for the inputs at these positions, float32 (m, classes); at least one is wanted."""
    chunks = [positions[first : first + ROWS_AT_ONCE] for first in range(0, len(positions), ROWS_AT_ONCE)]
    return np.concatenate([predictor.probabilities(images.read(chunk)) for chunk in chunks])


def _scores(
    predictor: Predictor,
    images: LabelledInputs | AugmentedEpoch,
    positions: NDArray[np.int64],
    classes: tuple[str, ...],
) -> dict[str, Any]:
    probabilities = answers(predictor, images, positions)
    return evaluate(images.labels[positions], probabilities, classes=classes, bootstrap=0)
