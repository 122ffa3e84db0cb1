"""The scores of a trial's model: on a part of the split, on measured patterns, and its time for a prediction."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from xrdsym.diffraction.peaks_table import read_peak_batches
from xrdsym.encoding.encoder import resolution
from xrdsym.encoding.recipe import recipe_of
from xrdsym.evaluation.metrics import evaluate
from xrdsym.models.predictor import Model
from xrdsym.scoring.labelled import score_patterns
from xrdsym.studies.results import Materials
from xrdsym.tracking.provenance import number_metrics, score_metrics

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from xrdsym.config.schema import Params
    from xrdsym.data.datasets import LabelledInputs
    from xrdsym.data.training_data import TrainingResult
    from xrdsym.diffraction.peaks_table import PeakArrays
    from xrdsym.encoding.encoder import InputEncoder
    from xrdsym.models.protocol import Classifier

MEASURED = "measured"
"""Takes the place of the part in the names of scores on measured patterns."""
TIMED_PATTERNS = 256
"""Patterns with which the time of a prediction is measured."""


@dataclass(frozen=True)
class MeasuredPatterns:
    """Measured patterns on which models are scored as well.

    Attributes:
        source: An `.npz`, as for `xrdsym.scoring.labelled.score_patterns`.
        wavelength: What they were measured with, Å; None means that of the file.
    """

    source: Path
    wavelength: float | None

    def metrics(self, params: Params, classes: tuple[str, ...], classifier: Classifier) -> dict[str, float]:
        """The scores of a model by the names that its run logs; none where it does not accept measured patterns.

        Raises:
            UsageError: The wavelength is unknown.
            XrdsymError: The file is missing or broken, or lacks the target of the model.
        """
        model = Model(params.train.model, recipe_of(params, {}, {}, classes), classifier)
        if not model.accepts("measured"):
            return {}
        return score_metrics({"part": MEASURED, **score_patterns(model, self.source, self.wavelength)})


class Stopwatch:
    """Measures the time from the peaks of a pattern to the probabilities of its classes.

    Args:
        table: `data/peaks.parquet`; its first patterns are timed, of whatever part.
    """

    def __init__(self, table: Path) -> None:
        self._table = table
        self._peaks: PeakArrays | None = None

    def milliseconds(self, classifier: Classifier, encoder: InputEncoder) -> float:
        """The time of one pattern, where `TIMED_PATTERNS` are predicted at once, for the second time."""
        if self._peaks is None:
            first = next(read_peak_batches(self._table))
            self._peaks = first.take(np.arange(min(TIMED_PATTERNS, len(first.material_ids))))
        peaks = self._peaks
        started = 0.0
        for _ in range(2):
            started = time.perf_counter()
            vectors = encoder.from_peaks(peaks.offsets, peaks.two_theta, peaks.intensity)
            classifier.predict_proba(encoder.inputs(vectors))
        return 1000 * (time.perf_counter() - started) / len(peaks.material_ids)


def materials_of(part: LabelledInputs, compositions: Mapping[str, str]) -> Materials:
    """The materials of a part."""
    return Materials(part.material_ids, part.labels, tuple(compositions[name] for name in part.material_ids))


def training_metrics(params: Params, result: TrainingResult) -> dict[str, float]:
    """How the training went and how fine its input is, by the names that the run of a model logs."""
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
    """The scores of a part by the names that the run of a model logs; the bootstrap resamples whole compositions."""
    scores = evaluate(
        materials.labels,
        probabilities,
        list(materials.compositions),
        classes=classes,
        bootstrap=params.evaluate.bootstrap,
    )
    return score_metrics({"part": part, **scores})
