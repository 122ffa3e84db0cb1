"""Cross-validation on measured films: training and test folds share no film, and in one scheme no series."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from research.thin_films.measured import CLASSES
from research.thin_films.patterns import Patterns, film_patterns, plain_patterns, simulated_patterns, together
from xrdsym.common.parallel import map_batches
from xrdsym.common.progress import progress_bar
from xrdsym.common.quiet import import_keras
from xrdsym.models.baselines.nearest_neighbour import NearestNeighbour
from xrdsym.models.baselines.trees import RandomForest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from research.thin_films.measured import Films
    from xrdsym.crystal.structure_table import CrystalStructure

FOLDS = 5
METHODS = ("nearest neighbour", "random forest", "a-CNN")
SCHEMES = ("simulation alone", "films, random folds", "films, whole series in a fold")


@dataclass(frozen=True)
class Amounts:
    """The amount of training; the defaults are the published numbers.

    Attributes:
        simulated: Number of simulated patterns beside the films; without films it is the sum of both numbers.
        measured: Number of augmented patterns from the training films of a fold.
        epochs: Epochs of the network.
        seeds: Number of repetitions with other folds, augmentation and initial weights.
    """

    simulated: int = 2000
    measured: int = 5000
    epochs: int = 100
    seeds: int = 3


@dataclass(frozen=True, eq=False)
class Trial:
    """One training and its test films.

    Attributes:
        scheme: One of `SCHEMES`.
        seed: From 0.
        fold: From 0.
        train: Rows of the training films, int64 (m,).
        test: Rows of the test films, int64 (n,).
    """

    scheme: str
    seed: int
    fold: int
    train: NDArray[np.int64]
    test: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Answers:
    """Predictions for all films, each by a model that was trained without that film.

    Attributes:
        probabilities: Scheme and method to float32 (seeds, films, classes).
        maps: The class activation map of each film for the class that the network predicts in random folds with the
            first seed, float32 (films, points).
    """

    probabilities: dict[tuple[str, str], NDArray[np.float32]]
    maps: NDArray[np.float32]


def folds(labels: NDArray[np.int64], groups: NDArray[np.str_], seed: int) -> list[NDArray[np.int64]]:
    """The test rows of each fold: whole groups, with similar shares of the classes.

    Args:
        labels: Class index of each row, int64 (n,).
        groups: The group of each row, str (n,), at least `FOLDS` distinct ones; a fold contains whole groups.
        seed: Seed of the shuffling.

    Returns:
        `FOLDS` arrays, int64, in which each row occurs once.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    splitter = StratifiedGroupKFold(n_splits=FOLDS, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        # scikit-learn warns of classes with fewer films than folds, which are missing in some folds
        warnings.filterwarnings("ignore", message="The least populated class", category=UserWarning)
        return [test.astype(np.int64) for _, test in splitter.split(labels, labels, groups)]


def trials(films: Films, seeds: int) -> list[Trial]:
    """List all trainings: one for each seed with simulations alone, one for each fold and seed otherwise."""
    everything = np.arange(len(films.labels))
    planned = []
    for seed in range(seeds):
        planned.append(Trial(SCHEMES[0], seed, 0, everything[:0], everything))
        for scheme, groups in zip(SCHEMES[1:], (np.array(films.names), films.series), strict=True):
            for fold, test in enumerate(folds(films.labels, groups, seed)):
                planned.append(Trial(scheme, seed, fold, np.setdiff1d(everything, test), test))
    return planned


def training_patterns(films: Films, trial: Trial, simulated: Patterns, amounts: Amounts) -> Patterns:
    """The network's training patterns in a trial: simulated patterns and augmented films of the training rows.

    Args:
        films: All films; only the rows `trial.train` are used.
        trial: The trial.
        simulated: Simulated patterns, as many as both kinds together.
        amounts: The number of patterns of each kind.
    """
    if not len(trial.train):
        return simulated
    own = Patterns(films.profiles[trial.train], films.labels[trial.train])
    rng = np.random.default_rng([trial.seed, trial.fold, SCHEMES.index(trial.scheme)])
    return together(simulated.first(amounts.simulated), film_patterns(own, amounts.measured, rng))


def cross_validate(films: Films, structures: Mapping[str, Sequence[CrystalStructure]], amounts: Amounts) -> Answers:
    """Train all methods in all schemes and predict the test films.

    Trainings run in parallel, one process on each core.

    Args:
        films: The films.
        structures: Class to the structures that are simulated.
        amounts: The amount of training.

    Raises:
        SimulationError: A structure has no peaks.
        XrdsymError: A process died.
    """
    planned = trials(films, amounts.seeds)
    shape = (amounts.seeds, len(films.labels), len(CLASSES))
    answers = {(scheme, method): np.zeros(shape, np.float32) for scheme in SCHEMES for method in METHODS}
    maps = np.zeros_like(films.profiles)
    run = partial(run_trial, films=films, plain=plain_patterns(structures), amounts=amounts)
    results = map_batches(run, _with_simulated(planned, structures, amounts))
    for trial, (predictions, own_maps) in zip(
        planned, progress_bar(results, total=len(planned), description="trainings", unit="training"), strict=True
    ):
        for method, rows in predictions.items():
            answers[trial.scheme, method][trial.seed, trial.test] = rows
        if trial.scheme == SCHEMES[1] and trial.seed == 0:
            maps[trial.test] = own_maps
    return Answers(answers, maps)


def _with_simulated(
    planned: Sequence[Trial], structures: Mapping[str, Sequence[CrystalStructure]], amounts: Amounts
) -> Iterator[tuple[Trial, Patterns]]:
    """Each trial with the simulated patterns of its seed, which are computed once for each seed."""
    simulated: dict[int, Patterns] = {}
    for trial in planned:
        if trial.seed not in simulated:
            rng = np.random.default_rng(trial.seed)
            simulated = {trial.seed: simulated_patterns(structures, amounts.simulated + amounts.measured, rng)}
        yield trial, simulated[trial.seed]


def run_trial(
    task: tuple[Trial, Patterns], films: Films, plain: Patterns, amounts: Amounts
) -> tuple[dict[str, NDArray[np.float32]], NDArray[np.float32]]:
    """Train each method once and predict the test films; a task for `parallel.map_batches`.

    The nearest neighbour and the forest are trained on the training films and the plain patterns of the structures.

    Args:
        task: The trial and the simulated patterns of its seed.
        films: All films.
        plain: A pattern of each structure without augmentation.
        amounts: The amount of training.

    Returns:
        predictions: Method to the probabilities of the test films, float32 (n, classes).
        maps: The class activation maps of the network's predictions, float32 (n, points).
    """
    import_keras()
    from research.thin_films.network import probabilities, trained
    from xrdsym.models.networks.cam import class_activation_map

    trial, simulated = task
    for_network = training_patterns(films, trial, simulated, amounts)
    unchanged = together(plain, Patterns(films.profiles[trial.train], films.labels[trial.train]))
    test = films.profiles[trial.test]
    neighbour = NearestNeighbour.fit_rows(unchanged.profiles, unchanged.labels, CLASSES, trial.seed)
    forest = RandomForest.fit_rows(unchanged.profiles, unchanged.labels, CLASSES, trial.seed)
    network = trained(for_network, amounts.epochs, seed=trial.seed * FOLDS + trial.fold)
    predictions = dict(
        zip(
            METHODS,
            (neighbour.predict_proba(test), forest.predict_proba(test), probabilities(network, test)),
            strict=True,
        )
    )
    return predictions, class_activation_map(network, test, predictions[METHODS[2]].argmax(axis=1))
