"""How long the remaining trials of a study take: by rates measured beforehand, then by the trials themselves."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from xrdsym.common.errors import XrdsymError
from xrdsym.models.registry import classifier_type
from xrdsym.studies.definition import COMPARISON, Study
from xrdsym.studies.rates import SCORING_SECONDS, relative_cost

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xrdsym.config.schema import Params
    from xrdsym.studies.definition import Point
    from xrdsym.studies.trial import Trials


class Clock:
    """Estimate the duration of trials.

    A trial takes its epochs, each in proportion to its inputs, and a set-up that is compiling, reading and scoring. As
    soon as a trial of the same model has ended in this process, both are what the finished trials took.

    Args:
        trials: What runs them.
        study: The study.

    Raises:
        UsageError: The network of the baseline cannot be built.
    """

    def __init__(self, trials: Trials, study: Study) -> None:
        self._trials = trials
        self._study = study
        self._first = study.params(study.points[0])
        self._references = {self._first.train.model: self._first}
        if study.design != COMPARISON:
            # a baseline that cannot be built ends the study before the first trial; a row of a comparison only fails
            trials.rate(self._first)
        self._factors: defaultdict[str, list[float]] = defaultdict(list)
        self._set_ups: defaultdict[str, list[float]] = defaultdict(list)

    def update(self, params: Params, epochs: Sequence[float], seconds: float) -> None:
        """Learn from a trial that has ended.

        Args:
            params: Its parameters.
            epochs: Seconds of each of its epochs in this process.
            seconds: Of the whole trial, from the reading of its tables to its place in the storage.
        """
        # the first epoch compiles
        steady = float(np.mean(epochs[1:] or epochs))
        model = params.train.model
        self._factors[model].append(steady / self._epoch_seconds(params))
        self._set_ups[model].append(max(seconds - steady * len(epochs), 0.0))

    def seconds_left(self, points: Sequence[Point], unknown: int) -> float:
        """The time of trials that have not begun.

        Args:
            points: Those that are known.
            unknown: How many more a search will choose.
        """
        return sum(self._seconds(self._study.params(point)) for point in points) + unknown * self._seconds(self._first)

    def _seconds(self, params: Params) -> float:
        try:
            seconds = self._epoch_seconds(params)
            set_up = self._trials.rate(self._reference(params)).set_up + SCORING_SECONDS
        except XrdsymError:
            # the trial fails at once for the same reason
            return SCORING_SECONDS
        model = params.train.model
        if self._factors[model]:
            seconds, set_up = seconds * float(np.mean(self._factors[model])), float(np.mean(self._set_ups[model]))
        return seconds * classifier_type(params.train.model).epochs(params.train) + set_up

    def _reference(self, params: Params) -> Params:
        return self._references.setdefault(params.train.model, params)

    def _epoch_seconds(self, params: Params) -> float:
        """The estimate before any trial."""
        reference = self._reference(params)
        rate = self._trials.rate(reference).an_input
        return rate * relative_cost(params, reference) * self._trials.epoch_cost(params)
