"""Reduced and anonymous formulas, as pymatgen writes them."""

from __future__ import annotations

import warnings
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def formulas(numbers: NDArray[np.int16], shares: NDArray[np.float64] | None = None) -> tuple[str, str]:
    """The reduced formula and the anonymous one: BaTiO3 and ABC3.

    Args:
        numbers: Atomic numbers from 1 to 118, int16 (n,).
        shares: The share of the site that each atom fills, float64 (n,); None where all are 1.
    """
    from pymatgen.core import Composition

    weights = np.ones(len(numbers)) if shares is None else np.maximum(np.nan_to_num(shares), 0)
    amounts = np.bincount(numbers, weights=weights) if len(numbers) else np.zeros(0)
    composition = Composition({_symbols()[int(z)]: float(amounts[z]) for z in np.flatnonzero(amounts)})
    with warnings.catch_warnings():
        # formulas are sorted by electronegativity, which a noble gas lacks
        warnings.filterwarnings("ignore", message="No Pauling electronegativity")
        return str(composition.reduced_formula), str(composition.anonymized_formula)


@cache
def _symbols() -> tuple[str, ...]:
    """Element symbols by atomic number; 0 is none."""
    from pymatgen.core import Element

    return ("", *(str(Element.from_Z(number)) for number in range(1, 119)))
