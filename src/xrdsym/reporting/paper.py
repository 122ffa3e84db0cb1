"""The published result that this project starts from, to show beside its own results.

Source: "Determinación del Sistema Cristalino con MobileNetV2": 87,989 structures of the Materials Project, seven
crystal systems, a random split; precision, recall and F1 as printed there, with two decimals.
"""

from __future__ import annotations

from typing import NamedTuple


class PaperScore(NamedTuple):
    """One row of the paper's table."""

    precision: float
    recall: float
    f1: float


PAPER_TABLE: dict[str, PaperScore] = {
    "cubic": PaperScore(0.89, 0.77, 0.83),
    "hexagonal": PaperScore(0.57, 0.44, 0.50),
    "monoclinic": PaperScore(0.53, 0.37, 0.43),
    "orthorhombic": PaperScore(0.45, 0.74, 0.56),
    "tetragonal": PaperScore(0.48, 0.68, 0.56),
    "triclinic": PaperScore(0.72, 0.29, 0.41),
    "trigonal": PaperScore(0.55, 0.43, 0.48),
}
"""Precision, recall and F1 of each crystal system on the paper's validation part."""

PAPER_ACCURACY = 0.54
"""Accuracy on the paper's validation part."""

PAPER_STRUCTURES = 87_989
"""Structures of all parts together; the paper does not state the size of the validation part."""

PAPER_CONTEXT = "the paper: validation part, 87,989 Materials Project structures in all parts, random split, 7 classes"
"""Data behind the scores of the paper."""


def paper_macro_f1() -> float:
    """The mean of the seven printed F1 values; the paper does not state a macro F1."""
    return sum(score.f1 for score in PAPER_TABLE.values()) / len(PAPER_TABLE)
