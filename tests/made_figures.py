"""Scores, histories and patterns that the tests of figures and of the report are drawn from."""

from __future__ import annotations

import numpy as np

from xrdsym.crystal.symmetry import CRYSTAL_SYSTEMS
from xrdsym.evaluation.metrics import evaluate
from xrdsym.reporting.pattern_figure import ExamplePattern

CONTEXT = "validation part, n = 300, data: prototypes, split by prototype, 7 classes"


def made_scores() -> dict[str, object]:
    rng = np.random.default_rng(0)
    actual = np.arange(300) % 7
    probabilities = rng.dirichlet(np.ones(7), 300)
    right = rng.random(300) < 0.7
    probabilities[right, actual[right]] += 1
    return evaluate(actual, probabilities / probabilities.sum(1, keepdims=True), classes=CRYSTAL_SYSTEMS, bootstrap=100)


def made_image(seed: int, side: int = 96) -> np.ndarray:
    row = np.random.default_rng(seed).integers(0, 256, (1, side, 3), dtype=np.uint8)
    return np.repeat(row, side, axis=0)


def made_pattern(name: str = "mp-20194", label: str = "cubic") -> ExamplePattern:
    two_theta = np.arange(9001) / 100
    peaks = (20.0, 28.3, 33.1, 47.5, 56.4, 76.7)
    intensity = sum(np.exp(-(((two_theta - peak) / 0.06) ** 2)) / (1 + number) for number, peak in enumerate(peaks))
    return ExamplePattern(name, label, two_theta, np.asarray(intensity), made_image(1), np.array(peaks))


def made_history(epochs: int) -> list[dict[str, float]]:
    return [
        {
            "epoch": epoch,
            "loss": 2.0 / epoch,
            "accuracy": 1 - 0.85 / epoch,
            "val_loss": 2.2 / epoch**0.5,
            "val_accuracy": 0.9 - 0.8 / epoch,
            "val_macro_f1": 0.85 - 0.8 / epoch,
        }
        for epoch in range(1, epochs + 1)
    ]


def made_counts() -> dict[str, list[int]]:
    return {
        "train": [340, 350, 420, 400, 360, 300, 330],
        "validation": [40, 45, 50, 50, 45, 38, 42],
        "test": [42, 43, 52, 49, 44, 39, 41],
    }
