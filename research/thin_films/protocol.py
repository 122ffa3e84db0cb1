"""Cross-validation on measured films: no film, and where asked no series, is learnt from and answered for at once."""

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
    """How much is learnt from; the published amounts are the defaults.

    Attributes:
        simulated: Simulated patterns beside the films. Without films there are as many as of both.
        measured: Patterns made from the training films of a fold.
        epochs: Epochs of the network.
        seeds: How often all is done, each time with other folds, draws and first weights.
    """

    simulated: int = 2000
    measured: int = 5000
    epochs: int = 100
    seeds: int = 3


@dataclass(frozen=True, eq=False)
class Trial:
    """One training, and the films that are answered for.

    Attributes:
        scheme: One of `SCHEMES`.
        seed: From 0.
        fold: From 0.
        train: Rows of the films that are learnt from, int64 (m,).
        test: Rows of those that are not, int64 (n,).
    """

    scheme: str
    seed: int
    fold: int
    train: NDArray[np.int64]
    test: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Answers:
    """What was said of all films, each by a model that did not learn from it.

    Attributes:
        probabilities: Scheme and method to float32 (seeds, films, classes).
        maps: The class activation map of each film for the class that the network of the random folds, first seed,
            answered: float32 (films, points).
    """

    probabilities: dict[tuple[str, str], NDArray[np.float32]]
    maps: NDArray[np.float32]


def folds(labels: NDArray[np.int64], groups: NDArray[np.str_], seed: int) -> list[NDArray[np.int64]]:
    """The test rows of each fold: whole groups, the classes as even as they can be.

    Args:
        labels: The class of each row, int64 (n,).
        groups: What may not be divided, str (n,), in `FOLDS` groups or more.
        seed: Of the shuffling.

    Returns:
        `FOLDS` arrays, int64, in which each row occurs once.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    splitter = StratifiedGroupKFold(n_splits=FOLDS, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        # a class with fewer films than folds is not learnt from measured films in some fold
        warnings.filterwarnings("ignore", message="The least populated class", category=UserWarning)
        return [test.astype(np.int64) for _, test in splitter.split(labels, labels, groups)]


def trials(films: Films, seeds: int) -> list[Trial]:
    """All trainings: by simulation alone once a seed, otherwise once a fold and seed."""
    everything = np.arange(len(films.labels))
    found = []
    for seed in range(seeds):
        found.append(Trial(SCHEMES[0], seed, 0, everything[:0], everything))
        for scheme, groups in zip(SCHEMES[1:], (np.array(films.names), films.series), strict=True):
            for fold, test in enumerate(folds(films.labels, groups, seed)):
                found.append(Trial(scheme, seed, fold, np.setdiff1d(everything, test), test))
    return found


def training_patterns(films: Films, trial: Trial, simulated: Patterns, amounts: Amounts) -> Patterns:
    """What the network learns from in a trial: simulated patterns, and films of its training rows, changed at random.

    Args:
        films: All films; only rows of `trial.train` are looked at.
        trial: The trial.
        simulated: As many simulated patterns as of both kinds together.
        amounts: How many of each.
    """
    if not len(trial.train):
        return simulated
    own = Patterns(films.profiles[trial.train], films.labels[trial.train])
    rng = np.random.default_rng([trial.seed, trial.fold, SCHEMES.index(trial.scheme)])
    return together(simulated.first(amounts.simulated), film_patterns(own, amounts.measured, rng))


def cross_validate(films: Films, structures: Mapping[str, Sequence[CrystalStructure]], amounts: Amounts) -> Answers:
    """Train everything in every scheme and let it answer for the films that it did not learn from.

    Trainings run side by side, one process a core.

    Args:
        films: The films.
        structures: Class to the structures that are simulated.
        amounts: How much is learnt from.

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
    for trial, (said, own_maps) in zip(
        planned, progress_bar(results, total=len(planned), description="trainings", unit="training"), strict=True
    ):
        for method, rows in said.items():
            answers[trial.scheme, method][trial.seed, trial.test] = rows
        if trial.scheme == SCHEMES[1] and trial.seed == 0:
            maps[trial.test] = own_maps
    return Answers(answers, maps)


def _with_simulated(
    planned: Sequence[Trial], structures: Mapping[str, Sequence[CrystalStructure]], amounts: Amounts
) -> Iterator[tuple[Trial, Patterns]]:
    """Each trial with the simulated patterns of its seed, drawn once a seed."""
    drawn: dict[int, Patterns] = {}
    for trial in planned:
        if trial.seed not in drawn:
            rng = np.random.default_rng(trial.seed)
            drawn = {trial.seed: simulated_patterns(structures, amounts.simulated + amounts.measured, rng)}
        yield trial, drawn[trial.seed]


def run_trial(
    task: tuple[Trial, Patterns], films: Films, plain: Patterns, amounts: Amounts
) -> tuple[dict[str, NDArray[np.float32]], NDArray[np.float32]]:
    """One training of each method; what a process of `parallel.map_batches` does.

    The nearest neighbour and the forest are given the training films and the plain patterns of the structures.

    Args:
        task: The trial and the simulated patterns of its seed.
        films: All films.
        plain: A pattern of each structure without effects.
        amounts: How much is learnt from.

    Returns:
        Method to the probabilities of the test rows, float32 (n, classes), and the class activation maps of the
        network's answers, float32 (n, points).
    """
    import_keras()
    from research.thin_films.network import probabilities, trained
    from xrdsym.models.networks.cam import class_activation_map

    trial, simulated = task
    shown = training_patterns(films, trial, simulated, amounts)
    as_they_are = together(plain, Patterns(films.profiles[trial.train], films.labels[trial.train]))
    test = films.profiles[trial.test]
    neighbour = NearestNeighbour.fit_rows(as_they_are.profiles, as_they_are.labels, CLASSES, trial.seed)
    forest = RandomForest.fit_rows(as_they_are.profiles, as_they_are.labels, CLASSES, trial.seed)
    network = trained(shown, amounts.epochs, seed=trial.seed * FOLDS + trial.fold)
    said = dict(
        zip(
            METHODS,
            (neighbour.predict_proba(test), forest.predict_proba(test), probabilities(network, test)),
            strict=True,
        )
    )
    return said, class_activation_map(network, test, said[METHODS[2]].argmax(axis=1))
