"""What a trained model of a trial is worth: its answers for a part, its scores, its time for an answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xrdsym.data.datasets import LabelledInputs
from xrdsym.diffraction.peaks_table import read_peak_batches
from xrdsym.encoding.encoder import resolution
from xrdsym.encoding.recipe import recipe_of
from xrdsym.evaluation.metrics import evaluate
from xrdsym.models.accepted_kinds import accepted_kinds
from xrdsym.models.predictor import Model
from xrdsym.scoring.labelled import score_patterns
from xrdsym.studies.results import Materials
from xrdsym.tracking.provenance import number_metrics, score_metrics

if TYPE_CHECKING:
    from xrdsym.config.schema import Params
    from xrdsym.data.training_data import TrainingResult
    from xrdsym.diffraction.peaks_table import PeakArrays
    from xrdsym.encoding.encoder import InputEncoder
    from xrdsym.models.loading import Predictor

Ask = Callable[[LabelledInputs, NDArray[np.int64]], NDArray[np.float32]]
"""What a model answers for the inputs at these positions, float32 (m, classes)."""
MEASURED = "measured"
"""Stands for the part in the names of scores on measured patterns."""
TIMED_PATTERNS = 256
"""Patterns that the time of an answer is measured on."""


@dataclass(frozen=True)
class MeasuredPatterns:
    """Measured patterns that models are scored on, too.

    Attributes:
        source: An `.npz`, as for `labelled.scoring.score_patterns`.
        wavelength: What they were measured with, Å; None takes that of the file.
    """

    source: Path
    wavelength: float | None

    def metrics(self, params: Params, classes: tuple[str, ...], predictor: Predictor) -> dict[str, float]:
        """The scores of a model under the names that runs of models have; none where it takes no measured pattern.

        Raises:
            UsageError: Nobody tells the wavelength.
            XrdsymError: The file is missing or broken, or lacks the target of the model.
        """
        model = Model(params.train.model, recipe_of(params, {}, {}, classes), predictor)
        if "measured" not in accepted_kinds(model):
            return {}
        return score_metrics({"part": MEASURED, **score_patterns(model, self.source, self.wavelength)})


class Stopwatch:
    """Measures how long models take from the peaks of a pattern to the probabilities of its classes.

    Args:
        table: `data/peaks.parquet`; its first patterns are timed, whatever part they are in.
    """

    def __init__(self, table: Path) -> None:
        self._table = table
        self._peaks: PeakArrays | None = None

    def milliseconds(self, predictor: Predictor, encoder: InputEncoder) -> float:
        """Of one pattern of `TIMED_PATTERNS` that are given at once, the second time that they are."""
        if self._peaks is None:
            first = next(read_peak_batches(self._table))
            self._peaks = first.take(np.arange(min(TIMED_PATTERNS, len(first.material_ids))))
        peaks = self._peaks
        started = 0.0
        for _ in range(2):
            started = time.perf_counter()
            predictor.probabilities(encoder.inputs(encoder.vectors(peaks.offsets, peaks.two_theta, peaks.intensity)))
        return 1000 * (time.perf_counter() - started) / len(peaks.material_ids)


def judged(ask: Ask, images: LabelledInputs, compositions: Mapping[str, str]) -> tuple[Materials, NDArray[np.float32]]:
    """The materials of a part, and what the model answers for them."""
    probabilities = ask(images, np.arange(len(images)))
    formulas = tuple(compositions[name] for name in images.material_ids)
    return Materials(images.material_ids, images.labels, formulas), probabilities


def training_metrics(params: Params, result: TrainingResult) -> dict[str, float]:
    """How the training went and how fine its input is, under the names that the runs of models have."""
    kept = {name: value for name, value in result.history[result.kept_epoch - 1].items() if name != "epoch"}
    training = {
        "accuracy": result.accuracies,
        "images_per_second": result.images_per_second,
        "seconds": sum(row["seconds"] for row in result.history),
    }
    return kept | number_metrics(training, "training_") | resolution(params)


def part_metrics(
    params: Params, classes: tuple[str, ...], materials: Materials, probabilities: NDArray[np.float32], part: str
) -> dict[str, float]:
    """The scores of a part under the names that the runs of models have; compositions are drawn as a whole."""
    scores = evaluate(
        materials.labels,
        probabilities,
        list(materials.compositions),
        classes=classes,
        bootstrap=params.evaluate.bootstrap,
    )
    return score_metrics({"part": part, **scores})
