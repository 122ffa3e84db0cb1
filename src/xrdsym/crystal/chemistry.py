"""Families of materials by the elements in their formulas."""

from __future__ import annotations

import re

FAMILIES = ("oxides", "halides", "chalcogenides", "intermetallics")
HALOGENS = frozenset(("F", "Cl", "Br", "I"))
CHALCOGENS = frozenset(("S", "Se", "Te"))
NON_METALS = frozenset("H He B C N O F Ne Si P S Cl Ar Ge As Se Br Kr Sb Te I Xe At Rn Ts Og".split())  # noqa: SIM905 - elements read best in a row
"""Metalloids included."""
_SYMBOL = re.compile(r"[A-Z][a-z]?")


def family(formula: str) -> str | None:
    """Classify a material by its elements; the first rule that holds decides.

    1. An oxide contains oxygen.
    2. A halide contains F, Cl, Br or I.
    3. A chalcogenide contains S, Se or Te.
    4. An intermetallic contains metals only, one or more; metalloids (B, Si, Ge, As, Sb, Te) are not metals here.

    Args:
        formula: A formula such as `BaTiO3`.

    Returns:
        One of `FAMILIES`, or None if no rule holds.
    """
    elements = frozenset(_SYMBOL.findall(formula))
    if "O" in elements:
        return "oxides"
    if elements & HALOGENS:
        return "halides"
    if elements & CHALCOGENS:
        return "chalcogenides"
    return None if elements & NON_METALS else "intermetallics"
