"""Trials made up with known effects: what they answer is drawn, so that the truth is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xrdsym.crystal.symmetry import CRYSTAL_SYSTEMS
from xrdsym.reporting.paper import PAPER_TABLE
from xrdsym.studies.results import Materials, TrialResult, arm_name

OCCURRENCE = np.array([0.145, 0.077, 0.220, 0.210, 0.121, 0.140, 0.087])
MAJOR, TRICLINIC = CRYSTAL_SYSTEMS.index("orthorhombic"), CRYSTAL_SYSTEMS.index("triclinic")

DATA = {"labels": "1", "peaks": "2", "split": "3"}
MATERIALS = Materials(("mp-1", "mp-2", "mp-3"), np.array([0, 1, 2]), ("NaCl", "MgO", "NaCl"))


@dataclass(frozen=True)
class Answers:
    """What a trial found, as `trial.Outcome` says it."""

    predicted: NDArray[np.int64]
    accuracy: float
    materials: Materials = MATERIALS
    test_materials: Materials | None = None
    test_predicted: NDArray[np.int64] | None = None

    def attributes(self) -> dict[str, Any]:
        metrics = {"val_accuracy": self.accuracy, "val_macro_f1": self.accuracy / 2}
        return {"metrics": metrics, "history": [], "seconds": 2.0, "training_structures": 10}


def made_materials(count: int = 2000, *, seed: int = 0, cluster: int = 1, prefix: str = "mp") -> Materials:
    """Materials of the shares of the paper's set, `cluster` of each composition."""
    rng = np.random.default_rng(seed)
    labels = rng.choice(7, count, p=OCCURRENCE / OCCURRENCE.sum()).astype(np.int64)
    ids = tuple(f"{prefix}-{number}" for number in range(count))
    return Materials(ids, labels, tuple(f"{prefix}{number // cluster}" for number in range(count)))


def answers(labels: np.ndarray, right: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The label where right, else any other class."""
    wrong = (labels + rng.integers(1, 7, len(labels))) % 7
    return np.where(right, labels, wrong).astype(np.int64)


def paper_answers(labels: np.ndarray, seed: int) -> np.ndarray:
    """Answers with the paper's recalls and, closely, its precisions."""
    rng = np.random.default_rng([seed, 54])
    shares = OCCURRENCE / OCCURRENCE.sum()
    recall = np.array([PAPER_TABLE[name].recall for name in CRYSTAL_SYSTEMS])
    precision = np.array([PAPER_TABLE[name].precision for name in CRYSTAL_SYSTEMS])
    false = shares * recall * (1 / precision - 1)
    predicted = labels.copy()
    for row in np.flatnonzero(rng.random(len(labels)) >= recall[labels]):
        weights = false.copy()
        weights[labels[row]] = 0
        predicted[row] = rng.choice(7, p=weights / weights.sum())
    return predicted


def trial(
    materials: Materials,
    predicted: np.ndarray,
    settings: dict[str, Any] | None = None,
    *,
    seed: int = 0,
    number: int = 0,
    study: str = "made",
    trained: int = 10_000,
    epochs: int = 3,
) -> TrialResult:
    """A finished trial with these answers."""
    accuracy = float((predicted == materials.labels).mean())
    history = [
        {"epoch": epoch + 1, "accuracy": accuracy * (0.6 + 0.1 * epoch), "val_accuracy": accuracy * (0.3 + 0.2 * epoch)}
        for epoch in range(epochs)
    ]
    return TrialResult(
        study=study,
        number=number,
        arm=arm_name(settings or {}),
        settings=settings or {},
        seed=seed,
        materials=materials,
        predicted=predicted,
        metrics={"val_accuracy": accuracy},
        history=history,
        seconds=60.0,
        training_structures=trained,
    )


def trial_of(
    materials: Materials,
    accuracy: float,
    settings: dict[str, Any] | None = None,
    *,
    draw: int = 0,
    common: int = 99,
    **facts: Any,  # noqa: ANN401 - those of `trial`
) -> TrialResult:
    """A trial that is right on about this share of the materials; trials of one `common` agree on which are hard."""
    ease = np.random.default_rng(common).normal(size=len(materials.ids))
    rng = np.random.default_rng(draw)
    noisy = ease + 0.7 * rng.normal(size=len(materials.ids))
    right = noisy >= np.quantile(noisy, 1 - accuracy)
    return trial(materials, answers(materials.labels, right, rng), settings, **facts)
