"""The fit of a baseline by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xrdsym.common.errors import UsageError
from xrdsym.config.model_specs import MODEL_SPECS
from xrdsym.models.baselines.inputs import check_training
from xrdsym.models.baselines.search_match import SearchMatch
from xrdsym.models.baselines.simple import Majority, NearestNeighbour, majority_of, unit_rows
from xrdsym.models.baselines.trees import Trees, boosted_trees, random_forest

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray


def fit(
    name: str, inputs: NDArray[np.float32], labels: NDArray[np.int64], classes: Sequence[str], seed: int
) -> Majority | NearestNeighbour | Trees:
    """Train a baseline.

    Args:
        name: A baseline of `MODEL_SPECS`, which says what it reads, but for `search_match`, which has a fit of its own.
        inputs: One row an example, float32 (n, numbers). The nearest neighbour keeps a copy, 4 bytes a number: take
            coarser profiles where memory is short (`near_duplicates.neighbours.every_point`).
        labels: Positions in `classes`, int64 (n,).
        classes: Names of the classes, the order of the probabilities; one may be without an example.
        seed: Of the trees' choices of features and examples.

    Raises:
        UsageError: The name is unknown, or the examples are unfit: see `inputs.check_training`.
    """
    known = [one for one, spec in MODEL_SPECS.items() if spec.module is None and one != SearchMatch.name]
    if name not in known:
        msg = f"there is no baseline {name!r}: use one of {', '.join(known)}"
        raise UsageError(msg)
    check_training(name, inputs, labels, classes, fewest=2 if MODEL_SPECS[name].input == "features" else 1)
    fitted: Majority | NearestNeighbour | Trees
    if name == "majority":
        fitted = majority_of(labels, classes)
    elif name == "nearest_neighbour":
        fitted = NearestNeighbour(tuple(classes), unit_rows(inputs), labels.copy())
    elif name == "random_forest":
        fitted = random_forest(inputs, labels, classes, seed)
    else:
        fitted = boosted_trees(inputs, labels, classes, seed)
    return fitted
