"""Reduced and anonymous formulas in pymatgen's notation."""

from __future__ import annotations

import warnings
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def formulas(numbers: NDArray[np.int16], shares: NDArray[np.float64] | None = None) -> tuple[str, str]:
    """The reduced and the anonymous formula: BaTiO3 and ABC3.

    Args:
        numbers: Atomic numbers from 1 to 118, int16 (n,).
        shares: Occupancy of each atom's site, float64 (n,); None if all are 1. NaN and negative values count as 0.

    Returns:
        Both formulas, empty strings if there are no atoms.
    """
    from pymatgen.core import Composition

    weights = np.ones(len(numbers)) if shares is None else np.maximum(np.nan_to_num(shares), 0)
    amounts = np.bincount(numbers, weights=weights) if len(numbers) else np.zeros(0)
    composition = Composition({_symbols()[int(z)]: float(amounts[z]) for z in np.flatnonzero(amounts)})
    with warnings.catch_warnings():
        # pymatgen sorts a formula by electronegativity and warns that noble gases have none
        warnings.filterwarnings("ignore", message="No Pauling electronegativity")
        return str(composition.reduced_formula), str(composition.anonymized_formula)


@cache
def _symbols() -> tuple[str, ...]:
    """Element symbols by atomic number; number 0 is the empty string."""
    from pymatgen.core import Element

    return ("", *(str(Element.from_Z(number)) for number in range(1, 119)))
