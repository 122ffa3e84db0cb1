"""The time left, by trials whose true time is known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from params_of import write_params
from xrdsym.common.errors import XrdsymError
from xrdsym.config.schema import Params
from xrdsym.studies.clock import Clock
from xrdsym.studies.definition import Study, load_study
from xrdsym.studies.rates import SCORING_SECONDS, Rate


class Trials:
    """Stands for `xrdsym.studies.trial.Trials`: an epoch is estimated at 10 s, compiling at 9 s."""

    def __init__(self, broken: str) -> None:
        self._broken = broken

    def rate(self, params: Params) -> Rate:
        if params.train.model == self._broken:
            msg = "no such network"
            raise XrdsymError(msg)
        return Rate(0.01, 9.0)

    def epoch_cost(self, _: Params) -> float:
        return 1000.0


@pytest.fixture
def study(tmp_path: Path) -> Study:
    write_params(tmp_path, train__epochs=4)
    (tmp_path / "studies").mkdir()
    content = {"guess": "why?", "budget_minutes": 5, "vary": {"profile.sigma": [7.0, 9.0], "train.model": ["oviedo"]}}
    YAML().dump(content, tmp_path / "studies" / "mine.yaml")
    return load_study(tmp_path, "mine")


def clock_of(study: Study, broken: str = "") -> Clock:
    trials: Any = Trials(broken)
    return Clock(trials, study)


def test_before_the_first_trial_the_rate_and_compiling_count(study: Study) -> None:
    each = 4 * 10 + 9 + SCORING_SECONDS
    assert clock_of(study).seconds_left(study.points[:3], 0) == pytest.approx(3 * each)
    assert clock_of(study).seconds_left([], 2) == pytest.approx(2 * each)
    assert clock_of(study).seconds_left([], 0) == 0


def test_a_trial_counts_fully(study: Study) -> None:
    clock = clock_of(study)
    baseline = study.params(study.points[0])
    # twice as slow as measured, and 20 s of everything else: the next are expected to be the same
    clock.update(baseline, [35.0, 20.0, 20.0, 20.0], 100.0)
    assert clock.seconds_left(study.points[1:3], 0) == pytest.approx(2 * 100)
    clock.update(study.params(study.points[1]), [45.0, 30.0, 30.0, 30.0], 140.0)
    assert clock.seconds_left(study.points[2:3], 0) == pytest.approx(120)


def test_a_single_epoch_counts_as_it_was(study: Study) -> None:
    clock = clock_of(study)
    clock.update(study.params(study.points[0]), [30.0], 36.0)
    assert clock.seconds_left(study.points[1:2], 0) == pytest.approx(4 * 30 + 6)


def test_a_trial_that_cannot_be_built_takes_no_training(study: Study) -> None:
    clock = clock_of(study, broken="oviedo")
    (point,) = (point for point in study.points if point.settings.get("train.model") == "oviedo")
    assert clock.seconds_left([point], 0) == pytest.approx(SCORING_SECONDS)
    assert clock_of(study).seconds_left([point], 0) > 2 * SCORING_SECONDS
