"""The split of materials into a training, a validation and a test part."""

from __future__ import annotations

import warnings
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from xrdsym.common.errors import XrdsymError

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from numpy.typing import NDArray

PARTS = ("train", "validation", "test")
FINEST_SHARE = 20
"""A share is made of folds of a twentieth or more."""


def read_split(path: Path) -> pd.DataFrame:
    """The table of parts, `data/split.csv`.

    Returns:
        Columns material_id and part, one row a material.

    Raises:
        XrdsymError: The file is missing or broken.
    """
    import pandas as pd

    if not path.is_file():
        msg = f"no split at {path}. Run `dvc repro split` to make it or `dvc pull` to fetch it."
        raise XrdsymError(msg)
    try:
        # pandas' errors of broken text are ValueErrors, all of them
        frame = pd.read_csv(path, dtype=str)
    except ValueError as error:
        msg = (
            f"{path} is not a CSV file ({' '.join(str(error).split())[:200]}). Run `dvc repro split` to make it again."
        )
        raise XrdsymError(msg) from error
    if not {"material_id", "part"} <= set(frame.columns):
        msg = f"{path} has the columns {', '.join(frame.columns)}, expected material_id and part."
        raise XrdsymError(msg)
    if frame["material_id"].duplicated().any() or not frame["part"].isin(PARTS).all():
        msg = f"{path} has a material twice, or parts other than {', '.join(PARTS)}. Run `dvc repro split`."
        raise XrdsymError(msg)
    return frame


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
        XrdsymError: There are too few groups, or too few materials of every class.
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
    """Take the test part, then the validation part from the rest, whole groups each."""
    parts = np.full(len(classes), PARTS[0], dtype="<U10")
    rest = np.arange(len(classes))
    for part, share in (("test", test), ("validation", validation / (1 - test))):
        if share > 0:
            chosen = _chosen(classes[rest], groups[rest], share, seed)
            parts[rest[chosen]] = part
            rest = np.delete(rest, chosen)
    return parts


def _chosen(classes: NDArray[np.str_], groups: NDArray[np.str_], share: float, seed: int) -> NDArray[np.intp]:
    """Positions of about `share` of the materials, in whole groups, the classes as even as they can be."""
    from sklearn.model_selection import StratifiedGroupKFold

    part = max(Fraction(share).limit_denominator(FINEST_SHARE), Fraction(1, FINEST_SHARE))
    count = len(np.unique(groups))
    largest = np.unique(classes, return_counts=True)[1].max()
    if min(count, largest) < part.denominator:
        msg = (
            f"{len(classes)} materials in {count} groups, the largest class with {largest}, cannot be split into "
            f"{part.denominator} folds of whole groups. Add structures, or set split.by to random."
        )
        raise XrdsymError(msg)
    with warnings.catch_warnings():
        # a class with fewer members than folds is allowed: the evaluation says which classes a part lacks
        warnings.filterwarnings("ignore", message="The least populated class", category=UserWarning)
        splitter = StratifiedGroupKFold(n_splits=part.denominator, shuffle=True, random_state=seed)
        folds = [fold for _, fold in splitter.split(np.zeros(len(classes)), classes, groups)]
    return np.concatenate(folds[: part.numerator])
