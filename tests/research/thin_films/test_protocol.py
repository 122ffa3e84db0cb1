from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from made_films import made_films, made_structures
from research.thin_films.measured import CLASSES
from research.thin_films.patterns import Patterns, plain_patterns, simulated_patterns
from research.thin_films.protocol import (
    FOLDS,
    METHODS,
    SCHEMES,
    Amounts,
    Answers,
    cross_validate,
    run_trial,
    training_patterns,
    trials,
)
from research.thin_films.summary import row, summary, table

SMALL = Amounts(simulated=20, measured=60, epochs=2, seeds=2)


def simulated() -> Patterns:
    return simulated_patterns(made_structures(), SMALL.simulated + SMALL.measured, np.random.default_rng(0))


def test_each_film_is_answered_for_once_a_seed_by_models_that_did_not_learn_from_it() -> None:
    films = made_films(42, 0, telling=True)
    planned = trials(films, SMALL.seeds)
    assert len(planned) == SMALL.seeds * (1 + 2 * FOLDS)
    for scheme in SCHEMES:
        for seed in range(SMALL.seeds):
            rows = np.concatenate([one.test for one in planned if (one.scheme, one.seed) == (scheme, seed)])
            assert sorted(rows.tolist()) == list(range(42))
    for one in planned:
        assert not set(one.train.tolist()) & set(one.test.tolist())
        if one.scheme == SCHEMES[0]:
            assert len(one.train) == 0
        if one.scheme == SCHEMES[2]:
            assert not set(films.series[one.train]) & set(films.series[one.test])


def test_what_is_learnt_from_does_not_depend_on_the_test_films() -> None:
    films, patterns = made_films(42, 0, telling=True), simulated()
    for trial in trials(films, 1):
        replaced = films.profiles.copy()
        replaced[trial.test] = np.random.default_rng(1).random(replaced[trial.test].shape)
        labels = films.labels.copy()
        labels[trial.test] = 0
        others = replace(films, profiles=replaced, labels=labels)
        one, same = (training_patterns(some, trial, patterns, SMALL) for some in (films, others))
        np.testing.assert_array_equal(one.profiles, same.profiles)
        np.testing.assert_array_equal(one.labels, same.labels)
        assert len(one.labels) == SMALL.simulated + SMALL.measured


@pytest.mark.parametrize(("telling", "low", "high"), [(False, 0.0, 0.4), (True, 0.9, 1.0)])
def test_nothing_is_known_of_films_whose_class_is_drawn_at_random(telling: bool, low: float, high: float) -> None:
    """A film that were in training would be its own nearest neighbour, and the score near 1."""
    films, patterns, plain = made_films(70, 3, telling=telling), simulated(), plain_patterns(made_structures())
    right = []
    for trial in [one for one in trials(films, 1) if one.scheme == SCHEMES[1]]:
        said, maps = run_trial((trial, patterns), films, plain, replace(SMALL, epochs=1))
        assert maps.shape == films.profiles[trial.test].shape
        assert set(said) == set(METHODS)
        right += (said["nearest neighbour"].argmax(axis=1) == films.labels[trial.test]).tolist()
    assert low <= np.mean(right) <= high


def test_a_training_leaves_nothing_behind_for_the_next() -> None:
    from research.thin_films.network import probabilities, trained

    patterns = simulated()
    first = probabilities(trained(patterns, 2, seed=5), patterns.profiles)
    trained(Patterns(patterns.profiles[::-1].copy(), patterns.labels), 3, seed=9)
    again = probabilities(trained(patterns, 2, seed=5), patterns.profiles)
    np.testing.assert_allclose(first, again, atol=1e-5)


def test_scores_are_pooled_and_short_films_count_as_wrong() -> None:
    films = made_films(21, 0, telling=True)
    films = replace(films, labels=np.array([6] * 12 + [1] * 5 + [3] * 4)[np.arange(21)])
    said = np.zeros((2, 21, len(CLASSES)), dtype=np.float32)
    said[0, np.arange(21), films.labels] = 1
    said[1, :, 6] = 1
    found = row(films, 3, said)
    assert found["by_seed"] == [1.0, pytest.approx(12 / 21)]
    assert found["accuracy"] == pytest.approx((21 + 12) / 42)
    assert found["accuracy_of_all"] == pytest.approx((21 + 12) / 48)
    assert found["macro_recall"] == pytest.approx((1 + 0.5 + 0.5) / 3)
    low, high = found["interval"]
    assert low < found["accuracy"] < high
    assert found["few"] == {}


def test_small_classes_are_reported_film_by_film_and_the_table_has_every_row() -> None:
    films = made_films(21, 0, telling=True)
    films = replace(films, labels=np.array([6] * 12 + [1] * 7 + [5] * 2))
    said = {
        (scheme, method): np.eye(7, dtype=np.float32)[[films.labels] * 2] for scheme in SCHEMES for method in METHODS
    }
    scores = summary({"made": (films, Answers(said, films.profiles))}, {"short": "Pm-3m"})
    assert scores["majority"] == {"class": "Pm-3m", "accuracy": 12 / 21, "accuracy_of_all": 13 / 22}
    assert len(scores["rows"]) == 9
    assert scores["rows"][0]["few"] == {name: {"class": "Pc", "answers": ["Pc", "Pc"]} for name in films.names[19:]}
    lines = table(scores).splitlines()
    assert sum("100.0 %" in line for line in lines) == 9
    assert sum(line.startswith("| film 20 ") for line in lines) == 9


@pytest.mark.slow
def test_the_whole_protocol_on_films_that_tell_their_class() -> None:
    films = made_films(42, 0, telling=True)
    answers = cross_validate(films, made_structures(), Amounts(simulated=300, measured=1500, epochs=25, seeds=1))
    scores = summary({"made": (films, answers)}, {})
    found = {(one["learnt_from"], one["method"]): one["accuracy"] for one in scores["rows"]}
    assert all(np.abs(said.sum(axis=2) - 1).max() < 1e-4 for said in answers.probabilities.values())
    assert found[SCHEMES[1], "nearest neighbour"] > 0.9
    assert found[SCHEMES[1], "a-CNN"] > found[SCHEMES[0], "a-CNN"] + 0.2
    assert np.abs(answers.maps).max(axis=1).min() > 0
