"""What a CIF says that its cell holds, against what its sites and operations make."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xrdsym.sources.cif_block import CifBlock

_AMOUNT = re.compile(r"([A-Z][a-z]?)\s*(\d+\.?\d*|\.\d+)?(?:\(\d+\))?\s*")
_LARGEST = 1e6

ORDERED, DISORDERED = (0.02, 0.0), (0.1, 0.05)
"""Relative deviation of an element's amount, and atoms a formula unit beside it: files round partial occupancies, and
the formula may come from a chemical analysis."""


@dataclass(frozen=True)
class Stated:
    """The formula and the number of formula units in a CIF.

    Attributes:
        text: The formula as the file writes it.
        amounts: Atoms of each element in it; deuterium counts as hydrogen.
        units: Formula units a cell (Z), or None.
    """

    text: str
    amounts: dict[str, float]
    units: float | None

    def __str__(self) -> str:
        """The formula with its Z: `O2 Zr, Z = 2`."""
        return self.text if self.units is None else f"{self.text}, Z = {self.units:g}"

    def agrees(self, built: Mapping[str, float], *, ordered: bool, counts: bool = True) -> bool:
        """Whether a cell holds what the file says.

        Hydrogen may be missing from the cell, as X-rays often do not find it. A formula that is Z times its own unit
        may be that of the cell, as pymatgen and ASE write it.

        Args:
            built: Atoms of each element in the cell.
            ordered: Whether all sites are fully occupied.
            counts: Whether Z is compared, too, rather than the ratios alone.
        """
        stated = dict(self.amounts)
        hydrogen = stated.get("H", 0.0)
        if built.get("H", 0.0) < hydrogen * self._scale(built):
            stated.pop("H", None)
            built = {element: amount for element, amount in built.items() if element != "H"}
        if set(stated) != set(built):
            return False
        scales = [self._scale(built)]
        if counts and self.units is not None:
            scales = [self.units]
            if self.units > 1 and all(_whole(amount / self.units) for amount in self.amounts.values()):
                scales.append(1.0)
        relative, absolute = ORDERED if ordered else DISORDERED
        return any(
            all(
                abs(built[element] - amount * scale)
                <= relative * amount * scale + (absolute + _rounding(amount)) * scale
                for element, amount in stated.items()
            )
            for scale in scales
        )

    def lacks_hydrogen(self, built: Mapping[str, float]) -> bool:
        """Whether the cell holds less hydrogen than the formula."""
        return built.get("H", 0.0) < 0.9 * self.amounts.get("H", 0.0) * self._scale(built)

    def _scale(self, built: Mapping[str, float]) -> float:
        """Formula units a cell by the atoms other than hydrogen."""
        stated = sum(amount for element, amount in self.amounts.items() if element != "H")
        held = sum(amount for element, amount in built.items() if element != "H")
        return held / stated if stated else sum(built.values()) / sum(self.amounts.values())


def stated_formula(block: CifBlock) -> Stated | None:
    """The formula and Z of a block; None where it has no formula that can be read."""
    text = block.word("_chemical_formula_sum")
    if text is None:
        return None
    amounts: dict[str, float] = {}
    position = 0
    for match in _AMOUNT.finditer(text):
        if match.start() != position:
            return None
        position = match.end()
        element = "H" if match[1] in {"D", "T"} else match[1]
        amounts[element] = amounts.get(element, 0.0) + (float(match[2]) if match[2] else 1.0)
    amounts = {element: amount for element, amount in amounts.items() if amount > 0}
    if position != len(text) or not amounts or max(amounts.values()) > _LARGEST:
        return None
    units = block.word("_cell_formula_units_z")
    number = _AMOUNT.fullmatch(f"Z{units}") if units else None
    value = float(number[2]) if number and number[2] else 0.0
    return Stated(" ".join(text.split()), amounts, value or None)


def written(built: Mapping[str, float]) -> str:
    """The atoms of a cell as a formula, elements in alphabetical order: `O8 Zr4`."""
    return " ".join(f"{element}{amount:.6g}" for element, amount in sorted(built.items()))


def _whole(number: float) -> bool:
    return abs(number - round(number)) < 1e-6


def _rounding(amount: float) -> float:
    """Half a unit of the last digit of an amount with decimals; whole amounts are exact."""
    return 0.0 if _whole(amount) else 0.005
