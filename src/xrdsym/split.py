"""Which materials train, which choose, which test."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from xrdsym.errors import XrdsymError

if TYPE_CHECKING:
    from numpy.typing import NDArray

PARTS = ("train", "validation", "test")


def split(
    classes: NDArray[np.str_],
    groups: NDArray[np.str_] | None,
    *,
    validation: float,
    test: float,
    seed: int,
) -> NDArray[np.str_]:
    """Assign every material to a part, each class in about the same shares everywhere.

    Args:
        classes: The class of each material, (n,).
        groups: A key of each material, (n,); materials with the same key stay in one part. None for a random split.
        validation: Share of the validation part.
        test: Share of the test part.
        seed: The same seed gives the same parts.

    Returns:
        The name of the part of each material, (n,).

    Raises:
        XrdsymError: There are fewer groups than parts.
    """
    if groups is None:
        return _split_random(classes, validation, test, seed)
    return _split_by_group(classes, groups, validation, test, seed)


def _split_random(classes: NDArray[np.str_], validation: float, test: float, seed: int) -> NDArray[np.str_]:
    """Cut each class, shuffled, at the shares; a class of one material goes to the training part."""
    generator = np.random.default_rng(seed)
    parts = np.full(len(classes), PARTS[0], dtype="<U10")
    for name in np.unique(classes):
        members = generator.permutation(np.flatnonzero(classes == name))
        test_count = round(test * len(members))
        validation_count = min(round(validation * len(members)), len(members) - test_count)
        parts[members[:test_count]] = "test"
        parts[members[test_count : test_count + validation_count]] = "validation"
    return parts


def _split_by_group(
    classes: NDArray[np.str_], groups: NDArray[np.str_], validation: float, test: float, seed: int
) -> NDArray[np.str_]:
    """Take one fold for the test, then one of the rest for validation, whole groups each."""
    parts = np.full(len(classes), PARTS[0], dtype="<U10")
    rest = np.arange(len(classes))
    for part, share in (("test", test), ("validation", validation / (1 - test))):
        if share > 0:
            taken = _one_fold(classes[rest], groups[rest], share, seed)
            parts[rest[taken]] = part
            rest = np.delete(rest, taken)
    return parts


def _one_fold(classes: NDArray[np.str_], groups: NDArray[np.str_], share: float, seed: int) -> NDArray[np.intp]:
    """Positions of a fold of about `share`, made of whole groups, the classes as even as they can be."""
    from sklearn.model_selection import StratifiedGroupKFold

    folds = max(2, round(1 / share))
    count = len(np.unique(groups))
    if count < folds:
        msg = (
            f"{count} groups cannot be split into {folds} folds of whole groups. "
            "Add structures, or set split.by to random."
        )
        raise XrdsymError(msg)
    with warnings.catch_warnings():
        # a class with fewer members than folds is allowed: the evaluation says which classes a part lacks
        warnings.filterwarnings("ignore", message="The least populated class", category=UserWarning)
        splitter = StratifiedGroupKFold(n_splits=folds, shuffle=True, random_state=seed)
        _, fold = next(iter(splitter.split(np.zeros(len(classes)), classes, groups)))
    return np.asarray(fold, dtype=np.intp)
