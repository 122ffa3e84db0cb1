"""The two baselines that need no library: the shares of the classes, and the nearest training profile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from xrdsym.models.baselines.inputs import check_width

if TYPE_CHECKING:
    from collections.abc import Sequence

QUERIES = 512
ROWS = 8192
"""Profiles compared at once: 16 MiB of similarities."""


@dataclass(frozen=True, eq=False)
class Majority:
    """Answers the shares of the classes in training whatever it is given; the largest is the majority.

    Attributes:
        classes: Names of the classes.
        shares: Float32 (classes,).
    """

    name: ClassVar[str] = "majority"
    classes: tuple[str, ...]
    shares: NDArray[np.float32]

    def probabilities(self, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
        """The shares once for each input, float32 (n, classes)."""
        return np.tile(self.shares, (len(inputs), 1))


@dataclass(frozen=True, eq=False)
class NearestNeighbour:
    """Answers the class of the training profile of largest cosine similarity, of several the first.

    The cosine does not see the height of a profile, and for profiles of one length it orders as Euclid's distance
    does. A profile that has nothing in common with any, such as an empty one, is given the majority.

    Attributes:
        classes: Names of the classes.
        rows: The training profiles, each of length 1 or all zero, float32 (n, points).
        labels: Their classes, int64 (n,).
    """

    name: ClassVar[str] = "nearest_neighbour"
    classes: tuple[str, ...]
    rows: NDArray[np.float32]
    labels: NDArray[np.int64]

    def probabilities(self, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
        """1 for the class of the nearest training profile and 0 for the others, float32 (n, classes).

        Args:
            inputs: Profiles, float32 (n, points).

        Raises:
            UsageError: They have another number of points.
        """
        rows, similarity = self.neighbours(inputs)
        majority = np.bincount(self.labels, minlength=len(self.classes)).argmax()
        answers = np.where(similarity > 0, self.labels[rows], majority)
        return np.eye(len(self.classes), dtype=np.float32)[answers]

    def neighbours(self, inputs: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The nearest training profile of each input, int64 (n,), and their cosine, float32 (n,); see above."""
        check_width(self.name, inputs, self.rows.shape[1])
        nearest = np.zeros(len(inputs), np.int64)
        similarity = np.full(len(inputs), -np.inf, np.float32)
        for first in range(0, len(inputs), QUERIES):
            here = slice(first, first + QUERIES)
            queries = unit_rows(inputs[here])
            for begin in range(0, len(self.rows), ROWS):
                found = queries @ self.rows[begin : begin + ROWS].T
                best = found.argmax(axis=1)
                value = found[np.arange(len(found)), best]
                closer = value > similarity[here]
                nearest[here][closer] = best[closer] + begin
                similarity[here][closer] = value[closer]
        return nearest, similarity


def majority_of(labels: NDArray[np.int64], classes: Sequence[str]) -> Majority:
    """The shares of these labels, int64 (n,)."""
    counts = np.bincount(labels, minlength=len(classes))
    return Majority(tuple(classes), (counts / counts.sum()).astype(np.float32))


def unit_rows(profiles: NDArray[np.float32]) -> NDArray[np.float32]:
    """Profiles (n, points) divided by their lengths, float32; those all zero stay so."""
    lengths = np.sqrt(np.einsum("ij,ij->i", profiles, profiles, dtype=np.float64))
    scaled: NDArray[np.float32] = (profiles / np.where(lengths > 0, lengths, 1.0)[:, None]).astype(np.float32)
    return scaled
